"""Vectors in files, by row: as they are, or in eight bits a number, read where they are touched.

In eight bits a row is its numbers as whole ones from -127 to 127, and what these are multiplied with:

    v[i] = scale * code[i],   scale = max |v| / 127

so that the inner product of two unit vectors of 384 dimensions is off by about .0003.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from indexes.text_columns import map_array

FloatArray = NDArray[np.float32]
MOST = 127
_BATCH = 50_000  # rows that are looked at together


class StoredRows(Protocol):
    """Rows of vectors: of an array in memory, or of a file."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of rows, and their dimension."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> NDArray[Any]: ...


class ReplacedRow:
    """Rows of vectors of which one is another, for one reader; nothing is copied."""

    def __init__(self, rows: StoredRows, row: int, vector: FloatArray) -> None:
        self._rows, self._row, self._vector = rows, row, vector

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of rows, and their dimension."""
        return self._rows.shape

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, rows: NDArray[np.int64]) -> FloatArray:
        found = np.array(self._rows[rows], dtype=np.float32)
        found[rows == self._row] = self._vector
        return found


class EightBitRows:
    """Rows of vectors in eight bits; what is taken out of them is float32."""

    def __init__(self, codes: NDArray[np.int8], scales: FloatArray) -> None:
        self._codes = codes
        self._scales = scales

    @classmethod
    def load(cls, folder: Path, n_rows: int, dimension: int) -> "EightBitRows":
        """Map the rows that an `EightBitWriter` wrote; raises OSError or ValueError for damage."""
        codes = map_array(folder / "codes.bin", np.int8, (n_rows, dimension))
        return cls(codes, map_array(folder / "scales.bin", np.float32, (n_rows,)))

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and their dimension."""
        return int(self._codes.shape[0]), int(self._codes.shape[1])

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, rows: Any) -> FloatArray:
        scales = np.asarray(self._scales[rows], dtype=np.float32)
        return np.asarray(self._codes[rows].astype(np.float32) * scales[..., None])

    def save(self, folder: Path) -> None:
        """Write the rows into a new folder."""
        folder.mkdir()
        (folder / "codes.bin").write_bytes(self._codes.tobytes())
        (folder / "scales.bin").write_bytes(self._scales.tobytes())

    def codes_and_scales(self, rows: Any) -> tuple[NDArray[np.int8], FloatArray]:
        """Return the rows as they are stored, to be copied."""
        return self._codes[rows], self._scales[rows]


class EightBitWriter:
    """Writes rows of vectors in eight bits into a folder, any of them in any order."""

    def __init__(self, folder: Path, n_rows: int, dimension: int) -> None:
        folder.mkdir()
        self._codes = new_array(folder / "codes.bin", np.int8, (n_rows, dimension))
        self._scales = new_array(folder / "scales.bin", np.float32, (n_rows,))

    def __setitem__(self, rows: Any, vectors: FloatArray) -> None:
        self._codes[rows], self._scales[rows] = in_eight_bits(vectors)

    def copy(self, rows: Any, of: EightBitRows, their_rows: Any) -> None:
        """Take rows over as another folder has them."""
        self._codes[rows], self._scales[rows] = of.codes_and_scales(their_rows)

    def rows(self) -> EightBitRows:
        """Return what was written."""
        return EightBitRows(np.asarray(self._codes), np.asarray(self._scales))


def in_eight_bits(vectors: FloatArray) -> tuple[NDArray[np.int8], FloatArray]:
    """Return the codes and the scale of each row."""
    scales = np.abs(vectors).max(axis=-1, initial=0) / MOST
    whole = np.rint(vectors / np.where(scales > 0, scales, 1)[..., None])
    return whole.astype(np.int8), scales.astype(np.float32)


def products(rows: FloatArray, vector: FloatArray) -> FloatArray:
    """Return the inner product of each row with the vector, the same whichever rows are beside it.

    BLAS rounds a row otherwise by how many there are: a filter would move the last digit of a score.
    """
    return np.asarray(np.einsum("ij,j->i", rows, vector, dtype=np.float32), dtype=np.float32)


def new_array(path: Path, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array of zeros that lies in a new file; raises OSError when the disk is full."""
    if 0 in shape:
        path.touch()
        return np.zeros(shape, dtype=dtype)
    array = np.memmap(path, dtype=dtype, mode="w+", shape=shape)
    _reserve(path)
    return array


def new_npy(path: Path, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array of zeros that lies in a new file of NumPy's; raises OSError when the disk is full."""
    array: NDArray[Any] = np.lib.format.open_memmap(path, "w+", dtype, shape)
    _reserve(path)
    return array


def _reserve(path: Path) -> None:
    """Have the file's room on disk: what is written through a map has no other way to say that it is full.

    The process would be killed by SIGBUS.
    """
    with path.open("r+b") as stream:
        os.posix_fallocate(stream.fileno(), 0, path.stat().st_size)


def batches(n_rows: int) -> Iterator[slice]:
    """Yield the rows in slices that fit into memory."""
    for first in range(0, n_rows, _BATCH):
        yield slice(first, min(first + _BATCH, n_rows))
