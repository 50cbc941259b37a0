"""Gives the rows of a recognised table by the labels of its columns, however the table lies in its sheet.

Every row that is not blank comes out: titles above the header were no rows, what stands alone below a
table is told from a record by whoever reads it.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Protocol

from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.sheets import Sheet
from catalogue.importers.reading.text_files import DelimitedFile
from catalogue.importers.recognition.layout import MAX_COLUMNS, Layout
from catalogue.importers.recognition.recognising import SAMPLE_ROWS
from catalogue.importers.rejects import DELIMITED, WORKBOOK, RejectsForm, delimited_line, json_line
from catalogue.importers.rows import BadRow, RawRow, is_blank
from catalogue.records.drafts import COLUMN, Rejection
from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message

LOOKED_AT_ROWS = SAMPLE_ROWS + 30
MAX_SIDEWAYS_ROWS = 1_000  # of a table with a record a column, which is read as a whole
MAX_SIDEWAYS_RECORDS = 5_000

Record = tuple[int, list[Any] | BadRow]


class SheetFile(Protocol):
    """A file, or a sheet of one, whose rows can be read as they stand."""

    file: InputFile
    label: str
    sheet: str

    def records(self) -> Iterator[Record]:
        """Yield (row number, cells) of every row that is not blank, the first one included."""

    def done_bytes(self) -> int:
        """Return how far reading has come in the file as it lies on disk."""

    def notes(self) -> tuple[Rejection, ...]:
        """Return what is to be told of the file or sheet as a whole, once it was read."""


def first_rows(part: SheetFile) -> list[list[Any]]:
    """Return the first rows that can be read, blank ones left out."""
    head = islice(part.records(), LOOKED_AT_ROWS)
    return [list(cells) for _, cells in head if not isinstance(cells, BadRow)]


class LaidOutRows:
    """The records of one table; their numbers are those of rows, or of columns where it lies on its side."""

    def __init__(self, part: SheetFile, layout: Layout) -> None:
        self.file, self.label, self.sheet = part.file, part.label, part.sheet
        self._part, self._layout = part, layout
        self._names = tuple(label.shown for label in layout.labels)
        self._delimiter = part.delimiter if isinstance(part, DelimitedFile) else ""
        self._first_beyond = 0  # the first row that has more columns than are read

    def columns(self) -> tuple[str, ...]:
        """Return the labels."""
        return self._names

    def done_bytes(self) -> int:
        """Return how far reading has come in the file as it lies on disk."""
        return self._part.done_bytes()

    def notes(self) -> tuple[Rejection, ...]:
        """Return what is to be told of the file or sheet as a whole."""
        if not self._first_beyond:
            return self._part.notes()
        place = {"most": MAX_COLUMNS, "row": self._first_beyond}
        beyond = Message(
            "left out: columns beyond the first %(most)s have values, from row %(row)s on; divide the table",
            place,
        )
        return (*self._part.notes(), Rejection("", beyond, scope=COLUMN, file=self.label))

    def rejects_form(self) -> RejectsForm:
        """Return the labels as a header of one row, and where the rows stood."""
        header = self._names if self._layout.header else ()
        if not self._delimiter:
            return RejectsForm(WORKBOOK, self.file.label, ".xlsx", header, sheet=self.sheet)
        suffix = ".tsv" if self._delimiter == "\t" else ".csv"
        return RejectsForm(DELIMITED, self.file.label, suffix, header, delimiter=self._delimiter)

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the records in order."""
        return self._sideways() if self._layout.is_sideways else self._upright()

    def _upright(self) -> Iterator[RawRow | BadRow]:
        place = 0
        merged = self._part.merged_cells() if isinstance(self._part, Sheet) else None
        for number, cells in self._part.records():
            if isinstance(cells, BadRow):
                yield cells
                continue
            if len(cells) > MAX_COLUMNS and not self._first_beyond:
                beyond = any(not is_blank(cell) for cell in cells[MAX_COLUMNS:])
                self._first_beyond = number if beyond else 0
            if place >= self._layout.first_row:
                if merged:
                    merged.fill(number, cells)
                yield self._row(number, cells)
            place += 1

    def _row(self, number: int, cells: Sequence[Any]) -> RawRow | BadRow:
        raw = self._raw(cells)
        if any(not is_blank(cell) for cell in cells[len(self._names) : MAX_COLUMNS]):
            found = {"cells": len(cells), "columns": len(self._names)}
            message = Message(
                "%(cells)s cells, the header has %(columns)s: check the quotes", found
            )
            shape = Message("row of %(count)s cells", {"count": len(cells)})
            return BadRow(number, Rejection("", message, shape), raw)
        return RawRow(number, dict(zip(self._names, cells, strict=False)), raw)

    def _raw(self, cells: Sequence[Any]) -> Any:
        if not self._delimiter:
            return partial(json_line, list(cells))
        texts = ["" if cell is None else str(cell) for cell in cells]
        return partial(delimited_line, texts, self._delimiter)

    def _sideways(self) -> Iterator[RawRow | BadRow]:
        (labels,) = self._layout.header
        rows: list[list[Any]] = []
        for _, cells in self._part.records():
            if isinstance(cells, BadRow):
                yield cells
                continue
            rows.append(list(cells))
            if len(rows) > MAX_SIDEWAYS_ROWS:
                raise UnreadableFileError(
                    "%(file)s has a record a column and more than %(most)s rows: turn the table round.",
                    file=self.label,
                    most=f"{MAX_SIDEWAYS_ROWS:,}",
                )
        width = max(map(len, rows), default=0)
        if width > MAX_SIDEWAYS_RECORDS:
            raise UnreadableFileError(
                "%(file)s has a record a column and more than %(most)s columns: turn the table round.",
                file=self.label,
                most=f"{MAX_SIDEWAYS_RECORDS:,}",
            )
        for place in range(labels + 1, width):
            cells = [row[place] if place < len(row) else None for row in rows]
            if any(not is_blank(cell) for cell in cells[: len(self._names)]):
                yield self._row(place + 1, cells[: len(self._names)])
