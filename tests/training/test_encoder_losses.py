"""The losses of the encoder's training, on vectors small enough to compute by hand.

They are imported while tests run, with PyTorch: collecting tests must not take the seconds that it needs.
"""

import math
from typing import Any

import pytest

RETRIEVAL, TRANSLATION = "RetrievalLoss", "TranslationLoss"


def looking_up(vectors: list[list[float]]) -> Any:
    """Return a model that looks vectors up by token, with weights to train and nothing else."""
    import torch

    class Looked(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.vectors = torch.nn.Parameter(torch.tensor(vectors))

        def forward(self, features: dict[str, torch.Tensor]) -> dict[str, Any]:
            return {"sentence_embedding": self.vectors[features["input_ids"][:, 0]]}

    return Looked()


def column(*tokens: int) -> dict[str, Any]:
    import torch

    ids = torch.tensor(tokens)[:, None]
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def loss_like(kind: str, model: Any, **options: Any) -> Any:
    from training.encoder import losses

    return getattr(losses, kind)(model, **{"temperature": 1.0, "mini_batch": 0} | options)


def loss_of(kind: str, columns: list[dict[str, Any]], mask: Any = None, **options: Any) -> float:
    import torch

    model = looking_up([[1.0, 0.0], [0.0, 1.0], [3.0, 0.0], [0.0, 5.0]])
    nothing = torch.zeros(2, 2, dtype=torch.bool)
    loss = loss_like(kind, model, **options)(columns, nothing if mask is None else mask)
    return float(loss.item())


def test_a_pair_is_told_from_the_other_positives() -> None:
    loss = loss_of(RETRIEVAL, [column(0, 1), column(2, 3)])

    assert loss == pytest.approx(-math.log(math.e / (math.e + 1)))  # cosines 1 and 0


def test_a_lower_temperature_sharpens_the_difference() -> None:
    loss = loss_of(RETRIEVAL, [column(0, 1), column(2, 3)], temperature=0.5)

    assert loss == pytest.approx(-math.log(math.e**2 / (math.e**2 + 1)))


def test_masked_texts_are_not_compared() -> None:
    import torch

    mask = torch.tensor([[False, True], [True, False]])

    assert loss_of(RETRIEVAL, [column(0, 1), column(2, 3)], mask) == pytest.approx(0)


def test_hard_negatives_count_for_the_anchors_only() -> None:
    import torch

    columns = [column(0, 1), column(2, 3), column(0)]
    mask = torch.tensor([[False, True, False], [True, False, True]])

    loss = loss_of(RETRIEVAL, columns, mask)

    assert loss == pytest.approx(math.log(2) / 2 / 2)  # one of two anchors, one of two directions


def test_a_translation_is_told_from_texts_of_both_sides() -> None:
    import torch

    own = torch.eye(4, dtype=torch.bool)

    loss = loss_of(TRANSLATION, [column(0, 1), column(2, 3)], own)

    assert loss == pytest.approx(-math.log(math.e / (math.e + 2)))


@pytest.mark.parametrize("kind", [RETRIEVAL, TRANSLATION])
def test_a_few_texts_at_a_time_give_the_gradients_of_the_whole_batch(
    kind: str,
) -> None:
    import torch

    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(10, 4, generator=generator).tolist()
    columns = [column(0, 1, 2, 3, 4), column(5, 6, 7, 8, 9)]
    mask = torch.eye(10, dtype=torch.bool) if kind == TRANSLATION else torch.zeros(5, 5).bool()
    losses, gradients = [], []
    for mini_batch in (0, 2):
        model = looking_up(vectors)
        loss = loss_like(kind, model, temperature=0.1, mini_batch=mini_batch)(columns, mask)
        loss.backward()
        losses.append(loss.item())
        gradients.append(model.vectors.grad)

    assert losses[0] == pytest.approx(losses[1])
    torch.testing.assert_close(gradients[0], gradients[1])
