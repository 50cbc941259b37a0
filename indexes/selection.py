"""Some of the rows of an index, a bit each: what a filter leaves, for searches by vectors and by words."""

import math

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Selection:
    """Rows chosen among 0…n-1; `count` of them. The bits lie as FAISS reads them, the lowest first."""

    def __init__(self, bits: NDArray[np.uint8], n_rows: int) -> None:
        self.bits = bits
        self.n_rows = n_rows
        self.count = int(np.bitwise_count(bits).sum(dtype=np.int64))

    @classmethod
    def of(cls, flags: Flags) -> "Selection":
        """Return the rows that are flagged."""
        return cls(np.packbits(flags, bitorder="little"), len(flags))

    @classmethod
    def of_rows(cls, rows: Rows, n_rows: int) -> "Selection":
        """Return these rows, in any order."""
        flags = np.zeros(n_rows, dtype=bool)
        flags[rows] = True
        return cls.of(flags)

    def holds(self, rows: Rows) -> Flags:
        """Say of each of the rows whether it is chosen."""
        return np.asarray((self.bits[rows >> 3] >> (rows & 7)) & 1 == 1)

    def rows(self) -> Rows:
        """Return the rows, ascending; takes memory by all rows there are."""
        return np.flatnonzero(np.unpackbits(self.bits, count=self.n_rows, bitorder="little"))

    def enough_for(self, top_k: int) -> int:
        """Return among how many rows of a search about `top_k` are chosen, a fifth more for safety."""
        share = max(self.count, 1) / max(self.n_rows, 1)
        return math.ceil(1.2 * top_k / share)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Selection) and np.array_equal(self.bits, other.bits)

    def __hash__(self) -> int:
        return hash((self.n_rows, self.count))
