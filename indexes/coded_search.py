"""Approximate search for many rows: codes of sixty bytes a row in memory, in cells, refined by the rows.

Rows lie in cells (an inverted file, IVF) as product-quantised codes of half a byte for four dimensions,
compared sixteen at a time (Jégou et al. 2011, "Product quantization for nearest neighbor search"; André et
al. 2017, "Accelerated nearest neighbor search with quick ADC"). A search reads the nearest cells, as many
as it takes to find RECALL_TARGET of the rows that an exact search finds, takes OVERSAMPLING times as many
rows as are asked for, LEAST_CANDIDATES at least, and orders these by their stored vectors. docs/scale.md has
what else was measured.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enmusubi.threads import usable_cores
from indexes.selection import Selection
from indexes.stored_rows import StoredRows, batches, products

RECALL_TARGET = 0.99
OVERSAMPLING = 4
LEAST_CANDIDATES = (
    12_000  # rows whose vectors are compared at least: as many as 3,000 asked for take
)
LEAST_ROWS = 256  # fewer cannot train the codes
MAX_CELLS = 4096  # of ten million rows, each still has but 2,400
_MARGIN = 0.0025  # rows that are stored find up to .002 more than needs, which are not
_MEASURED_QUERIES = 100
_TRAINED_ROWS_PER_CELL = 50
_DIMENSIONS_A_CODE = 4
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]


class CodedSearch:
    """Finds rows near a vector by their codes."""

    def __init__(self, index: Any) -> None:
        self.index = index
        self.n_cells = int(index.nlist)

    @classmethod
    def build(cls, rows: StoredRows, sample: IntArray) -> "CodedSearch":
        """Index the rows; cells and codes are made of those in `sample`, which make the statistics."""
        faiss, dimension = _faiss(), rows.shape[1]
        n_cells = max(1, min(int(4 * np.sqrt(len(sample))), len(sample) // 40, MAX_CELLS))
        trained = _spread(rows, sample, max(_TRAINED_ROWS_PER_CELL * n_cells, 20_000))
        cells = _cells_of(trained, n_cells)
        index = faiss.IndexIVFPQFastScan(
            cells, dimension, n_cells, _codes_for(dimension), 4, faiss.METRIC_INNER_PRODUCT
        )
        index.pq.cp.min_points_per_centroid = 1  # only says when FAISS warns
        index.train(trained)  # in one thread: its steps are so short that two wait for each other
        with _all_cores():
            for some in batches(len(rows)):
                index.add(np.ascontiguousarray(rows[some], dtype=np.float32))
        return cls(index)

    @classmethod
    def taken_over(cls, index: Any, rows: StoredRows, before: IntArray) -> "CodedSearch":
        """Return an index of `rows` with the cells and codes of another, which is used up.

        `before` says of each row where it stands there, or -1: such rows alone get codes.
        """
        kept = before >= 0
        numbers = np.full(int(index.ntotal), -1, dtype=np.int64)
        numbers[before[kept]] = np.flatnonzero(kept)
        gone = Selection.of(numbers < 0)
        if gone.count:
            index.remove_ids(selector_of(gone))
        _number_anew(index, numbers)
        new = np.flatnonzero(~kept)
        for some in batches(len(new)):
            vectors = np.ascontiguousarray(rows[new[some]], dtype=np.float32)
            index.add_with_ids(vectors, new[some])
        return cls(index)

    @property
    def cells_read(self) -> int:
        """Cells that a search reads."""
        return int(self.index.nprobe)

    def near(self, vector: FloatArray, count: int, cells: int, selector: Any) -> IntArray:
        """Return about `count` rows by their codes, in no order, of those selected (None: all)."""
        read = _faiss().SearchParametersIVF(sel=selector, nprobe=min(cells, self.n_cells))
        asked = np.ascontiguousarray(vector[None, :], dtype=np.float32)
        found = self.index.search(asked, count, params=read)[1][0]
        return np.asarray(found[found >= 0], dtype=np.int64)

    def widen_until_found(self, rows: StoredRows, sample: IntArray, depth: int) -> float:
        """Raise the number of cells that a search reads until it finds enough; return its recall.

        The recall is the mean, over some of the rows in `sample` as queries, of the share of the `depth`
        nearest of `sample` that are found.
        """
        queries = _spread(rows, sample, _MEASURED_QUERIES)
        depth = min(depth, len(sample))
        among = (
            None if len(sample) == len(rows) else selector_of(Selection.of_rows(sample, len(rows)))
        )
        exact = _nearest(rows, sample, queries, depth)
        cells = max(1, self.n_cells // 16)
        while True:
            self.index.nprobe = min(cells, self.n_cells)
            shares = [
                len(np.intersect1d(a, self.refined(q, depth, self.cells_read, among, rows))) / depth
                for q, a in zip(queries, exact, strict=True)
            ]
            recall = float(np.mean(shares))
            if recall >= RECALL_TARGET + _MARGIN or self.cells_read == self.n_cells:
                return round(recall, 4)
            cells += max(1, cells // 4)

    def refined(
        self, vector: FloatArray, count: int, cells: int, selector: Any, rows: StoredRows
    ) -> IntArray:
        """Return `count` rows, the best first by their stored vectors, of those that the codes find."""
        candidates = min(max(OVERSAMPLING * count, LEAST_CANDIDATES), len(rows))
        found = np.sort(self.near(vector, candidates, cells, selector))
        return best_of(found, products(rows[found], vector), count)


def best_of(rows: IntArray, similarity: FloatArray, count: int) -> IntArray:
    """Return the `count` most similar of the rows, which ascend; of equal ones the first."""
    if len(rows) > count:
        border = -np.partition(-similarity, count - 1)[count - 1]
        above = similarity > border
        level = np.flatnonzero(similarity == border)[: count - int(above.sum())]
        kept = np.sort(np.r_[np.flatnonzero(above), level])
        rows, similarity = rows[kept], similarity[kept]
    return rows[np.argsort(-similarity, kind="stable")]


def selector_of(chosen: Selection) -> Any:
    """Return what lets FAISS search among these rows only."""
    # FAISS keeps a reference to the selector, Python one to the bits
    return _faiss().IDSelectorBitmap(chosen.bits)


def _number_anew(index: Any, numbers: IntArray) -> None:
    """Give each row of an index the number that stands at its place in `numbers`."""
    faiss = _faiss()
    lists = faiss.downcast_InvertedLists(index.invlists)
    for cell in range(int(index.nlist)):
        if size := lists.list_size(cell):
            known = faiss.rev_swig_ptr(lists.get_ids(cell), size)
            known[:] = numbers[known]


def _cells_of(trained: FloatArray, n_cells: int) -> Any:
    """Return the middles of cells, to be searched."""
    faiss, dimension = _faiss(), trained.shape[1]
    settings = faiss.ClusteringParameters()
    settings.spherical = True
    settings.niter = 8
    settings.min_points_per_centroid = 1
    settings.max_points_per_centroid = _TRAINED_ROWS_PER_CELL
    cells = faiss.IndexFlatIP(dimension)
    with _all_cores():
        faiss.Clustering(dimension, n_cells, settings).train(trained, cells)
    return cells


def _codes_for(dimension: int) -> int:
    """Return into how many parts a vector is cut, each of them a code of half a byte."""
    most = max(1, dimension // _DIMENSIONS_A_CODE)
    return next(parts for parts in range(most, 0, -1) if dimension % parts == 0)


def _nearest(rows: StoredRows, sample: IntArray, queries: FloatArray, depth: int) -> IntArray:
    """Return the rows in `sample` nearest to each query, shape (n_queries, depth), by reading all."""
    counted = np.zeros(len(rows), dtype=bool)
    counted[sample] = True
    best = np.full((len(queries), depth), -np.inf, dtype=np.float32)
    where = np.full((len(queries), depth), -1, dtype=np.int64)
    for some in batches(len(rows)):
        among = np.flatnonzero(counted[some])
        near = queries @ np.asarray(rows[some], dtype=np.float32)[among].T
        values = np.concatenate([best, near], axis=1)
        places = np.concatenate([where, np.tile(some.start + among, (len(queries), 1))], axis=1)
        kept = np.argpartition(-values, depth - 1, axis=1)[:, :depth]
        best = np.take_along_axis(values, kept, axis=1)
        where = np.take_along_axis(places, kept, axis=1)
    return where


def _spread(rows: StoredRows, chosen: IntArray, count: int) -> FloatArray:
    """Return about `count` evenly spaced ones of the chosen rows."""
    step = max(1, -(-len(chosen) // count))
    return np.ascontiguousarray(rows[chosen[::step]], dtype=np.float32)


@contextmanager
def _all_cores() -> Iterator[None]:
    """Let FAISS use all cores, and then as many as before: a build has them alone, searches do not."""
    faiss = _faiss()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(usable_cores())
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _faiss() -> Any:
    """Return the library; its stubs do not know half of what it takes."""
    import faiss

    return faiss
