"""Reads a workbook as a need: its sheets row by row as they look, with the texts of shapes on them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalogue.importers.need_files.cell_formats import plain_number, shown_date, shown_number
from catalogue.importers.need_files.drawings import (
    alternatives,
    body_lines,
    graphic_lines,
)
from catalogue.importers.need_files.office_package import (
    Element,
    Package,
    attribute,
    child,
    children,
    local_name,
)
from catalogue.importers.need_files.reading import Found
from catalogue.importers.reading.xlsx_cells import unescaped
from enmusubi.messages import Message, listed

_COLUMN = re.compile(r"[A-Z]{1,3}")
_MAX_COLUMN = 16_384  # the last that a sheet can have
_MAX_FORMAT_CHARS = 255  # more no program writes; each cell of the format costs their number
_TRUE = frozenset({"1", "true"})


def read(content: bytes) -> Found:
    """Return the text of the visible sheets; raises what `Package` and the XML parser raise."""
    package = Package(content)
    book = _Workbook(package)
    lines, hidden, rows_left_out, pictures = list[str](), list[str](), 0, 0
    without_value = 0
    for name, part, is_visible in book.sheets():
        if not is_visible:
            hidden.append(name)
            continue
        sheet = _Sheet(book, part)
        found = [*sheet.lines(), *sheet.drawn()]
        rows_left_out += sheet.hidden
        pictures += sheet.pictures
        without_value += sheet.without_value
        lines += [*found, ""] if found else []
    notes = list[Message]()
    if hidden:
        notes.append(Message("Hidden sheets were left out: %(names)s.", {"names": listed(hidden)}))
    if rows_left_out:
        notes.append(Message("Hidden cells were left out: %(count)s.", {"count": rows_left_out}))
    if without_value:
        notes.append(
            Message("Formulas without a stored value: %(count)s.", {"count": without_value})
        )
    if pictures:
        notes.append(Message("Pictures were not read: %(count)s.", {"count": pictures}))
    return Found("\n".join(lines), notes)


class _Workbook:
    """What the sheets share: texts, number formats, and where days begin to count."""

    def __init__(self, package: Package) -> None:
        from openpyxl.styles.numbers import BUILTIN_FORMATS

        self.package, self._main = package, package.main
        self._root = package.root(self._main)
        self.texts = [
            _rich(one)
            for _, root in package.related_roots(self._main, "sharedStrings")
            for one in children(root, "si")
        ]
        self.starts_1904 = attribute(child(self._root, "workbookPr"), "date1904") in _TRUE
        self._formats: dict[int, str] = dict(BUILTIN_FORMATS)
        self._of_style: list[int] = []
        for _, root in package.related_roots(self._main, "styles"):
            for one in children(child(root, "numFmts"), "numFmt"):
                code = attribute(one, "formatCode")
                if len(code) <= _MAX_FORMAT_CHARS:
                    self._formats[int(attribute(one, "numFmtId", "0"))] = code
            styles = children(child(root, "cellXfs"), "xf")
            self._of_style = [int(attribute(one, "numFmtId", "0")) for one in styles]

    def sheets(self) -> Iterator[tuple[str, str, bool]]:
        """Yield name and part of each sheet, and whether it is visible."""
        parts = {one.id: one.target for one in self.package.related(self._main, "worksheet")}
        for sheet in children(child(self._root, "sheets"), "sheet"):
            part = next((parts[v] for v in map(str, sheet.attrib.values()) if v in parts), "")
            if part and self.package.has(part):
                is_visible = attribute(sheet, "state", "visible") == "visible"
                yield attribute(sheet, "name"), part, is_visible

    def format_of(self, style: str) -> tuple[int, str]:
        """Return the number and the code of a style's format."""
        number = (
            self._of_style[int(style)]
            if style.isdigit() and int(style) < len(self._of_style)
            else 0
        )
        return number, self._formats.get(number, "General")


@dataclass
class _Sheet:
    """Reads one sheet; counts what is hidden on it and the pictures that lie on it."""

    book: _Workbook
    part: str
    hidden: int = 0
    pictures: int = 0
    without_value: int = 0  # formulas of programs that don't compute them
    _hidden_columns: frozenset[int] = frozenset()

    def lines(self) -> Iterator[str]:
        """Yield the rows that hold something, their cells divided by tabs."""
        root = self.book.package.root(self.part)
        self._hidden_columns = _hidden_columns(root)
        for row in children(child(root, "sheetData"), "row"):
            is_hidden = attribute(row, "hidden") in _TRUE
            shown = list[str]()
            for at, cell in enumerate(children(row, "c"), start=1):
                text = self._shown(cell).strip()
                if text and (is_hidden or self._is_hidden(cell, at)):
                    self.hidden += 1
                elif text:
                    shown.append(text)
            if shown:
                yield "\t".join(shown)

    def drawn(self) -> Iterator[str]:
        """Yield the texts of shapes, diagrams and charts that lie on the sheet."""
        package = self.book.package
        for found, root in package.related_roots(self.part, "drawing"):
            self.pictures += len(package.related(found.target, "image"))
            yield from self._shapes(found.target, root)

    def _shapes(self, part: str, container: Element) -> Iterator[str]:
        for one in children(container):
            name = local_name(one)
            if name == "txBody":
                yield from body_lines(one)
            elif name == "graphicFrame":
                yield from graphic_lines(self.book.package, part, one)
            elif name == "AlternateContent":
                for choice in alternatives(one):
                    yield from self._shapes(part, choice)
            else:
                yield from self._shapes(part, one)

    def _is_hidden(self, cell: Element, at: int) -> bool:
        from openpyxl.utils import column_index_from_string

        if not self._hidden_columns:
            return False
        letters = _COLUMN.match(attribute(cell, "r"))
        column = column_index_from_string(letters[0]) if letters else at
        return column in self._hidden_columns

    def _shown(self, cell: Element) -> str:
        kind, value = attribute(cell, "t", "n"), child(cell, "v")
        raw = value.text or "" if value is not None else ""
        if kind == "inlineStr":
            inline = child(cell, "is")
            return _rich(inline) if inline is not None else ""
        if kind == "s":
            return self.book.texts[int(raw)] if raw else ""
        if kind == "e" or not raw:
            self.without_value += child(cell, "f") is not None and not raw
            return ""
        if kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        return self._number(raw, attribute(cell, "s")) if kind == "n" else unescaped(raw)

    def _number(self, raw: str, style: str) -> str:
        from openpyxl.styles.numbers import is_date_format
        from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

        number, code = self.book.format_of(style)
        value = float(raw)
        if is_date_format(code) or number in _JAPANESE_DATES:
            epoch = CALENDAR_MAC_1904 if self.book.starts_1904 else CALENDAR_WINDOWS_1900
            try:
                day: Any = from_excel(value, epoch)
            except (ValueError, OverflowError):
                return plain_number(value)
            return shown_date(day)
        return shown_number(value, code)


def _hidden_columns(sheet: Element) -> frozenset[int]:
    """Return the numbers of the hidden columns; of ranges that overlap, each number is taken once."""
    ranges = sorted(
        (int(attribute(one, "min", "1")), int(attribute(one, "max", "1")))
        for one in children(child(sheet, "cols"), "col")
        if attribute(one, "hidden") in _TRUE
    )
    hidden, reached = set[int](), 0
    for first, last in ranges:
        hidden.update(range(max(first, reached + 1), min(last, _MAX_COLUMN) + 1))
        reached = max(reached, last)
    return frozenset(hidden)


_JAPANESE_DATES = frozenset({*range(27, 37), *range(50, 59)})  # built in, with eras and weekdays


def _rich(element: Element) -> str:
    """Return a text of one or more runs; readings of its kanji (rPh) are out."""
    pieces = list[str]()
    for one in children(element, "t", "r"):
        text = one if local_name(one) == "t" else child(one, "t")
        pieces.append(text.text or "" if text is not None else "")
    return unescaped("".join(pieces))
