"""Takes the content of an OpenDocument spreadsheet in pieces, and gives the rows of one of its sheets.

Built on expat alone: nothing outside is read, no entity is followed, and what is repeated a million
times, as the blank rows at a sheet's end are, is told once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from catalogue.importers.reading.text_files import MAX_COLUMNS
from catalogue.importers.reading.xml_stream import XmlDamageError
from catalogue.importers.rows import MAX_CELL_CHARS, CellError

MAX_REPEATED_ROWS = 10_000  # of rows that hold something: nobody writes one so often
_MAX_NUMBER = 1 << 20
_HIDDEN = ("collapse", "filter")
_CELLS = ("table:table-cell", "table:covered-table-cell")
_NOT_OF_THE_CELL = ("office:annotation", "draw:frame", "draw:custom-shape", "text:ruby-text")
_BREAKS = {"text:line-break": "\n", "text:tab": "\t"}
_NUMBERS = ("float", "percentage", "currency")


@dataclass(frozen=True)
class OdsRow:
    """A row: its number from 1, how many like it follow in its place, and where cells reach down."""

    number: int
    repeated: int
    hidden: bool
    cells: list[Any]
    spans: tuple[tuple[int, int], ...]  # columns from 0, and how many rows a cell reaches over


class OdsContent:
    """Reads one sheet by name; `tables` are all sheets that it came by, with whether each is hidden."""

    def __init__(self, sheet: str) -> None:
        self.tables: dict[str, bool] = {}
        self.is_past = False  # the sheet was read to its end
        self._sheet = sheet
        self._undisplayed: set[str] = set()  # styles of hidden sheets
        self._style = ""
        self._inside = False
        self.hidden_columns: list[tuple[int, int]] = []  # of the sheet: first and last, from 0
        self._next_row, self._next_column = 1, 0
        self._row: dict[str, str] = {}
        self._cells: list[Any] = []
        self._spans: list[tuple[int, int]] = []
        self._cell: dict[str, str] | None = None
        self._paragraphs: list[str] = []
        self._skipped = 0  # how deep in what is no text of the cell
        self._chars = 0
        self._found: list[OdsRow] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = _refuse_entity

    def feed(self, piece: bytes) -> Iterator[OdsRow]:
        """Return the rows of the sheet that end in this piece; raises XmlDamageError."""
        try:
            self._parser.Parse(piece, False)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise XmlDamageError(
                "line %(line)s: %(reason)s", line=error.lineno, reason=reason
            ) from error
        found, self._found = self._found, []
        return iter(found)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style:style":
            self._style = attributes.get("style:name", "")
        elif name == "style:table-properties":
            if attributes.get("table:display") == "false":
                self._undisplayed.add(self._style)
        elif name == "table:table":
            title = attributes.get("table:name", "")
            self.tables[title] = attributes.get("table:style-name") in self._undisplayed
            self._inside, self._next_row = title == self._sheet, 1
        elif self._inside:
            self._start_inside(name, attributes)

    def _start_inside(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table-row":
            self._row, self._cells, self._spans = attributes, [], []
        elif name == "table:table-column":
            self._note_columns(attributes)
        elif name in _CELLS:
            self._cell, self._paragraphs, self._chars = attributes, [], 0
        elif self._cell is None:
            return
        elif self._skipped or name in _NOT_OF_THE_CELL:
            self._skipped += 1
        elif name == "text:p":
            self._paragraphs.append("")
        elif name in _BREAKS or name == "text:s":
            self._text(_BREAKS.get(name) or " " * min(_number(attributes, "text:c"), 1_000))

    def _note_columns(self, attributes: dict[str, str]) -> None:
        first = self._next_column
        self._next_column += _number(attributes, "table:number-columns-repeated")
        if attributes.get("table:visibility") in _HIDDEN and first < MAX_COLUMNS:
            self.hidden_columns.append((first, self._next_column - 1))

    def _end(self, name: str) -> None:
        if not self._inside:
            return
        if self._skipped:
            self._skipped -= 1
        elif name in _CELLS and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "table:table-row":
            self._end_row()
        elif name == "table:table":
            self._inside, self.is_past = False, True

    def _text(self, text: str) -> None:
        if self._cell is None or self._skipped or not self._paragraphs:
            return
        self._chars += len(text)
        if self._chars <= MAX_CELL_CHARS:
            self._paragraphs[-1] += text

    def _end_cell(self, cell: dict[str, str]) -> None:
        value = _value(cell, "\n".join(self._paragraphs))
        rows = _number(cell, "table:number-rows-spanned")
        if rows > 1 and len(self._spans) < MAX_COLUMNS:
            self._spans.append((len(self._cells), rows))
        count = _number(cell, "table:number-columns-repeated")
        self._cells += [value] * min(count, MAX_COLUMNS - len(self._cells))

    def _end_row(self) -> None:
        repeated = _number(self._row, "table:number-rows-repeated")
        while self._cells and self._cells[-1] is None:
            self._cells.pop()
        if self._cells and repeated > MAX_REPEATED_ROWS:
            raise XmlDamageError("one row more than %(most)s times", most=f"{MAX_REPEATED_ROWS:,}")
        hidden = self._row.get("table:visibility") in _HIDDEN
        row = OdsRow(self._next_row, repeated, hidden, self._cells, tuple(self._spans))
        if self._cells or (hidden and repeated < _MAX_NUMBER // 2):
            self._found.append(row)
        self._next_row += repeated


def _value(cell: dict[str, str], text: str) -> Any:
    kind = cell.get("office:value-type", "")
    if cell.get("calcext:value-type") == "error":
        return CellError(text[:20])
    if kind in _NUMBERS:
        return _shown(cell.get("office:value", ""), text)
    if kind == "date":
        return cell.get("office:date-value", text)
    if kind == "boolean":
        return cell.get("office:boolean-value") == "true"
    return text or cell.get("office:string-value") or None


def _shown(number: str, text: str) -> Any:
    """Return a number as such, or as it is shown where zeros stand before it: 00123 is an id."""
    try:
        value = float(number)
    except ValueError:
        return text or None
    if text.isascii() and text.isdigit() and text.startswith("0") and float(text) == value:
        return text
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return min(max(int(text), 1), _MAX_NUMBER) if text.isascii() and text[:9].isdigit() else 1


def _refuse_entity(*_: Any) -> int:
    raise XmlDamageError("it declares entities of its own, which are never followed")
