"""Reads .xls workbooks of Excel 97 and before; nothing in them is computed or run."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.sheets import Sheet, SheetLayout
from catalogue.importers.reading.workbook_files import damaged, locked, refuse_larger, seekable
from catalogue.importers.reading.xlsx_cells import shown_number
from catalogue.importers.rows import CellError, is_blank
from enmusubi.errors import UnreadableFileError

MAX_XLS_BYTES = 50_000_000  # read as a whole; the program that made it stops at 65,536 rows


class XlsSheet(Sheet):
    """A sheet of an .xls workbook."""

    def records(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield (row number, cells) of every row that is not blank, those above the header among them."""
        with _workbook(self.file) as workbook:
            sheet = workbook.sheet_by_name(self.sheet)
            self._known = _layout_of(sheet)
            for row in range(sheet.nrows):
                cells = [_value(workbook, cell) for cell in sheet.row(row)]
                if any(not is_blank(cell) for cell in cells):
                    self._note_width(cells)
                    yield row + 1, cells

    def _read_layout(self) -> SheetLayout:
        with _workbook(self.file) as workbook:
            return _layout_of(workbook.sheet_by_name(self.sheet))


def list_xls_sheets(file: InputFile) -> Sequence[Sheet]:
    """Return the sheets of a workbook; raises UnreadableFileError if it is damaged or locked."""
    with _workbook(file) as workbook:
        names = workbook.sheet_names()
        return [
            XlsSheet(file, name, hidden=workbook.sheet_by_index(number).visibility != 0)
            for number, name in enumerate(names)
        ]


@contextmanager
def _workbook(file: InputFile) -> Iterator[Any]:
    import xlrd

    try:
        with seekable(file) as packed:
            content = packed.read(MAX_XLS_BYTES + 1)
        refuse_larger(file, len(content), MAX_XLS_BYTES)
        workbook = xlrd.open_workbook(
            file_contents=content,
            on_demand=True,  # of the sheets only the one that is read
            formatting_info=True,
            ragged_rows=True,
            logfile=io.StringIO(),
        )
        yield workbook
    except (UnreadableFileError, GeneratorExit):
        raise
    except Exception as error:  # xlrd raises almost anything on damaged files
        if "encrypted" in str(error) or "Can't find workbook" in str(error):
            raise locked(file) from error
        raise damaged(file, error) from error


def _layout_of(sheet: Any) -> SheetLayout:
    layout = SheetLayout()
    for first, end, column, _ in sheet.merged_cells:
        layout.merge(first + 1, end, column)
    for row in sorted(row for row, info in sheet.rowinfo_map.items() if info.hidden):
        layout.hide(row + 1)
    for column in sorted(column for column, info in sheet.colinfo_map.items() if info.hidden):
        layout.hide_columns(column, column)
    return layout


def _value(workbook: Any, cell: Any) -> Any:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_ERROR:
        return CellError(xlrd.error_text_from_code.get(cell.value, "#ERR"))
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _day(cell.value, workbook.datemode)
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        style = workbook.xf_list[cell.xf_index] if cell.xf_index is not None else None
        shown = workbook.format_map.get(style.format_key) if style else None
        text = shown.format_str if shown else ""
        return shown_number(cell.value, text, is_1904=workbook.datemode == 1)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    return cell.value or None


def _day(serial: float, date_mode: int) -> Any:
    import xlrd

    try:
        return xlrd.xldate_as_datetime(serial, date_mode)
    except (ValueError, OverflowError):
        return serial
