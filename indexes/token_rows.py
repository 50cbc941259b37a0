"""The tokens of rows: which stand in a row and how often, read from disk where a need touches them.

Knows numbers of tokens and rows only. What is asked for takes memory by the rows asked for, never by all rows
or all tokens there are.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.ranges import spread_ranges

Rows = NDArray[np.int64]
MOST_COUNTED = 255  # occurrences of a token in a row: as many say no more
_FEWEST_BITS = 16


@dataclass(frozen=True)
class Meetings:
    """Where rows have tokens that are sought, by row and in a row by token.

    `row` is the place among the rows asked for, `sought` that among the tokens, `count` how often the row has
    the token and `length` how many tokens it has.
    """

    row: Rows
    sought: NDArray[np.integer[Any]]
    count: NDArray[np.uint8]
    length: NDArray[np.int32]


@dataclass(frozen=True)
class TokenRows:
    """The tokens of each row: those of row i are `ids[borders[i]:borders[i + 1]]`, with their counts.

    `rows` (ascending) numbers the rows among all languages, `lengths` are in tokens, `frequencies` says of
    each token in how many of the rows it stands that make statistics.
    """

    rows: Rows
    lengths: NDArray[np.int32]
    borders: NDArray[Any]  # of 32 bits where these suffice, else of 64
    ids: NDArray[np.int32]
    counts: NDArray[np.uint8]
    frequencies: NDArray[np.int32]

    @classmethod
    def load(cls, folder: Path) -> "TokenRows":
        """Map the arrays: what a need does not touch stays on disk."""
        names = cls.__dataclass_fields__
        # as plain arrays: what is taken out of numpy.memmap would be one, too, and slow
        return cls(**{n: np.asarray(np.load(folder / f"{n}.npy", mmap_mode="r")) for n in names})

    @classmethod
    def of_none(cls) -> "TokenRows":
        """Return no rows."""
        rows, few = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
        borders = np.zeros(1, dtype=np.int64)
        return cls(rows, few, borders, few, np.zeros(0, dtype=np.uint8), few)

    def meetings(self, rows: Rows, sought: NDArray[np.int64]) -> Meetings:
        """Return where the rows, numbered among all, have the tokens `sought` (places, ascending)."""
        at = np.searchsorted(self.rows, rows)
        ids, counts, first = self._tokens_of(at)
        mask = _telling(sought)
        flags, place = np.zeros(mask + 1, dtype=bool), np.zeros(mask + 1, dtype=np.int32)
        flags[sought & mask] = True
        place[sought & mask] = np.arange(len(sought))
        near = np.flatnonzero(flags.take(ids & mask))
        found = ids.take(near)
        which = place.take(found & mask)
        met = sought[which] == found if len(sought) else np.zeros(0, dtype=bool)
        if not met.all():
            near, which = near[met], which[met]
        # how many of those before each row's first: a row without tokens has none
        before = np.searchsorted(near, first)
        row = np.repeat(np.arange(len(at)), np.diff(before))
        return Meetings(row, which, counts[near], self.lengths[at[row]])

    def _tokens_of(
        self, at: Rows
    ) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.integer[Any]]]:
        """Return tokens and counts of rows, row by row, and where each row's begin, and the end."""
        if self._matrix is not None:
            some = self._matrix[at.astype(np.int32)]
            return some.indices, some.data, some.indptr
        places, _ = spread_ranges(self.borders[at], self.borders[at + 1])
        sizes = self.borders[at + 1] - self.borders[at]
        return self.ids[places], self.counts[places], np.concatenate([[0], np.cumsum(sizes)])

    @cached_property
    def _matrix(self) -> Any:
        """The tokens as SciPy's matrix, which copies rows ten times as fast as NumPy's indexing.

        None where its numbers of 32 bits are too short: SciPy would copy all tokens into longer ones.
        """
        if self.borders.dtype != np.int32:
            return None
        from scipy.sparse import csr_array

        shape = (len(self.rows), len(self.frequencies))
        return csr_array((self.counts, self.ids, self.borders), shape=shape, copy=False)


def _telling(sought: NDArray[np.int64]) -> int:
    """Return a mask of as many last bits as tell the tokens apart, so that a table of them is short."""
    bits = _FEWEST_BITS
    while len(np.unique(sought & ((1 << bits) - 1))) < len(sought):
        bits += 1
    return (1 << bits) - 1


class SampledRows:
    """The tokens of a few rows that every need is compared with, by token: a need reads its own alone."""

    def __init__(self, arrays: TokenRows, rows: Rows) -> None:
        at = np.searchsorted(arrays.rows, rows)
        places, of = spread_ranges(arrays.borders[at], arrays.borders[at + 1])
        order = np.argsort(arrays.ids[places], kind="stable")
        self.n_rows = len(rows)
        self._ids = arrays.ids[places][order]
        self._rows = of[order]
        self._counts = arrays.counts[places][order]
        self._lengths = arrays.lengths[at]

    def meetings(self, sought: NDArray[np.int64]) -> Meetings:
        """Return where the rows have the tokens `sought` (places, ascending), by token."""
        first = np.searchsorted(self._ids, sought, side="left")
        entries, which = spread_ranges(first, np.searchsorted(self._ids, sought, side="right"))
        row = self._rows[entries]
        return Meetings(row, which, self._counts[entries], self._lengths[row])
