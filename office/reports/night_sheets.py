"""How sheets of the night's workbook are written: rows, headings that stay, links, and the way they print.

By XlsxWriter, which takes less than half of openpyxl's time for a cell: a night of many needs has a million.
Every text is written as text, none as a formula or as marked-up runs (see `cells`).
"""

import datetime
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from office.reports.cells import is_link, plain_text

NEW_COLOUR, HEADING_COLOUR, LINK_COLOUR = "#FFF2B3", "#DDE6F0", "#1F4E9E"
_RUNS = ("<r>", "</r>")  # what XlsxWriter takes for markup and writes as it is


@dataclass(frozen=True)
class CellLook:
    """How a cell looks; `colour` fills it."""

    bold: bool = False
    wrap: bool = False
    colour: str = ""
    is_link: bool = False
    is_share: bool = False  # a number that is shown in per cent


@dataclass(frozen=True)
class CellLink:
    """Where a click on a cell leads: to a sheet of the same workbook, or to the web."""

    sheet: str = ""
    url: str = ""

    def target(self) -> str:
        """Return it as XlsxWriter takes it; nothing for an address that is no link."""
        if self.sheet:
            quoted = self.sheet.replace("'", "''")
            return f"internal:'{quoted}'!A1"
        return self.url if is_link(self.url) else ""


PLAIN, BOLD, TOP = CellLook(), CellLook(bold=True), CellLook(wrap=True)
NEW = CellLook(wrap=True, colour=NEW_COLOUR)
NO_LINKS: Mapping[int, CellLink] = {}
Columns = Sequence[tuple[str, int]]  # headings with the widths of their columns, in characters


class NightBook:
    """The workbook of a night; sheets are added in their order."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats: dict[CellLook, Any] = {}

    def sheet(self, name: str) -> "NightSheet":
        """Add a sheet."""
        return NightSheet(self._book.add_worksheet(name), self)

    def format(self, look: CellLook) -> Any:
        """Return XlsxWriter's format of a look, None for a plain one."""
        if look == PLAIN:
            return None
        if look not in self._formats:
            self._formats[look] = self._book.add_format(_properties(look))
        return self._formats[look]


@contextmanager
def night_book(path: Path, created: datetime.datetime) -> Iterator[NightBook]:
    """Give a workbook that is written to the path at the end of the block, unless that fails.

    Raises OSError where it cannot be written.
    """
    book = Workbook(str(path), {"tmpdir": str(path.parent)})
    book.set_properties({"author": "Enmusubi", "created": created})
    yield NightBook(book)
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from error


class NightSheet:
    """A sheet; rows and columns are numbered from 1."""

    def __init__(self, sheet: Any, book: NightBook) -> None:
        self._sheet = sheet
        self._book = book

    def write_row(
        self,
        row: int,
        values: Sequence[Any],
        look: CellLook = PLAIN,
        *,
        links: Mapping[int, CellLink] = NO_LINKS,
        shares: Collection[int] = (),
    ) -> None:
        """Write values from the first column on: numbers as numbers, nothing as nothing, all else as text.

        All cells look alike, but for those of `links` to sheets and for the numbers of the columns `shares`.
        """
        usual = self._book.format(look)
        for column, value in enumerate(values, start=1):
            if column in links:
                self._write_link(row, column, value, links[column], look)
            elif column in shares:
                self._write(row, column, value, self._book.format(replace(look, is_share=True)))
            else:
                self._write(row, column, value, usual)

    def write_over(self, row: int, text: str, n_columns: int, height: float) -> None:
        """Write a text into a row of its own over so many columns."""
        self._sheet.set_row(row - 1, height)
        top = self._book.format(TOP)
        self._sheet.merge_range(row - 1, 0, row - 1, n_columns - 1, "", top)
        self._write(row, 1, text, top)

    def write_headings(self, row: int, columns: Columns) -> None:
        """Write headings with the widths of their columns."""
        look = CellLook(bold=True, colour=HEADING_COLOUR)
        self.write_row(row, [heading for heading, _ in columns], look)
        for place, (_, width) in enumerate(columns):
            self._sheet.set_column(place, place, width)

    def fold(self, label_row: int, label: str, last_row: int) -> None:
        """Write the label into its row and fold the rows below it, up to the last one."""
        self.write_row(label_row, (label,), BOLD)
        self._sheet.outline_settings(symbols_below=False)
        self._sheet.set_row(label_row - 1, options={"collapsed": True})
        for row in range(label_row, last_row):
            self._sheet.set_row(row, options={"level": 1, "hidden": True})

    def finish(self, *, header_row: int, n_columns: int, last_row: int) -> None:
        """Freeze and repeat the headings, allow filtering, print all columns on one page's width."""
        sheet = self._sheet
        sheet.freeze_panes(header_row, 0)
        if last_row > header_row:
            sheet.autofilter(header_row - 1, 0, last_row - 1, n_columns - 1)
        sheet.repeat_rows(header_row - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def _write(self, row: int, column: int, value: Any, form: Any) -> None:
        at = (row - 1, column - 1)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if math.isfinite(value):
                self._sheet.write_number(*at, value, form)
                return
            value = None  # a workbook has no such number
        if text := _as_text(value):
            self._sheet.write_string(*at, text, form)
        elif form is not None:
            self._sheet.write_blank(*at, None, form)

    def _write_link(
        self, row: int, column: int, value: Any, link: CellLink, look: CellLook
    ) -> None:
        """Write a value that leads somewhere; an empty one that leads to a sheet shows its name."""
        target = link.target()
        shown = replace(look, is_link=True) if link.sheet else look
        text = _as_text(value if value not in (None, "") else link.sheet or link.url)
        if not target:
            self._write(row, column, text, self._book.format(look))
            return
        at = (row - 1, column - 1)
        self._sheet.write_url(*at, target, self._book.format(shown), string=text)


def _as_text(value: Any) -> str:
    text = "" if value is None else plain_text(str(value))
    # a blank behind keeps it from being taken for markup
    return text + " " if text.startswith(_RUNS[0]) and text.endswith(_RUNS[1]) else text


def _properties(look: CellLook) -> dict[str, Any]:
    made: dict[str, Any] = {"bold": look.bold}
    if look.wrap:
        made |= {"text_wrap": True, "valign": "top"}
    if look.colour:
        made["bg_color"] = look.colour
    if look.is_link:
        made |= {"font_color": LINK_COLOUR, "underline": 1}
    if look.is_share:
        made["num_format"] = "0%"
    return made
