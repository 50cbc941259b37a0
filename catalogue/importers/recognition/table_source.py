"""One recognised table as a source of an import: base of the kinds.

A row is told to be something else than a record where it says so itself: a heading or a note that
stands alone in it, or the header again. Such rows are named in the report; nothing is lost.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalogue.importers.recognition import roles
from catalogue.importers.recognition.known_people import KnownPeople, NobodyKnown
from catalogue.importers.recognition.person_cells import on_line
from catalogue.importers.recognition.reading_rows import texts_of
from catalogue.importers.recognition.recognising import RecognisedTable
from catalogue.importers.recognition.values_seen import kinds_of
from catalogue.importers.rejects import RejectsForm
from catalogue.importers.rows import BadRow, RawRow, RowFile, is_blank
from catalogue.importers.sources import ParsedRow, rejected_row
from catalogue.records.drafts import (
    COLUMN,
    JUDGEMENTS,
    NEEDS,
    NOTE,
    ORGANISATIONS,
    RESEARCHERS,
    SEEDS,
    Rejection,
)
from enmusubi.messages import Message

TABLE_OF = {
    roles.PEOPLE: RESEARCHERS,
    roles.SEEDS: SEEDS,
    roles.PATENTS: SEEDS,
    roles.NEEDS: NEEDS,
    roles.JUDGEMENTS: JUDGEMENTS,
}
HEADING = "\0heading"  # beside the cells of a row: the heading above it that names a department
HEADER_AGAIN = Message("the header once more: it is no record")
LONE_CELL = Message("a heading or a note, alone in its row: it is no record")
DEPARTMENT_HEADING = Message("a heading: the rows below it are taken to be of this department")
_FILLED_DOWN = ("department", "institution")
_HEADING_CHARS = 30
_LONE_COLUMNS = 3  # in a table of so many columns, a row with one cell is a heading or a note


@dataclass(frozen=True)
class TableSettings:
    """What is said of a table besides its columns: the institution of people who have none of their own."""

    institution: str = ""


NO_SETTINGS = TableSettings()


class TableSource(ABC):
    """One recognised table; base of the kinds."""

    repeating: frozenset[str] = frozenset({ORGANISATIONS})

    def __init__(
        self,
        rows: RowFile,
        table: RecognisedTable,
        source: str,
        settings: TableSettings,
        notes: Sequence[Rejection] = (),
    ) -> None:
        self.file, self.path, self.label = rows.file, rows.file.path, rows.label
        self.table, self.source = TABLE_OF[table.kind], source
        self.known: KnownPeople = NobodyKnown()
        self._rows, self._table, self._settings = rows, table, settings
        self._roled = sum(bool(column.role) for column in table.columns)
        self._notes = [*notes, *self._columns_left_out()]
        self._downwards = self._filled_downwards()

    def notes(self) -> tuple[Rejection, ...]:
        """Return which columns were left out, and what was read otherwise than it stands."""
        return (*self._notes, *self._rows.notes())

    def done_bytes(self) -> int:
        """Return how far reading has come in the file as it lies on disk."""
        return self._rows.done_bytes()

    def rejects_form(self) -> RejectsForm:
        """Return how rejected rows are written so that they can be imported again."""
        return self._rows.rejects_form()

    @abstractmethod
    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows in order."""

    def _records(self) -> Iterator[RawRow | ParsedRow]:
        """Yield the rows in order, those that are no records as they go into the report.

        In records merged cells of departments are filled in downwards, and headings stand beside them.
        """
        above: dict[str, Any] = {}
        heading = ""
        for row in self._rows.rows():
            if isinstance(row, BadRow):
                yield rejected_row(self.label, row)
                continue
            if told := self._told(row):
                if told.message == DEPARTMENT_HEADING:
                    heading = _heading(row)
                yield ParsedRow(row.number, rejections=(told,))
                continue
            filled = {**row.cells, HEADING: heading} if heading else dict(row.cells)
            for label in self._downwards:
                if is_blank(filled.get(label)):
                    filled[label] = above.get(label)
                above[label] = filled[label]
            yield replace(row, cells=filled)

    def _texts(self, row: RawRow) -> dict[str, list[str]]:
        return texts_of(self._table, row.cells)

    def _told(self, row: RawRow) -> Rejection | None:
        """Return what a row is, where it is no record: a heading or note alone in it, or the header again."""
        filled = {name: cell for name, cell in row.cells.items() if not is_blank(cell)}
        message: Message | None = None
        if all(on_line(cell) == name for name, cell in filled.items()):
            message = HEADER_AGAIN
        elif len(filled) == 1 and self._roled >= _LONE_COLUMNS:
            is_heading = self._table.kind == roles.PEOPLE and _names_department(_heading(row))
            message = DEPARTMENT_HEADING if is_heading else LONE_CELL
        if message is None:
            return None
        name = next(iter(filled), "")
        return Rejection(name, message, scope=NOTE, file=self.label, row=row.number)

    def _columns_left_out(self) -> list[Rejection]:
        message = Message("nothing of ours is made of this column: it is left out")
        return [
            Rejection(column.label, message, scope=COLUMN, file=self.label)
            for column in self._table.columns
            if not column.role and column.samples
        ]

    def _filled_downwards(self) -> tuple[str, ...]:
        """Return the columns whose values stand for the rows below them, as merged cells leave them.

        The first row has a value, many rows have none, and no value stands twice.
        """
        labels = [c.label for c in self._table.columns if c.role in _FILLED_DOWN]
        if not labels:
            return ()
        columns = {label: _Downwards() for label in labels}
        for row in self._rows.rows():
            if not isinstance(row, BadRow) and not self._told(row):
                for label in labels:
                    columns[label].take(on_line(row.cells.get(label)))
                if all(column.is_plain for column in columns.values()):
                    return ()
        found = tuple(label for label in labels if columns[label].stands_for_rows_below)
        message = Message(
            "empty cells were taken to mean what stands above them, as merged cells do"
        )
        self._notes += [Rejection(n, message, scope=NOTE, file=self.label) for n in found]
        return found


class _Downwards:
    """Whether a column's values stand for the rows below them: the first row has one, none stands twice."""

    def __init__(self) -> None:
        self.is_plain = False  # it is known that they don't
        self._rows = self._gaps = 0
        self._values: set[str] = set()

    def take(self, value: str) -> None:
        """Note the next row's value."""
        self._rows += 1
        self._gaps += not value
        if (self._rows == 1 and not value) or value in self._values:
            self.is_plain = True
        if value:
            self._values.add(value)

    @property
    def stands_for_rows_below(self) -> bool:
        """Whether they do, now that all rows were seen: at least three of ten have none."""
        return not self.is_plain and bool(self._rows) and self._gaps * 10 >= self._rows * 3


def _heading(row: RawRow) -> str:
    """Return what stands alone in a row, without the marks of a heading."""
    cells = (cell for cell in row.cells.values() if not is_blank(cell))
    return on_line(next(cells, "")).strip("■□●○◆◇▼▽▲△【】［］[]<>＜＞《》〈〉・*＊- 　")


def _names_department(text: str) -> bool:
    return "department" in kinds_of(text) and len(text) <= _HEADING_CHARS and "※" not in text
