"""Nearest rows by inner product, exact, with the filter applied before the search.

Knows rows and vectors only.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enmusubi.indexes.errors import DimensionFault

FILE_NAME = "dense.faiss"


class DenseIndex:
    """Rows 0…n-1 of unit vectors, searched exactly by FAISS."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> "DenseIndex":
        """Index the rows of `vectors`, shape (n_rows, dimension)."""
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> "DenseIndex":
        """Read what `save` wrote."""
        import faiss

        return cls(faiss.read_index(str(folder / FILE_NAME)))

    def save(self, folder: Path) -> None:
        """Write the index into an existing folder; raises OSError when the disk is full."""
        import faiss

        # FAISS's own writer reports a full disk late or not at all
        (folder / FILE_NAME).write_bytes(faiss.serialize_index(self._index).data)

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
        import faiss

        self._check_dimension(vector)
        count = min(top_k, len(self) if allowed is None else len(allowed))
        if count == 0:
            return np.zeros(0, dtype=np.int64)
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(allowed)  # FAISS keeps no reference of its own
            parameters = faiss.SearchParameters()
            parameters.sel = selector
        _, rows = self._index.search(
            np.ascontiguousarray(vector[None, :], dtype=np.float32), count, params=parameters
        )
        return np.asarray(rows[0][rows[0] >= 0], dtype=np.int64)

    def similarities(
        self, vector: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the inner products of `vector` with the given rows, in their order."""
        self._check_dimension(vector)
        if len(rows) == 0:
            return np.zeros(0, dtype=np.float32)
        stored = self._index.reconstruct_batch(rows)
        return np.asarray(stored @ vector, dtype=np.float32)

    def _check_dimension(self, vector: NDArray[np.float32]) -> None:
        if vector.shape[-1] != self.dimension:
            raise DimensionFault(
                f"Query vectors have {vector.shape[-1]} dimensions, the index {self.dimension}"
            )
