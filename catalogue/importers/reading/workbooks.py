"""Reads XLSX sheets as a stream; a formula counts as the value that was stored with it."""

import io
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

from catalogue.importers.reading.files import InputFile, is_plain, opened
from catalogue.importers.reading.packed import refuse_bomb
from catalogue.importers.rejects import WORKBOOK, RejectsForm, json_line
from catalogue.importers.rows import BadRow, RawRow, is_blank
from enmusubi.errors import UnreadableFileError
from enmusubi.language import clean_text

MAX_FILE_BYTES = 500_000_000
MAX_UNPACKED_BYTES = 2_000_000_000  # a workbook is a zip file: guards against zip bombs
_COPY_BYTES = 1_000_000
_ROWS_AT_ONCE = 50


class Sheet:
    """One sheet with a header; a row's number is the one that the spreadsheet shows."""

    def __init__(self, file: InputFile, sheet: str) -> None:
        self.file = file
        self.sheet = sheet
        self.label = f"{file.label} [{sheet}]"
        self._done = 0

    def columns(self) -> tuple[str, ...]:
        """Return the names in the first row that is not blank; an empty sheet has none."""
        for _, cells in self.records():
            return _header(cells)
        return ()

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the rows after the header."""
        header: tuple[str, ...] = ()
        for number, cells in self.records():
            if not header:
                header = _header(cells)
            else:
                named = zip(header, cells, strict=False)
                cells_by_name = {name: cell for name, cell in named if name}
                yield RawRow(number, cells_by_name, partial(json_line, cells))
        self._done = self.file.size

    def done_bytes(self) -> int:
        """Return the file's size once the sheet is read to its end, before that 0."""
        return self._done

    def rejects_form(self) -> RejectsForm:
        """Return the header and the sheet's name."""
        return RejectsForm(WORKBOOK, self.label, ".xlsx", self.columns(), sheet=self.sheet)

    def records(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield (row number, cells) of every row that is not blank, those above the header among them."""
        with _workbook(self.file) as workbook:
            sheet = workbook[self.sheet]
            sheet.reset_dimensions()
            for number, row in enumerate(_quietly(sheet.iter_rows()), start=1):
                cells = [None if cell.data_type == "e" else cell.value for cell in row]
                if any(not is_blank(cell) for cell in cells):
                    yield number, cells


def list_sheets(file: InputFile) -> list[Sheet]:
    """Return the sheets of a workbook; raises UnreadableFileError if it is damaged."""
    with _workbook(file) as workbook:
        return [Sheet(file, sheet.title) for sheet in workbook.worksheets]


@contextmanager
def _workbook(file: InputFile) -> Iterator[Any]:
    import openpyxl

    try:
        with _seekable(file) as packed:
            _check_size(file, packed)
            with _silence():
                workbook = openpyxl.load_workbook(packed, read_only=True, data_only=True)
            try:
                yield workbook
            finally:
                workbook.close()
    except (UnreadableFileError, GeneratorExit):
        raise
    except Exception as error:  # openpyxl raises almost anything on damaged files
        raise UnreadableFileError(
            "%(file)s is not a workbook that can be read (%(kind)s). Open it in the "
            "spreadsheet program and save it as .xlsx again, or export it as CSV.",
            file=file,
            kind=type(error).__name__,
        ) from error


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


@contextmanager
def _seekable(file: InputFile) -> Iterator[BinaryIO]:
    """Give the workbook so that it can be read in any order; a packed one is unpacked to disk.

    The copy has no name and is gone when it is closed.
    """
    with opened(file) as (content, _):
        if is_plain(file):
            yield content
            return
        with tempfile.TemporaryFile() as copy:
            while copy.tell() <= MAX_FILE_BYTES and (piece := content.read(_COPY_BYTES)):
                copy.write(piece)
            yield copy


def _check_size(file: InputFile, packed: BinaryIO) -> None:
    size = packed.seek(0, io.SEEK_END)
    packed.seek(0)
    if size > MAX_FILE_BYTES:
        raise UnreadableFileError(
            "%(file)s has more than %(most)s bytes. Divide it, or export it as CSV.",
            file=file,
            most=f"{MAX_FILE_BYTES:,}",
        )
    try:
        with zipfile.ZipFile(packed) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableFileError(
            "%(file)s is not an .xlsx workbook, or it is damaged. Open it in the "
            "spreadsheet program and save it as .xlsx again, or export it as CSV.",
            file=file,
        ) from error
    refuse_bomb(str(file), unpacked, size)
    if unpacked > MAX_UNPACKED_BYTES:
        raise UnreadableFileError(
            "%(file)s unpacks to %(count)s bytes; at most %(most)s are "
            "read. Divide it, or export it as CSV.",
            file=file,
            count=f"{unpacked:,}",
            most=f"{MAX_UNPACKED_BYTES:,}",
        )


def _header(cells: list[Any]) -> tuple[str, ...]:
    return tuple("" if cell is None else " ".join(clean_text(str(cell)).split()) for cell in cells)
