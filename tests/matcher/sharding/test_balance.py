"""Shards are about equally large, and people stay where they are."""

import numpy as np
import pytest

from matcher.sharding.balance import ROOM, divide


def people(count: int, productive: int) -> tuple[np.ndarray, np.ndarray]:
    """Return checksums, and work: most have some passages, a few have thousands."""
    rng = np.random.default_rng(0)
    work = rng.lognormal(2, 1, count).astype(np.int64)
    work[:productive] = rng.integers(1_000, 5_000, productive)
    return rng.integers(2**32, size=count), work


@pytest.mark.parametrize("n_shards", [1, 2, 3, 8, 16])
def test_shards_are_about_equally_large_though_some_people_have_thousands_of_works(
    n_shards: int,
) -> None:
    checksums, work = people(20_000, 12)

    shard = divide(checksums, work, n_shards)

    sizes = np.bincount(shard, weights=work, minlength=n_shards)
    assert sizes.max() <= 1.1 * sizes.mean()
    assert np.bincount(checksums % n_shards, weights=work).max() >= sizes.max()


def test_almost_everybody_stays_when_a_hundredth_changes() -> None:
    checksums, work = people(20_000, 12)
    later = work.copy()
    later[::100] += 5

    moved = divide(checksums, work, 8) != divide(checksums, later, 8)

    assert moved.mean() < 0.01


def test_somebody_with_more_than_a_share_has_a_shard_with_few_others() -> None:
    checksums, work = np.arange(10), np.array([1_000, *[10] * 9])

    shard = divide(checksums, work, 3)

    assert list(shard).count(shard[0]) == 1
    assert set(shard) == {0, 1, 2}


def test_nobody_and_nothing_are_divided_too() -> None:
    nothing = np.zeros(0, dtype=np.int64)

    assert len(divide(nothing, nothing, 4)) == 0
    assert set(divide(np.arange(8), np.zeros(8, dtype=np.int64), 4)) == {0, 1, 2, 3}
    assert ROOM > 1
