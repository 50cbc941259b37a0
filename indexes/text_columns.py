"""Columns of texts in UTF-8: as they are, or compressed some rows together; decoded when they are asked for.

Compressed, the texts of ROWS_TOGETHER rows are one block of Zstandard: a passage of a few hundred characters
takes half its room or less, and one of them is read in 20 microseconds.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

ROWS_TOGETHER = 16
_LEVEL = 3  # higher ones take five times as long for a twentieth less
Rows = NDArray[np.int64]


class TextColumn:
    """A column of texts in UTF-8, each decoded when it is asked for."""

    def __init__(self, letters: NDArray[np.uint8], ends: NDArray[Any]) -> None:
        """`ends` says where each row's text ends among the `letters`, the first beginning at 0."""
        self._letters = letters
        self._ends: NDArray[Any] = ends

    @classmethod
    def of(cls, values: Iterable[str]) -> "TextColumn":
        """Return the column of the values, in memory."""
        encoded = [str(value).encode() for value in values]
        ends = np.cumsum([len(one) for one in encoded], dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[str]:
        return (self._read(row) for row in range(len(self)))

    @overload
    def __getitem__(self, row: int | np.integer[Any]) -> str: ...
    @overload
    def __getitem__(self, row: NDArray[Any] | slice) -> list[str]: ...
    def __getitem__(self, row: Any) -> Any:
        """Return the text of a row, or a list of those of rows."""
        if isinstance(row, int | np.integer):
            return self._read(int(row))
        rows = range(len(self))[row] if isinstance(row, slice) else row
        return [self._read(int(one)) for one in rows]

    def row_of(self, text: str) -> int | None:
        """Return the row of a text in a column whose texts ascend; None where there is none."""
        row = self.place_of(text)
        return row if row < len(self) and self._bytes(row) == text.encode() else None

    def place_of(self, text: str, first: int = 0) -> int:
        """Return the first row from `first` on that is not before a text, where the texts ascend."""
        low, high, wanted = first, len(self), text.encode()
        while low < high:
            middle = (low + high) // 2
            if self._bytes(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def _bytes(self, row: int) -> bytes:
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        start = int(self._ends[row - 1]) if row else 0
        return self._letters[start : int(self._ends[row])].tobytes()

    def _read(self, row: int) -> str:
        return self._bytes(row).decode()


class PackedTexts(TextColumn):
    """A column of compressed texts, mapped."""

    def __init__(
        self, packed: NDArray[np.uint8], block_ends: Rows, ends: NDArray[np.uint32]
    ) -> None:
        """`block_ends` says where blocks end in `packed`, `ends` where a row's text ends in its block."""
        self._packed = packed
        self._block_ends = block_ends
        self._ends = ends
        self._codec = _codec()
        self._last: tuple[int, bytes] = (
            -1,
            b"",
        )  # the block read last: rows are often read in order

    @classmethod
    def load(cls, folder: Path, name: str, n_rows: int) -> "PackedTexts":
        """Map what a `PackedTextWriter` wrote; raises OSError or ValueError for damage."""
        blocks = map_array(_path(folder, name, "blocks"), np.int64, (-(-n_rows // ROWS_TOGETHER),))
        size = int(blocks[-1]) if n_rows else 0
        return cls(
            map_array(folder / f"{name}.bin", np.uint8, (size,)),
            blocks,
            map_array(_path(folder, name, "ends"), np.uint32, (n_rows,)),
        )

    def _bytes(self, row: int) -> bytes:
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        block, place = divmod(row, ROWS_TOGETHER)
        start = int(self._ends[row - 1]) if place else 0
        return self._block(block)[start : int(self._ends[row])]

    def _block(self, block: int) -> bytes:
        number, texts = self._last  # one tuple, so that several threads may read
        if number != block:
            first = int(self._block_ends[block - 1]) if block else 0
            last = min((block + 1) * ROWS_TOGETHER, len(self)) - 1
            packed = self._packed[first : int(self._block_ends[block])]
            size = int(self._ends[last])
            texts = self._codec.decompress(packed, decompressed_size=size, asbytes=True)
            self._last = (block, texts)
        return texts


class PackedTextWriter:
    """Writes a column of compressed texts, some rows at a time."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._codec = _codec()
        self._waiting: list[bytes] = []
        self._end = 0  # of the blocks that were written

    def append(self, values: Iterable[Any]) -> int:
        """Write texts behind those before them; return how many these are."""
        before = len(self._waiting)
        self._waiting += [str(value).encode() for value in values]
        count = len(self._waiting) - before
        whole = len(self._waiting) // ROWS_TOGETHER * ROWS_TOGETHER
        self._write(self._waiting[:whole])
        del self._waiting[:whole]
        return count

    def close(self) -> None:
        """Write what fills no block."""
        self._write(self._waiting)
        self._waiting = []

    def _write(self, texts: list[bytes]) -> None:
        blocks, block_ends, ends = [], [], []
        for first in range(0, len(texts), ROWS_TOGETHER):
            block = texts[first : first + ROWS_TOGETHER]
            blocks.append(self._codec.compress(b"".join(block), asbytes=True))
            self._end += len(blocks[-1])
            block_ends.append(self._end)
            ends.append(np.cumsum([len(one) for one in block]).astype(np.uint32))
        written = {
            self._folder / f"{self._name}.bin": b"".join(blocks),
            _path(self._folder, self._name, "blocks"): np.array(block_ends, np.int64).tobytes(),
            _path(self._folder, self._name, "ends"): b"".join(one.tobytes() for one in ends),
        }
        for path, content in written.items():
            with path.open("ab") as stream:
                stream.write(content)


def _path(folder: Path, name: str, what: str) -> Path:
    return folder / f"{name}.{what}.bin"


def _codec() -> Any:
    import pyarrow

    return pyarrow.Codec("zstd", compression_level=_LEVEL)


def map_array(path: Path, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """Map a raw file as an array that cannot be written to; raises ValueError when it is cut short."""
    if 0 in shape:
        return np.zeros(shape, dtype=dtype)
    # as a plain array: what is taken out of numpy.memmap would be one, too, and slow
    return np.asarray(np.memmap(path, dtype=dtype, mode="r", shape=shape))
