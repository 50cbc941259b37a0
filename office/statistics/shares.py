"""Intervals of shares: a bootstrap over needs (or cases), of which one may have many lists or contacts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 400
FEWEST_NEEDS = 10  # with fewer no interval is told
QUANTILES = (0.025, 0.975)
FloatArray = NDArray[np.float64]
Interval = tuple[float, float]


def column_share(counts: FloatArray, place: int) -> float:
    """Return a column's share of all of a table; 0 where there is nothing."""
    total = float(counts.sum())
    return float(counts[:, place].sum()) / total if total else 0.0


def share_intervals(counts: FloatArray) -> Sequence[Interval | None]:
    """Return the 95 % interval of each column's share, resampling the rows that hold something.

    None for all columns where fewer than FEWEST_NEEDS rows do.
    """
    told = counts[counts.sum(axis=1) > 0]
    if len(told) < FEWEST_NEEDS:
        return [None] * counts.shape[1]
    return _quantiles(_shares(_weights(len(told)), told))


def ratio_intervals(part: FloatArray, whole: FloatArray) -> list[Interval]:
    """Return the 95 % interval of each column's share in `part` over its share in `whole`, by their rows."""
    if not len(part):
        return []
    weights = _weights(len(part))
    shares = [_shares(weights, one) for one in (part, whole)]
    ratios = np.divide(shares[0], shares[1], out=np.ones_like(shares[0]), where=shares[1] > 0)
    return _quantiles(ratios)


def _weights(rows: int) -> FloatArray:
    rng = np.random.default_rng(0)  # the same lists give the same interval
    drawn = rng.multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES)
    return drawn.astype(np.float64)


def _shares(weights: FloatArray, counts: FloatArray) -> FloatArray:
    totals = (weights @ counts.sum(axis=1))[:, None]
    sums: FloatArray = weights @ counts
    shares: FloatArray = np.divide(sums, totals, out=np.zeros_like(sums), where=totals > 0)
    return shares


def _quantiles(resampled: FloatArray) -> list[Interval]:
    low, high = np.quantile(resampled, QUANTILES, axis=0)
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]
