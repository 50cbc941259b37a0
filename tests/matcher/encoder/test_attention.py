"""Attention over texts that lie in one row is each text's own, in whatever blocks they are computed."""

from typing import Any

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from matcher.encoder.attention import BLOCK_TOKENS, FEW_TOKENS, LARGEST_SUM, Attention

HEADS, DIMENSION = 4, 32
SEVERAL = [90, 88, 75, 60, 60, 9, 200, 190]


def projected(counts: list[int], *, times: float = 1.0) -> Any:
    """Queries, keys and values side by side for each token."""
    made = torch.Generator().manual_seed(3)
    return (times * torch.randn(sum(counts), 3 * DIMENSION, generator=made)).bfloat16()


def one_by_one(rows: Any, counts: list[int]) -> Any:
    """What the library makes of every text alone, in single precision."""
    found = []
    for text in rows.float().split(counts):
        query, key, value = text.view(1, len(text), 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        attended = scaled_dot_product_attention(query, key, value)
        found.append(attended.transpose(1, 2).reshape(len(text), -1))
    return torch.cat(found)


@pytest.mark.parametrize("is_quick", [True, False])
@pytest.mark.parametrize("counts", [[FEW_TOKENS + 9], [70, 70, 70], SEVERAL, [3, 1]])
def test_each_text_attends_to_itself_alone(counts: list[int], is_quick: bool) -> None:
    """One text, even ones, ones that need padding and several blocks, and very short ones."""
    rows = projected(counts)

    found = Attention(counts, HEADS, is_quick=is_quick)(rows).float()

    assert found.shape == (sum(counts), DIMENSION)
    assert float((found - one_by_one(rows, counts)).abs().max()) < 0.03  # bfloat16 has 8 bits


def test_exponentials_beyond_what_bfloat16_holds_are_left_to_the_library() -> None:
    """Scores of hundreds, whose exponentials are infinite or zero without taking the largest off."""
    counts = [80, 70]
    rows = projected(counts, times=12)
    weights = (rows[:80, :8].float() @ rows[:80, 32:40].float().T) / 8**0.5
    assert float(weights.max()) > float(torch.tensor(LARGEST_SUM).log())

    found = Attention(counts, HEADS, is_quick=True)(rows).float()

    assert bool(found.isfinite().all())
    assert float((found - one_by_one(rows, counts)).abs().max()) < 0.03 * 12 * 4


def test_a_block_is_padded_little_and_fits_into_the_cache() -> None:
    """Texts of a build, sorted by their tokens, and of needs that came together."""
    for counts in (list(range(300, 20, -1)), [30, 45, 80, 120, 147, 230, 350, 500]):
        attention = Attention(counts, HEADS, is_quick=True)
        computed = [block.texts * block.longest for block in attention.blocks]

        assert [b.start for b in attention.blocks][1:] == [b.end for b in attention.blocks][:-1]
        assert attention.blocks[-1].end == sum(counts)
        assert sum(computed) < 1.05 * sum(counts)
        assert all(size <= BLOCK_TOKENS for size in computed)
