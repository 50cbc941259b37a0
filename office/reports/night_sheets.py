"""How sheets of the night's workbook are written: rows, headings that stay, and the way they print."""

from collections.abc import Sequence
from copy import copy
from typing import Any

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from office.reports.cells import write_value

_BOLD = Font(bold=True)
TOP = Alignment(vertical="top", wrap_text=True)
_HEADING_FILL = PatternFill("solid", fgColor="DDE6F0")
NEW_FILL = PatternFill("solid", fgColor="FFF2B3")


def write_row(
    sheet: Any,
    row: int,
    values: Sequence[Any],
    *,
    bold: bool = False,
    wrap: bool = False,
    fill: PatternFill | None = None,
) -> None:
    """Write values from the first column on; all cells of the row look alike."""
    style = None
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row, column)
        write_value(cell, value)
        if style is not None:
            # looked up once a row, as openpyxl takes longer for it than for all else; nobody changes it
            cell._style = style
            continue
        if bold:
            cell.font = _BOLD
        if wrap:
            cell.alignment = TOP
        if fill:
            cell.fill = fill
        style = cell._style


def own_style(cell: Any) -> Any:
    """Return the cell once its style is its own, to be changed: `write_row` gives one to a whole row."""
    cell._style = copy(cell._style)
    return cell


def write_headings(sheet: Any, row: int, columns: Sequence[tuple[str, int]]) -> None:
    """Write headings with the widths of their columns, in characters."""
    write_row(sheet, row, [heading for heading, _ in columns], bold=True, fill=_HEADING_FILL)
    for number, (_, width) in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def finish(sheet: Any, *, header_row: int, columns: Sequence[Any], last_row: int) -> None:
    """Freeze and repeat the headings, allow filtering, print all columns on one page's width."""
    sheet.freeze_panes = f"A{header_row + 1}"
    if last_row > header_row:
        sheet.auto_filter.ref = f"A{header_row}:{get_column_letter(len(columns))}{last_row}"
    sheet.print_title_rows = f"{header_row}:{header_row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
