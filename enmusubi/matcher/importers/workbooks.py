"""Reads XLSX sheets as a stream; a formula counts as the value that was stored with it."""

import io
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from enmusubi.matcher.errors import UnreadableFileError
from enmusubi.matcher.importers.files import opened
from enmusubi.matcher.importers.rows import BadRow, RawRow, is_blank
from enmusubi.matcher.language import clean_text

MAX_FILE_BYTES = 500_000_000
MAX_UNPACKED_BYTES = 2_000_000_000  # a workbook is a zip file: guards against zip bombs


class Sheet:
    """One sheet with a header; a row's number is the one that the spreadsheet shows."""

    def __init__(self, path: Path, sheet: str) -> None:
        self.path = path
        self.sheet = sheet
        self.label = f"{path.name} [{sheet}]"
        self._done = 0

    def columns(self) -> tuple[str, ...]:
        """Return the names in the first row that is not blank; an empty sheet has none."""
        for _, cells in self._records():
            return _header(cells)
        return ()

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the rows after the header."""
        header: tuple[str, ...] = ()
        for number, cells in self._records():
            if not header:
                header = _header(cells)
            else:
                named = zip(header, cells, strict=False)
                yield RawRow(number, {name: cell for name, cell in named if name})
        self._done = self.path.stat().st_size

    def done_bytes(self) -> int:
        """Return the file's size once the sheet is read to its end, before that 0."""
        return self._done

    def _records(self) -> Iterator[tuple[int, list[Any]]]:
        with _workbook(self.path) as workbook:
            sheet = workbook[self.sheet]
            sheet.reset_dimensions()
            for number, row in enumerate(_quietly(sheet.iter_rows()), start=1):
                cells = [None if cell.data_type == "e" else cell.value for cell in row]
                if any(not is_blank(cell) for cell in cells):
                    yield number, cells


def list_sheets(path: Path) -> list[Sheet]:
    """Return the sheets of a workbook; raises UnreadableFileError if it is damaged."""
    with _workbook(path) as workbook:
        return [Sheet(path, sheet.title) for sheet in workbook.worksheets]


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    import openpyxl

    with opened(path) as (content, _):
        packed = content.read(MAX_FILE_BYTES + 1)
    _check_size(path, packed)
    try:
        with _silence():
            workbook = openpyxl.load_workbook(io.BytesIO(packed), read_only=True, data_only=True)
        try:
            yield workbook
        finally:
            workbook.close()
    except (UnreadableFileError, GeneratorExit):
        raise
    except Exception as error:  # openpyxl raises almost anything on damaged files
        raise UnreadableFileError(
            f"{path} is not a workbook that can be read ({type(error).__name__}). Open it in the "
            "spreadsheet program and save it as .xlsx again, or export it as CSV."
        ) from error


@contextmanager
def _silence() -> Iterator[None]:
    """Drop the warnings about styles and validations that openpyxl cannot keep."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _quietly(rows: Iterator[Any]) -> Iterator[Any]:
    while True:
        with _silence():
            row = next(rows, None)
        if row is None:
            return
        yield row


def _check_size(path: Path, packed: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableFileError(
            f"{path} is not an .xlsx workbook, or it is damaged. Open it in the spreadsheet "
            "program and save it as .xlsx again, or export it as CSV."
        ) from error
    if len(packed) > MAX_FILE_BYTES or unpacked > MAX_UNPACKED_BYTES:
        raise UnreadableFileError(
            f"{path} unpacks to {unpacked:,} bytes; at most {MAX_UNPACKED_BYTES:,} are read. "
            "Divide it, or export it as CSV."
        )


def _header(cells: list[Any]) -> tuple[str, ...]:
    return tuple("" if cell is None else " ".join(clean_text(str(cell)).split()) for cell in cells)
