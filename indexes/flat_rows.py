"""The vectors of an exact index as they lie in FAISS's file, by row or multiplied all at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 4096  # rows that are multiplied together


class FlatRows:
    """The vectors of an exact index, by row."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and their dimension."""
        return int(self._index.ntotal), int(self._index.d)

    def products(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the inner products of vectors with all rows, shape (n_vectors, n_rows)."""
        import faiss

        n_rows, dimension = self.shape
        rows: Any = faiss.rev_swig_ptr(self._index.get_xb(), n_rows * dimension).reshape(self.shape)
        found = np.empty((len(vectors), n_rows), dtype=np.float32)
        for first in range(0, n_rows, _BLOCK):
            # in a file they lie at any byte, and NumPy multiplies such ones without BLAS
            block = np.array(rows[first : first + _BLOCK])
            np.matmul(vectors, block.T, out=found[:, first : first + _BLOCK])
        return found

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32)
