"""Columns of a table in files that are read where they are touched: numbers, categories and texts.

A table is a folder of raw arrays and `columns.json`, which says what each of them holds. It is written a
batch of rows at a time, so that memory does not grow with it, and mapped, not read, when it is opened:
what nobody asks for stays on disk, and what was asked for belongs to the system's cache.

Kinds: `number:TYPE` (a NumPy type such as i8; missing values are NaN of a float type), `category:TYPE`
(few distinct texts, each row the number of its own in TYPE), `text`, and `packed`: texts that are compressed
(see `text_columns`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from indexes.text_columns import PackedTexts, PackedTextWriter, TextColumn, map_array

HEAD_NAME = "columns.json"
TEXT, PACKED, CATEGORY, NUMBER = "text", "packed", "category", "number"
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Categories:
    """A column of few distinct texts: `codes` gives for each row its place among `names`."""

    def __init__(self, codes: NDArray[Any], names: Sequence[str]) -> None:
        self.codes = codes
        self.names = tuple(names)
        self._names = np.array(self.names or ("",), dtype=str)

    @classmethod
    def of(cls, values: Iterable[str]) -> "Categories":
        """Return the column of the values, in memory."""
        numbers: dict[str, int] = {}
        codes = [numbers.setdefault(str(value), len(numbers)) for value in values]
        return cls(np.array(codes, dtype=np.int32), list(numbers))

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str]:
        return (self.names[code] for code in self.codes)

    @overload
    def __getitem__(self, row: int | np.integer[Any]) -> str: ...
    @overload
    def __getitem__(self, row: NDArray[Any] | slice) -> NDArray[np.str_]: ...
    def __getitem__(self, row: Any) -> Any:
        """Return the text of a row, or an array of those of rows."""
        codes = self.codes[row]
        return self.names[int(codes)] if np.ndim(codes) == 0 else self._names[codes]

    def values_of(self, values_by_name: Mapping[str, Any], missing: Any) -> NDArray[Any]:
        """Return for every row the value that stands for its name."""
        values = [values_by_name.get(name, missing) for name in self.names]
        return np.asarray(np.asarray(values or [missing])[self.codes])

    def code_of(self, name: str) -> int:
        """Return the code of a text, -1 for one that no row has."""
        return self.names.index(name) if name in self.names else -1

    def among(self, wanted: Iterable[str]) -> Mask:
        """Say of every row whether its text is one of those wanted."""
        known = set(wanted)
        flags = np.array([name in known for name in self.names] or [False], dtype=bool)
        return np.asarray(flags[self.codes], dtype=bool)


Column = NDArray[Any] | Categories | TextColumn


class Table:
    """Columns of equal length by their names."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = dict(columns)

    @classmethod
    def of(cls, columns: Mapping[str, Iterable[Any]], kinds: Mapping[str, str]) -> "Table":
        """Return a table in memory; `kinds` says what each column holds."""
        return cls({name: _in_memory(values, kinds[name]) for name, values in columns.items()})

    @classmethod
    def load(cls, folder: Path) -> "Table":
        """Map the table that a `TableWriter` wrote; raises OSError, ValueError or KeyError for damage."""
        head = json.loads((folder / HEAD_NAME).read_text("utf-8"))
        n_rows = int(head["rows"])
        return cls(
            {
                name: _mapped(folder, name, told["kind"], told.get("names", ()), n_rows)
                for name, told in head["columns"].items()
            }
        )

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(self._columns)

    def numbers(self, name: str) -> NDArray[Any]:
        """Return a column of numbers."""
        column = self._columns[name]
        if not isinstance(column, np.ndarray):
            raise TypeError(f"the column {name} holds no numbers")
        return column

    def categories(self, name: str) -> Categories:
        """Return a column of few distinct texts."""
        column = self._columns[name]
        if not isinstance(column, Categories):
            raise TypeError(f"the column {name} holds no categories")
        return column

    def texts(self, name: str) -> TextColumn:
        """Return a column of texts."""
        column = self._columns[name]
        if not isinstance(column, TextColumn):
            raise TypeError(f"the column {name} holds no texts")
        return column

    def row(self, row: int) -> dict[str, Any]:
        """Return a row's values by the columns' names."""
        return {name: column[row] for name, column in self._columns.items()}

    def where(self, kept: Mask) -> "Table":
        """Return the rows that are flagged, in memory; for columns of numbers alone."""
        return Table({name: self.numbers(name)[kept] for name in self._columns})


class TableWriter:
    """Writes a table into a new folder, a batch of rows at a time."""

    def __init__(self, folder: Path, kinds: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._kinds = dict(kinds)
        self._names: dict[str, dict[str, int]] = {n: {} for n in kinds if kinds[n] != TEXT}
        self._packed = {n: PackedTextWriter(folder, n) for n in kinds if kinds[n] == PACKED}
        self._ends = dict.fromkeys(kinds, 0)
        self.n_rows = 0

    def append(self, columns: Mapping[str, Iterable[Any]]) -> None:
        """Write rows behind those before them; every column of the table, all of one length."""
        lengths = {self._append(name, kind, columns[name]) for name, kind in self._kinds.items()}
        if len(lengths) != 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")
        self.n_rows += lengths.pop()

    def close(self) -> None:
        """Write what the columns hold; only then the table can be loaded."""
        for packed in self._packed.values():
            packed.close()
        told: dict[str, dict[str, Any]] = {}
        for name, kind in self._kinds.items():
            told[name] = {"kind": kind}
            if kind.startswith(CATEGORY):
                told[name]["names"] = list(self._names[name])
        head = {"rows": self.n_rows, "columns": told}
        (self._folder / HEAD_NAME).write_text(json.dumps(head, ensure_ascii=False), "utf-8")

    def _append(self, name: str, kind: str, values: Iterable[Any]) -> int:
        if kind == TEXT:
            return self._append_texts(name, values)
        if kind == PACKED:
            return self._packed[name].append(values)
        dtype = np.dtype(kind.partition(":")[2])
        if kind.startswith(CATEGORY):
            known = self._names[name]
            values = [known.setdefault(str(value), len(known)) for value in values]
        array = as_numbers(values, dtype)
        with (self._folder / f"{name}.bin").open("ab") as stream:
            stream.write(array.data if len(array) else b"")
        return len(array)

    def _append_texts(self, name: str, values: Iterable[Any]) -> int:
        encoded = [str(value).encode() for value in values]
        ends = self._ends[name] + np.cumsum([len(one) for one in encoded], dtype=np.int64)
        if len(ends):
            self._ends[name] = int(ends[-1])
        with (self._folder / f"{name}.bin").open("ab") as stream:
            stream.write(b"".join(encoded))
        with (self._folder / f"{name}.ends.bin").open("ab") as stream:
            stream.write(ends.tobytes())
        return len(encoded)


def write_table(
    folder: Path, columns: Mapping[str, Iterable[Any]], kinds: Mapping[str, str]
) -> None:
    """Write a table that lies in memory, with the columns of `kinds`."""
    writer = TableWriter(folder, kinds)
    writer.append(columns)
    writer.close()


def as_numbers(values: Iterable[Any], dtype: Any) -> NDArray[Any]:
    """Return values as an array of a type; None and pandas' missing values become NaN of a float."""
    listed = values if isinstance(values, np.ndarray) else list(values)
    if np.dtype(dtype).kind == "f" and not isinstance(listed, np.ndarray):
        listed = [float("nan") if not isinstance(v, int | float | np.number) else v for v in listed]
    return np.ascontiguousarray(listed, dtype=dtype)


def _in_memory(values: Iterable[Any], kind: str) -> Column:
    if kind in (TEXT, PACKED):
        return TextColumn.of(values)
    if kind.startswith(CATEGORY):
        return Categories.of(values)
    return as_numbers(values, np.dtype(kind.partition(":")[2]))


def _mapped(folder: Path, name: str, kind: str, names: Sequence[str], n_rows: int) -> Column:
    path = folder / f"{name}.bin"
    if kind == PACKED:
        return PackedTexts.load(folder, name, n_rows)
    if kind == TEXT:
        ends = map_array(folder / f"{name}.ends.bin", np.int64, (n_rows,))
        return TextColumn(map_array(path, np.uint8, (int(ends[-1]) if n_rows else 0,)), ends)
    values = map_array(path, np.dtype(kind.partition(":")[2]), (n_rows,))
    return Categories(values, names) if kind.startswith(CATEGORY) else values
