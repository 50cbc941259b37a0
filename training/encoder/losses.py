"""The losses: contrastive, with the other texts of the batch as negatives unless they are masked.

Both are InfoNCE (van den Oord et al. 2018) on cosines divided by a temperature. Importing this
loads sentence-transformers.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import torch
from sentence_transformers.base.losses.gradcache import CachedLossMixin
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize

WHOLE_BATCH_CHUNK = 32  # texts a pass when the whole batch is kept: chunks waste less padding


class MaskedLoss(CachedLossMixin, torch.nn.Module, ABC):  # type: ignore[misc]
    """Embeds the columns of a batch and compares them; `labels` is the mask of `TrainingBatch`.

    With `mini_batch` texts at a time and cached gradients, or with the whole batch when it is 0.
    """

    def __init__(self, model: Any, *, temperature: float, mini_batch: int) -> None:
        super().__init__()
        self.model = model
        self.temperature = temperature
        self.mini_batch_size = mini_batch or WHOLE_BATCH_CHUNK
        self.uses_gradient_cache = mini_batch > 0

    def forward(self, features: Iterable[dict[str, Tensor]], labels: Tensor) -> Tensor:
        """Return the batch's loss from its tokenised columns: anchors, positives, negatives."""
        columns = list(features)
        if self.uses_gradient_cache and len(labels) > self.mini_batch_size:
            return self.forward_cached(columns, labels)
        embedded = [
            [vectors for vectors, _ in self.embed_minibatch_iter(column, True, False)]
            for column in columns
        ]
        return self.calculate_loss(embedded, labels)

    def calculate_loss(
        self, reps: list[list[Tensor]], labels: Tensor, *, with_backward: bool = False
    ) -> Tensor:
        """Return the loss from the vectors of each column, in float32 whatever they are in."""
        with torch.autocast(labels.device.type, enabled=False):
            columns = [normalize(torch.cat(parts).float(), dim=-1) for parts in reps]
            loss = self.compare(columns, labels)
            if with_backward:
                loss.backward()
                loss = loss.detach()
        return loss

    @abstractmethod
    def compare(self, columns: list[Tensor], mask: Tensor) -> Tensor:
        """Return the loss from unit vectors; the columns have the shape (texts, dimension)."""


class RetrievalLoss(MaskedLoss):
    """Each anchor finds its positive among positives and negatives, each positive its anchor."""

    def compare(self, columns: list[Tensor], mask: Tensor) -> Tensor:
        """Return the mean of both directions."""
        anchors, pairs = columns[0], len(columns[0])
        logits = anchors @ torch.cat(columns[1:]).T / self.temperature
        logits = logits.masked_fill(mask, -torch.inf)
        own = torch.arange(pairs, device=logits.device)
        forth = cross_entropy(logits, own)
        back = cross_entropy(logits[:, :pairs].T, own)
        return (forth + back) / 2


class TranslationLoss(MaskedLoss):
    """Each text finds its translation among all texts of the batch, those of its language too.

    That keeps translations together and apart from what merely shares their language.
    """

    def compare(self, columns: list[Tensor], mask: Tensor) -> Tensor:
        """Return the mean over the texts of both sides."""
        texts, pairs = torch.cat(columns[:2]), len(columns[0])
        logits = (texts @ texts.T / self.temperature).masked_fill(mask, -torch.inf)
        own = torch.arange(pairs, device=logits.device)
        return cross_entropy(logits, torch.cat([own + pairs, own]))
