"""What the sheets of all kinds of workbooks share: header and rows, merged cells, what is told of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from catalogue.importers.reading.files import InputFile
from catalogue.importers.rejects import WORKBOOK, RejectsForm, json_line
from catalogue.importers.rows import BadRow, RawRow, is_blank
from catalogue.records.drafts import NOTE, Rejection
from enmusubi.language import clean_text
from enmusubi.messages import Message

MAX_MERGED_RANGES = 100_000
MAX_HIDDEN_RANGES = 1_000  # of columns


@dataclass
class SheetLayout:
    """What a sheet says of its rows beside their cells."""

    merged: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """By the first row of a range of merged cells: its first column, from 0, and its last row."""

    hidden_rows: int = 0
    first_hidden: int = 0
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # first and last, from 0
    uncomputed: int = 0  # formulas that no program has computed yet
    _ranges: int = 0

    def hide(self, row: int, count: int = 1) -> None:
        """Note rows that the spreadsheet program does not show."""
        self.first_hidden = self.first_hidden or row
        self.hidden_rows += count

    def hide_columns(self, first: int, last: int) -> None:
        """Note columns, counted from 0, that the spreadsheet program does not show."""
        if first <= last and len(self.hidden_columns) < MAX_HIDDEN_RANGES:
            self.hidden_columns.append((first, last))

    def hidden_within(self, width: int) -> list[int]:
        """Return the hidden ones of so many columns: those beyond hold nothing."""
        ranges = (range(first, min(last + 1, width)) for first, last in self.hidden_columns)
        return sorted({column for columns in ranges for column in columns})

    def merge(self, first_row: int, last_row: int, column: int) -> None:
        """Note merged cells that reach over several rows; of far too many the first count."""
        if last_row > first_row and self._ranges < MAX_MERGED_RANGES:
            self._ranges += 1
            self.merged.setdefault(first_row, []).append((column, last_row))


class MergedCells:
    """Puts the value of merged cells into each row that they reach down to, row by row."""

    def __init__(self, layout: Callable[[], SheetLayout]) -> None:
        self._layout = layout
        self._reaching: dict[int, tuple[int, Any]] = {}  # by column: down to which row, and what

    def fill(self, number: int, cells: list[Any]) -> None:
        """Fill the blank cells of a row that merged ones above reach down to; note those that begin."""
        reaching = self._reaching
        for column in [column for column, (last, _) in reaching.items() if last < number]:
            del reaching[column]
        for column, (_, value) in reaching.items():
            if column >= len(cells):
                cells += [None] * (column + 1 - len(cells))
            if is_blank(cells[column]):
                cells[column] = value
        for column, last in self._layout().merged.get(number, ()):
            if column < len(cells) and not is_blank(cells[column]):
                reaching[column] = (last, cells[column])


class Sheet(ABC):
    """One sheet with a header; a row's number is the one that the spreadsheet shows."""

    def __init__(self, file: InputFile, sheet: str, *, hidden: bool = False) -> None:
        self.file = file
        self.sheet = sheet
        self.label = f"{file.label} [{sheet}]"
        self._hidden = hidden
        self._known: SheetLayout | None = None
        self._done = 0
        self._width = 0  # of what was read so far
        self._first_row = 0  # the header's, where lines of title stand above it

    def find_header(self, is_header: Callable[[Sequence[str]], bool], most: int) -> None:
        """Begin at the first row, of the first `most`, that looks like the header, if one does."""
        head = islice(self.records(), most)
        self._first_row = next((n for n, cells in head if is_header(_header(cells))), 0)

    def columns(self) -> tuple[str, ...]:
        """Return the names in the first row that is not blank, or in the header; an empty sheet has none."""
        for number, cells in self.records():
            if number >= self._first_row:
                return _header(cells)
        return ()

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the rows after the header; merged cells count for each row that they reach over."""
        header: tuple[str, ...] = ()
        merged = self.merged_cells()
        for number, cells in self.records():
            if number < self._first_row:
                continue
            if not header:
                header = _header(cells)
                continue
            merged.fill(number, cells)
            named = zip(header, cells, strict=False)
            cells_by_name = {name: cell for name, cell in named if name}
            yield RawRow(number, cells_by_name, partial(json_line, cells))
        self._done = self.file.size

    def merged_cells(self) -> MergedCells:
        """Return what fills the rows below the header in, from the first one on."""
        return MergedCells(self._layout)

    def _note_width(self, cells: list[Any]) -> None:
        width = len(cells)
        while width > self._width and is_blank(cells[width - 1]):
            width -= 1
        self._width = max(self._width, width)

    def done_bytes(self) -> int:
        """Return the file's size once the sheet is read to its end, before that 0."""
        return self._done

    def rejects_form(self) -> RejectsForm:
        """Return the header and the sheet's name."""
        return RejectsForm(WORKBOOK, self.label, ".xlsx", self.columns(), sheet=self.sheet)

    def notes(self) -> tuple[Rejection, ...]:
        """Return what of the sheet is not to be seen where it was made, though it was read."""
        layout = self._layout()
        found = []
        if self._hidden:
            found.append(
                Message("the sheet is hidden in the workbook; it was read like the others")
            )
        if layout.hidden_rows:
            found.append(
                Message(
                    "rows that are hidden in the sheet: %(count)s, from row %(row)s; they were read like "
                    "the others",
                    {"count": f"{layout.hidden_rows:,}", "row": layout.first_hidden},
                )
            )
        if hidden := layout.hidden_within(self._width):
            from openpyxl.utils import get_column_letter

            found.append(
                Message(
                    "columns that are hidden in the sheet: %(count)s, from column %(column)s; they were read "
                    "like the others",
                    {"count": f"{len(hidden):,}", "column": get_column_letter(hidden[0] + 1)},
                )
            )
        if layout.uncomputed:
            found.append(
                Message(
                    "formulas that have no value yet: %(count)s, their cells are empty; open the "
                    "workbook in a spreadsheet program, save it and import again",
                    {"count": f"{layout.uncomputed:,}"},
                )
            )
        return tuple(Rejection("", told, scope=NOTE, file=self.label) for told in found)

    @abstractmethod
    def records(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield (row number, cells) of every row that is not blank, those above the header among them."""

    def _layout(self) -> SheetLayout:
        """Return what the sheet says of its rows; kept once it was read."""
        if self._known is None:
            self._known = self._read_layout()
        return self._known

    @abstractmethod
    def _read_layout(self) -> SheetLayout:
        """Return what the sheet says of its rows, from the file."""


def _header(cells: list[Any]) -> tuple[str, ...]:
    return tuple("" if cell is None else " ".join(clean_text(str(cell)).split()) for cell in cells)
