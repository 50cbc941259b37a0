"""Numbers of many ranges at once."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Number = TypeVar("Number", bound=np.integer[Any])


def spread_ranges(first: Numbers, after: Numbers) -> tuple[Numbers, Numbers]:
    """Return all numbers of the ranges from `first` to before `after`, and for each which range it is of."""
    counts = np.asarray(after - first, dtype=np.int64)
    before = np.cumsum(counts) - counts
    numbers = np.arange(counts.sum()) + np.repeat(first - before, counts)
    return np.asarray(numbers, dtype=np.int64), np.repeat(np.arange(len(counts)), counts)


def spread_evenly(first: Numbers, counts: Numbers, most: int) -> tuple[Numbers, Numbers]:
    """Return up to `most` numbers of each range, evenly spaced, and for each which range it is of.

    A range begins at `first` and has `counts` numbers; one with no more than `most` is returned whole.
    """
    shown = np.minimum(counts, most)
    place, of = spread_ranges(np.zeros_like(shown), shown)
    return np.asarray(first[of] + place * counts[of] // np.maximum(shown[of], 1)), of


def distinct(numbers: NDArray[Number]) -> NDArray[Number]:
    """Return the different ones of the numbers, ascending; faster than `numpy.unique`."""
    ordered = np.sort(numbers)
    return ordered[group_starts(ordered)]


def distinct_places(numbers: NDArray[Number]) -> tuple[NDArray[Number], Numbers]:
    """Return the different ones of the numbers, ascending, and for each number its place among them."""
    found = distinct(numbers)
    return found, found.searchsorted(numbers)


def group_starts(ordered: NDArray[np.integer[Any]]) -> Numbers:
    """Return where each run of equal numbers begins; equal ones stand together."""
    if not len(ordered):
        return np.zeros(0, dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])
