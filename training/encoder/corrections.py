"""What is trained of the encoder, and how it becomes an adapter.

LoRA trains small pairs of matrices beside the model's own. Full tuning trains the matrices of all layers
themselves (embeddings, biases and norms stay as they are), and the adapter is the best low-rank
approximation of what changed: for W' - W = U S V^T, A = sqrt(S_r) V_r^T and B = U_r sqrt(S_r) with the r
largest singular values (Eckart and Young 1936). Importing this loads torch.
"""

import re
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import set_seed

from matcher.encoder.adapter import Adapter, merge_adapter
from training.encoder.recipe import Recipe

UNUSED_LAYERS = r".*pooler.*"
WEIGHTS_NAME = "adapter.safetensors"
_TINY = 1e-12  # of a singular value's root: nothing changed there
_MATRIX = re.compile(r"encoder\.layer\.\d+\..*\.weight")


class LowRank:
    """A fresh LoRA adapter on all linear layers of a sentence-transformers model."""

    retained = 1.0

    def __init__(self, model: Any, recipe: Recipe) -> None:
        self._model = model
        self.config = lora_config(recipe.rank, recipe.alpha)
        set_seed(recipe.random_state)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of transformers, for peft to act on
            model.add_adapter(self.config)

    def weights(self) -> dict[str, Tensor]:
        """Return the adapter's weights by peft's names, on the processor and in one piece each."""
        state = self._model.get_adapter_state_dict()
        return {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}

    def save(self, folder: Any) -> None:
        """Write what a resumption needs."""
        save_file(self.weights(), folder / WEIGHTS_NAME)

    def load(self, folder: Any) -> None:
        """Go on from what `save` wrote."""
        from peft import set_peft_model_state_dict

        set_peft_model_state_dict(self._model.transformers_model, load_file(folder / WEIGHTS_NAME))


class FullTuning:
    """All matrices of the layers of a model, trained as they are and cut to `rank` at the end.

    `start` is the adapter from which the training goes on; the cut is of all that differs from the model
    without it, so one adapter remains however many trainings follow each other.
    """

    def __init__(self, model: Any, recipe: Recipe, start: Adapter | None = None) -> None:
        self._rank = recipe.rank
        self.config = lora_config(recipe.rank, recipe.rank)
        set_seed(recipe.random_state)
        self._matrices = layer_matrices(model)
        model.requires_grad_(False)
        for matrix in self._matrices.values():
            matrix.requires_grad_(True)
        self._before = {name: m.detach().clone() for name, m in self._matrices.items()}
        if start is not None:
            merge_adapter(model, start, base_checksum=start.base_checksum)
        self.retained = 1.0

    def weights(self) -> dict[str, Tensor]:
        """Return the low-rank correction by peft's names, and note what share of the change it keeps."""
        kept = total = 0.0
        pairs: dict[str, Tensor] = {}
        for name, matrix in self._matrices.items():
            change = matrix.detach().float() - self._before[name].to(matrix.device).float()
            a, b = cut(change, self._rank)
            kept += float(torch.linalg.matrix_norm(b @ a)) ** 2
            total += float(torch.linalg.matrix_norm(change)) ** 2
            stem = name.removesuffix(".weight")
            pairs[f"{stem}.lora_A.weight"] = a.cpu().contiguous()
            pairs[f"{stem}.lora_B.weight"] = b.cpu().contiguous()
        self.retained = kept / total if total else 1.0
        return pairs

    def save(self, folder: Any) -> None:
        """Write what a resumption needs."""
        save_file(
            {n: m.detach().contiguous() for n, m in self._matrices.items()}, folder / WEIGHTS_NAME
        )

    def load(self, folder: Any) -> None:
        """Go on from what `save` wrote."""
        stored: Mapping[str, Tensor] = load_file(folder / WEIGHTS_NAME)
        with torch.no_grad():
            for name, matrix in self._matrices.items():
                matrix.copy_(stored[name])


def layer_matrices(model: Any) -> dict[str, torch.nn.Parameter]:
    """Return the matrices of a sentence-transformers model's layers by name, without the embeddings."""
    named = model.transformers_model.named_parameters()
    return {name: p for name, p in named if p.ndim == 2 and _MATRIX.fullmatch(name)}


Correction = LowRank | FullTuning


def correction_of(model: Any, recipe: Recipe, start: Adapter | None = None) -> Correction:
    """Prepare a sentence-transformers model for the recipe's kind of training.

    The dropout of its layers becomes the recipe's, and attention is computed as it stands: on processors
    that trains a third faster than the fused kernels, whose backward pass is slow there. `start` is an
    adapter for this very model.
    """
    model.transformers_model.set_attn_implementation("eager")
    correction = FullTuning(model, recipe, start) if recipe.full else LowRank(model, recipe)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = recipe.dropout
    return correction


def cut(change: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Return A (rank, in) and B (out, rank), whose product B A is the nearest of that rank."""
    if change.shape[0] < change.shape[1]:
        a, b = cut(change.T, rank)
        return b.T, a.T
    # the eigenvectors of the small Gram matrix, in double precision: forty times as fast as the singular
    # value decomposition of the matrix on two cores
    exact = change.double()
    values, vectors = torch.linalg.eigh(exact.T @ exact)
    right = vectors.flip(1)[:, :rank]
    root = values.flip(0)[:rank].clamp(min=0).sqrt().sqrt().clamp(min=_TINY)
    return (root[:, None] * right.T).float(), (exact @ right / root).float()


def lora_config(rank: int, alpha: int) -> Any:
    """Return peft's description of corrections of all linear layers."""
    from peft import LoraConfig

    return LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=0.0,
        target_modules="all-linear",
        exclude_modules=UNUSED_LAYERS,
    )
