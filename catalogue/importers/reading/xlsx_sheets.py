"""Reads XLSX sheets as a stream; a formula counts as the value that was stored with it."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.sheets import Sheet, SheetLayout
from catalogue.importers.reading.workbook_files import damaged, refuse_unsafe, seekable
from catalogue.importers.reading.xlsx_cells import CellValues
from catalogue.importers.reading.xlsx_layout import scan_layout
from catalogue.importers.rows import is_blank
from enmusubi.errors import UnreadableFileError

_ROWS_AT_ONCE = 50


class XlsxSheet(Sheet):
    """A sheet of an .xlsx or .xlsm workbook."""

    def records(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield (row number, cells) of every row that is not blank, those above the header among them."""
        with _workbook(self.file) as workbook:
            sheet = workbook[self.sheet]
            sheet.reset_dimensions()
            values = CellValues(workbook)
            for number, row in enumerate(_quietly(sheet.iter_rows()), start=1):
                cells = [values.of(cell) for cell in row]
                if any(not is_blank(cell) for cell in cells):
                    self._note_width(cells)
                    yield number, cells

    def _read_layout(self) -> SheetLayout:
        with _workbook(self.file) as workbook:
            part = workbook[self.sheet]._worksheet_path
            with workbook._archive.open(part) as xml:
                return scan_layout(xml)


def list_xlsx_sheets(file: InputFile) -> Sequence[Sheet]:
    """Return the sheets of a workbook; raises UnreadableFileError if it is damaged."""
    with _workbook(file) as workbook:
        return [
            XlsxSheet(file, sheet.title, hidden=sheet.sheet_state != "visible")
            for sheet in workbook.worksheets
        ]


@contextmanager
def _workbook(file: InputFile) -> Iterator[Any]:
    import openpyxl

    try:
        with seekable(file) as packed:
            refuse_unsafe(file, packed)
            with _silence():
                workbook = openpyxl.load_workbook(packed, read_only=True, data_only=True)
            try:
                yield workbook
            finally:
                workbook.close()
    except (UnreadableFileError, GeneratorExit):
        raise
    except Exception as error:  # openpyxl raises almost anything on damaged files
        raise damaged(file, error) from error


@contextmanager
def _silence() -> Iterator[None]:
    """Drop the warnings about styles and validations that openpyxl cannot keep."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _quietly(rows: Iterator[Any]) -> Iterator[Any]:
    """Yield the rows, a few read at a time: silence costs more than a row, and must not last."""
    fault = None
    while fault is None:
        taken: list[Any] = []
        with _silence():
            try:
                taken.extend(islice(rows, _ROWS_AT_ONCE))
            except Exception as error:  # what was read before it is not lost
                fault = error
        yield from taken
        if len(taken) < _ROWS_AT_ONCE and fault is None:
            return
    raise fault
