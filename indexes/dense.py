"""Nearest rows by inner product, with the filter applied before the search.

Exact while rows are few: vectors as they are, mapped from their file. Beyond that `coded_search` finds rows
by their codes, and the vectors lie on disk in eight bits (`stored_rows`). A search among few of the rows
stays exact.

Knows rows and vectors only.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.coded_search import LEAST_ROWS, CodedSearch, best_of, selector_of
from indexes.errors import DimensionFault
from indexes.flat_rows import FlatRows
from indexes.selection import Selection
from indexes.stored_rows import EightBitRows, StoredRows, in_eight_bits, products

FILE_NAME = "dense.faiss"
ROWS_NAME = "dense_rows"
EXACT_BELOW = 500_000  # rows; docs/scale.md has the times on either side
MEASURED_DEPTH = 3000  # rows of a search for which the recall holds
EXACT_AMONG = 20_000  # so many rows that a filter left are compared one by one
_MORE = 32  # rows that are asked for besides, to see which are as near as the last
_ROUNDED = 2e-6  # by how much two ways of summing a product of unit vectors differ, at most


class DenseIndex:
    """Rows 0…n-1 of unit vectors, searched by FAISS; `recall` is 1.0 where the search is exact."""

    def __init__(
        self, index: Any, rows: StoredRows, recall: float = 1.0, in_statistics: int | None = None
    ) -> None:
        self._index = index
        self._rows = rows
        self._in_statistics = len(rows) if in_statistics is None else in_statistics
        self._coded = CodedSearch(index) if hasattr(index, "nlist") else None
        self.recall = recall

    @classmethod
    def build(
        cls,
        vectors: StoredRows,
        *,
        in_statistics: NDArray[np.bool_] | None = None,
        exact_below: int = EXACT_BELOW,
        depth: int = MEASURED_DEPTH,
    ) -> "DenseIndex":
        """Index the rows of `vectors`, shape (n_rows, dimension), by codes from `exact_below` on.

        `in_statistics` says which rows decide on the way of searching (None: all): a row that not every
        caller may see is found, and changes nothing in how others are.
        """
        rows = np.arange(len(vectors)) if in_statistics is None else np.flatnonzero(in_statistics)
        if len(rows) >= max(exact_below, LEAST_ROWS):
            stored = vectors if isinstance(vectors, EightBitRows) else _in_memory(vectors)
            coded = CodedSearch.build(stored, rows)
            return cls(coded.index, stored, coded.widen_until_found(stored, rows, depth), len(rows))
        flat = _faiss().IndexFlatIP(vectors.shape[1])
        flat.add(np.ascontiguousarray(vectors[:], dtype=np.float32))
        return cls(flat, FlatRows(flat), in_statistics=len(rows))

    @classmethod
    def taken_over(
        cls,
        folder: Path,
        vectors: StoredRows,
        before: NDArray[np.int64],
        *,
        recall: float,
        in_statistics: NDArray[np.bool_],
    ) -> "DenseIndex | None":
        """Index `vectors` with the cells and codes of the index in a folder; None where that has none.

        `before` says of each row where it stands there, or -1; `recall` is what was measured there.
        """
        index = _faiss().read_index(str(folder / FILE_NAME))
        if not hasattr(index, "nlist") or not isinstance(vectors, EightBitRows):
            return None
        coded = CodedSearch.taken_over(index, vectors, before)
        return cls(coded.index, vectors, recall, int(in_statistics.sum()))

    @classmethod
    def load(
        cls, folder: Path, recall: float = 1.0, in_statistics: int | None = None
    ) -> "DenseIndex":
        """Map what `save` wrote; `recall` and `in_statistics` are what `describe` said of it."""
        faiss = _faiss()
        index = faiss.read_index(str(folder / FILE_NAME), faiss.IO_FLAG_MMAP_IFC)
        rows: StoredRows = FlatRows(index)
        if hasattr(index, "nlist"):
            rows = EightBitRows.load(folder / ROWS_NAME, int(index.ntotal), int(index.d))
        return cls(index, rows, recall, in_statistics)

    def save(self, folder: Path) -> None:
        """Write the index into an existing folder; raises OSError when the disk is full.

        Rows in eight bits that lie there already are left as they are.
        """
        # FAISS's own writer reports a full disk late or not at all
        (folder / FILE_NAME).write_bytes(_faiss().serialize_index(self._index).data)
        if isinstance(self._rows, EightBitRows) and not (folder / ROWS_NAME).exists():
            self._rows.save(folder / ROWS_NAME)

    def describe(self) -> dict[str, object]:
        """Return the way of searching, for a manifest: kind and recall, cells and cells read."""
        measured: dict[str, object] = {"recall": self.recall, "counted": self._in_statistics}
        if self._coded is None:
            return {"kind": "exact", **measured}
        cells = {"cells": self._coded.n_cells, "cells_read": self._coded.cells_read}
        return {"kind": "ivf", **measured, **cells}

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        return len(self._rows)

    def search(
        self, vector: NDArray[np.float32], top_k: int, allowed: Selection | None = None
    ) -> NDArray[np.int64]:
        """Return the rows nearest to `vector`, best first: min(top_k, allowed rows) of them.

        `allowed` limits the search to these rows; None allows all.
        """
        self._check_dimension(vector)
        count = min(top_k, len(self) if allowed is None else allowed.count)
        if count == 0:
            return np.zeros(0, dtype=np.int64)
        if self._coded is not None:
            return self._search_codes(self._coded, vector, count, allowed)
        return self._search_all(vector, count, allowed)

    def search_many(
        self, vectors: NDArray[np.float32], top_k: int, allowed: Selection | None = None
    ) -> list[NDArray[np.int64]]:
        """Return what `search` returns of each vector, in any order of rows.

        An exact index is multiplied with all of them at once, in a third of the time; takes four bytes of
        memory a row and vector.
        """
        most = len(self) if allowed is None else allowed.count
        wanted = min(top_k + _MORE, most)
        if not isinstance(self._rows, FlatRows) or most <= top_k:
            return [self.search(vector, top_k, allowed) for vector in vectors]
        self._check_dimension(vectors)
        left = None if allowed is None else allowed.rows()
        found = []
        for vector, every in zip(vectors, self._rows.products(vectors), strict=True):
            near = every if left is None else every[left]
            best = np.argpartition(near, most - wanted)[most - wanted :]
            best = best[np.argsort(-near[best])]
            rows = best if left is None else left[best]
            settled = self._settled(vector, rows, near[best], top_k, are_all=wanted == most)
            found.append(self._search_all(vector, top_k, allowed) if settled is None else settled)
        return found

    def _search_all(
        self, vector: NDArray[np.float32], count: int, allowed: Selection | None
    ) -> NDArray[np.int64]:
        """Return the nearest rows exactly: of equally near ones the first, as `best_of` does.

        FAISS cuts equal ones as it meets them, and its products differ from ours in the last digit: so it is
        asked for a few more, and those near the border are compared anew.
        """
        most = len(self) if allowed is None else allowed.count
        selector = None if allowed is None else selector_of(allowed)
        params = _faiss().SearchParameters(sel=selector) if selector else None
        asked = np.ascontiguousarray(vector[None, :], dtype=np.float32)
        wanted = min(count + _MORE, most)
        while True:
            found, rows = (one[0] for one in self._index.search(asked, wanted, params=params))
            settled = self._settled(vector, rows, found, count, are_all=wanted == most)
            if settled is not None:
                return settled
            wanted = min(4 * wanted, most)

    def _settled(
        self,
        vector: NDArray[np.float32],
        rows: NDArray[np.int64],
        found: NDArray[np.float32],
        count: int,
        *,
        are_all: bool,
    ) -> NDArray[np.int64] | None:
        """Return the `count` nearest of rows found, the best first; None if others may be as near.

        `found` are their products, which may differ from ours in the last digit.
        """
        if not are_all and found[count - 1] - found[-1] <= 2 * _ROUNDED:
            return None
        rows = np.asarray(rows, dtype=np.int64)
        sure = found > found[count - 1] + _ROUNDED
        level = np.sort(rows[np.abs(found - found[count - 1]) <= _ROUNDED])
        left = count - int(sure.sum())
        nearest = best_of(level, self.similarities(vector, level), left)
        return np.concatenate([rows[sure], nearest])

    def _search_codes(
        self,
        coded: CodedSearch,
        vector: NDArray[np.float32],
        count: int,
        allowed: Selection | None,
    ) -> NDArray[np.int64]:
        if allowed is None:
            share, selector = 1.0, None
        elif allowed.count <= max(EXACT_AMONG, count):
            rows = allowed.rows()
            return best_of(rows, self.similarities(vector, rows), count)
        else:
            share, selector = allowed.count / self._in_statistics, selector_of(allowed)
        # asked for more than the recall was measured for, the nearest cells may not hold enough; where a
        # filter leaves a part of the rows, the nearest ones lie in so many more cells
        wide = coded.cells_read if share >= 1 else int(np.ceil(coded.cells_read / share))
        cells = coded.n_cells if count > MEASURED_DEPTH else wide
        return coded.refined(vector, count, cells, selector, self._rows)

    def similarities(
        self, vector: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the inner products of `vector` with the given rows, in their order."""
        self._check_dimension(vector)
        if len(rows) == 0:
            return np.zeros(0, dtype=np.float32)
        if self._coded is None:
            return self._in_place(vector, rows)
        return products(self.vectors(rows), vector)

    def _in_place(
        self, vector: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the inner products with rows of an exact index, which are not copied to be multiplied.

        Each is computed alone, so that it is the same whichever rows are beside it.
        """
        if rows.min() < 0 or rows.max() >= len(self):
            raise IndexError(f"a row that is not among the {len(self)} there are")
        faiss, found = _faiss(), np.empty(len(rows), dtype=np.float32)
        asked = np.ascontiguousarray(vector, dtype=np.float32)
        wanted = np.ascontiguousarray(rows, dtype=np.int64)
        pointers = (faiss.swig_ptr(one) for one in (found, asked, wanted))
        products_at, sought, places = pointers
        faiss.fvec_inner_products_by_idx(
            products_at, sought, self._index.get_xb(), places, self.dimension, 1, len(rows)
        )
        return found

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the stored vectors of the given rows, shape (n, dimension)."""
        return np.asarray(self._rows[rows], dtype=np.float32)

    def _check_dimension(self, vector: NDArray[np.float32]) -> None:
        if vector.shape[-1] != self.dimension:
            raise DimensionFault(
                "Query vectors have %(found)s dimensions, the index %(expected)s",
                found=vector.shape[-1],
                expected=self.dimension,
            )


def _in_memory(vectors: StoredRows) -> EightBitRows:
    return EightBitRows(*in_eight_bits(np.asarray(vectors[:], dtype=np.float32)))


def _faiss() -> Any:
    """Return the library; its stubs do not know half of what it takes."""
    import faiss

    return faiss
