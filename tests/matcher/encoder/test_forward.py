"""A BERT that runs without padding gives what the model itself gives, and little of a batch is padding."""

from typing import Any

import numpy as np
import pytest

from matcher.encoder.encoder import BATCH_TOKENS, token_batches
from matcher.encoder.forward import PaddedForward, UnpaddedBert, choose_forward
from tests.support.small_bert import small_bert

LENGTHS = (7, 19, 3, 19, 40, 12)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small BERT with chance weights, the mean of its tokens as the vector."""
    return small_bert(tmp_path_factory.mktemp("bert"))


def texts() -> list[list[int]]:
    """Token ids of six texts of several lengths."""
    rng = np.random.default_rng(1)
    return [[int(i) for i in rng.integers(2, 500, n)] for n in LENGTHS]


@pytest.mark.parametrize(("precision", "distance"), [("float32", 1e-5), ("bfloat16", 2e-3)])
def test_a_bert_without_padding_gives_the_models_own_vectors(
    model: Any, precision: str, distance: float
) -> None:
    """Whole texts and single tokens, in both kinds of arithmetic, one text alone and several."""
    import torch

    unpadded = UnpaddedBert(model[0].model, getattr(torch, precision))
    padded = PaddedForward(model, model.tokenizer)
    ids = texts()

    for found, expected in zip(unpadded(ids), padded(ids), strict=True):
        assert found.tokens.shape == expected.tokens.shape
        assert _cosine(found.vector, expected.vector) > 1 - distance
        assert min(map(_cosine, found.tokens, expected.tokens)) > 1 - distance
    assert _cosine(unpadded(ids[:1])[0].vector, unpadded(ids)[0].vector) > 1 - distance


def test_what_is_no_plain_bert_runs_as_its_library_runs_it(model: Any) -> None:
    """A BERT with another activation, or whose first token is the vector, is left to the library."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    tokenizer = model.tokenizer
    first = SentenceTransformer(modules=[model[0], Pooling(64, pooling_mode="cls")], device="cpu")

    assert isinstance(choose_forward(model, tokenizer, precision="float32"), UnpaddedBert)
    assert isinstance(choose_forward(first, tokenizer, precision="float32"), PaddedForward)


def test_three_hundredths_of_a_bilingual_batch_are_padding_at_most() -> None:
    """Half Japanese and half English texts, whose tokens are of different length."""
    rng = np.random.default_rng(2)
    lengths = [int(n) for n in rng.lognormal(4.9, 0.5, 3000).clip(8, 512)]

    batches = list(token_batches(lengths))
    computed = sum(max(lengths[i] for i in batch) * len(batch) for batch in batches)

    assert sorted(i for batch in batches for i in batch) == list(range(3000))
    assert computed <= 1.03 * sum(lengths)
    assert all(max(lengths[i] for i in b) * len(b) <= BATCH_TOKENS for b in batches)


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
