"""Nearest rows by inner product, with the filter applied before the search.

Exact while rows are few. Beyond that, rows lie in cells (an inverted file, IVF) and a search reads
the nearest cells only: as many as it takes to find RECALL_TARGET of the rows that an exact search
finds, measured when the index is built. A search among some of the rows stays exact.

Knows rows and vectors only.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.errors import DimensionFault

FILE_NAME = "dense.faiss"
EXACT_BELOW = 500_000  # rows; docs/indexing.md has the times on either side
MEASURED_DEPTH = 3000  # rows of a search for which the recall holds
RECALL_TARGET = 0.99
EXACT_SHARE = 0.9  # a filter that leaves less of the rows is searched exactly
_MARGIN = 0.0025  # rows that are stored find up to .002 more than needs, which are not
_MEASURED_QUERIES = 100
_TRAINED_ROWS_PER_CELL = 64


class DenseIndex:
    """Rows 0…n-1 of unit vectors, searched by FAISS; `recall` is 1.0 where the search is exact."""

    def __init__(self, index: Any, recall: float = 1.0, in_statistics: int | None = None) -> None:
        self._index = index
        self._in_statistics = int(index.ntotal) if in_statistics is None else in_statistics
        self._cells = index.nlist if isinstance(index, _faiss().IndexIVF) else 0
        self.recall = recall

    @classmethod
    def build(
        cls,
        vectors: NDArray[np.float32],
        *,
        in_statistics: NDArray[np.bool_] | None = None,
        exact_below: int = EXACT_BELOW,
        depth: int = MEASURED_DEPTH,
    ) -> "DenseIndex":
        """Index the rows of `vectors`, shape (n_rows, dimension), in cells from `exact_below` on.

        `in_statistics` says which rows decide on the way of searching (None: all): a row that not every
        caller may see is found, and changes nothing in how others are.
        """
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        rows = np.arange(len(vectors)) if in_statistics is None else np.flatnonzero(in_statistics)
        if len(rows) >= exact_below:
            index = _cells_of(vectors, rows)
            return cls(index, _widen_until_found(index, vectors, rows, depth), len(rows))
        flat = _faiss().IndexFlatIP(vectors.shape[1])
        flat.add(vectors)
        return cls(flat, in_statistics=len(rows))

    @classmethod
    def load(
        cls, folder: Path, recall: float = 1.0, in_statistics: int | None = None
    ) -> "DenseIndex":
        """Read what `save` wrote; `recall` and `in_statistics` are what `describe` said of it."""
        return cls(_faiss().read_index(str(folder / FILE_NAME)), recall, in_statistics)

    def save(self, folder: Path) -> None:
        """Write the index into an existing folder; raises OSError when the disk is full."""
        # FAISS's own writer reports a full disk late or not at all
        (folder / FILE_NAME).write_bytes(_faiss().serialize_index(self._index).data)

    def describe(self) -> dict[str, object]:
        """Return the way of searching, for a manifest: kind and recall, cells and cells read."""
        measured: dict[str, object] = {"recall": self.recall, "counted": self._in_statistics}
        if not self._cells:
            return {"kind": "exact", **measured}
        read = int(self._index.nprobe)
        return {"kind": "ivf", **measured, "cells": self._cells, "cells_read": read}

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, vector: NDArray[np.float32], top_k: int, allowed: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Return the rows nearest to `vector`, best first: min(top_k, allowed rows) of them.

        `allowed` limits the search to these rows; None allows all.
        """
        self._check_dimension(vector)
        count = min(top_k, len(self) if allowed is None else len(allowed))
        if count == 0:
            return np.zeros(0, dtype=np.int64)
        _, rows = self._index.search(
            np.ascontiguousarray(vector[None, :], dtype=np.float32),
            count,
            params=self._parameters(count, allowed),
        )
        return np.asarray(rows[0][rows[0] >= 0], dtype=np.int64)

    def _parameters(self, count: int, allowed: NDArray[np.int64] | None) -> Any:
        faiss = _faiss()
        selector = None if allowed is None else _selector(allowed, len(self))
        if not self._cells:
            return faiss.SearchParameters(sel=selector) if selector else None
        few = allowed is not None and len(allowed) < EXACT_SHARE * self._in_statistics
        # asked for more than the recall was measured for, the nearest cells may not hold enough
        exact = few or count > MEASURED_DEPTH
        nprobe = self._cells if exact else self._index.nprobe
        return faiss.SearchParametersIVF(sel=selector, nprobe=nprobe)

    def similarities(
        self, vector: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the inner products of `vector` with the given rows, in their order."""
        self._check_dimension(vector)
        if len(rows) == 0:
            return np.zeros(0, dtype=np.float32)
        return np.asarray(self.vectors(rows) @ vector, dtype=np.float32)

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the stored vectors of the given rows, shape (n, dimension)."""
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32)

    def _check_dimension(self, vector: NDArray[np.float32]) -> None:
        if vector.shape[-1] != self.dimension:
            raise DimensionFault(
                "Query vectors have %(found)s dimensions, the index %(expected)s",
                found=vector.shape[-1],
                expected=self.dimension,
            )


def _selector(rows: NDArray[np.int64], n_rows: int) -> Any:
    flags = np.zeros(n_rows, dtype=bool)
    flags[rows] = True
    # FAISS keeps a reference to the selector, Python one to the bits
    return _faiss().IDSelectorBitmap(np.packbits(flags, bitorder="little"))


def _cells_of(vectors: NDArray[np.float32], sample: NDArray[np.int64]) -> Any:
    """Return an IVF index of the rows, which can also give single rows back.

    Its cells are made of the rows in `sample`, which are those of the statistics.
    """
    faiss = _faiss()
    n_rows, dimension = len(sample), vectors.shape[1]
    n_cells = max(1, min(int(4 * np.sqrt(n_rows)), n_rows // 2))
    cells = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFFlat(cells, dimension, n_cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.spherical = True
    index.cp.niter = 10
    index.cp.min_points_per_centroid = 1  # only says when FAISS warns
    index.cp.max_points_per_centroid = _TRAINED_ROWS_PER_CELL
    index.train(_spread(vectors, sample, _TRAINED_ROWS_PER_CELL * n_cells))
    index.add(vectors)
    index.make_direct_map()
    return index


def _widen_until_found(
    index: Any, vectors: NDArray[np.float32], sample: NDArray[np.int64], depth: int
) -> float:
    """Raise the number of cells that a search reads until it finds enough; return its recall.

    The recall is the mean, over the rows in `sample` as queries, of the share of the `depth` nearest of them
    that are found.
    """
    queries = _spread(vectors, sample, _MEASURED_QUERIES)
    depth = min(depth, len(sample))
    among = None if len(sample) == len(vectors) else _selector(sample, len(vectors))

    def search(cells: int) -> NDArray[np.int64]:
        read = _faiss().SearchParametersIVF(sel=among, nprobe=cells)
        found = index.search(queries, depth, params=read)[1]
        return np.asarray(found, dtype=np.int64)

    exact = search(index.nlist)
    n_cells = max(1, index.nlist // 8)
    while True:
        index.nprobe = min(n_cells, index.nlist)
        found = search(index.nprobe)
        shares = [len(np.intersect1d(a, b)) / depth for a, b in zip(exact, found, strict=True)]
        recall = float(np.mean(shares))
        if recall >= RECALL_TARGET + _MARGIN or index.nprobe == index.nlist:
            return round(recall, 4)
        n_cells += max(1, n_cells // 4)


def _spread(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], count: int
) -> NDArray[np.float32]:
    """Return about `count` evenly spaced ones of the rows."""
    step = max(1, -(-len(rows) // count))
    return np.ascontiguousarray(vectors[rows[::step]])


def _faiss() -> Any:
    """Return the library; its stubs do not know half of what it takes."""
    import faiss

    return faiss
