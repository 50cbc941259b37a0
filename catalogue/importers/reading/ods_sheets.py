"""Reads .ods workbooks (OpenDocument) as a stream; nothing in them is computed or run."""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.ods_content import OdsContent, OdsRow
from catalogue.importers.reading.sheets import MergedCells, Sheet, SheetLayout
from catalogue.importers.reading.workbook_files import damaged, locked, refuse_unsafe, seekable
from catalogue.importers.reading.xml_stream import XmlDamageError
from catalogue.importers.rows import is_blank

_PIECE_BYTES = 65_536
_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_MAX_MANIFEST_BYTES = 1_000_000


class OdsSheet(Sheet):
    """A sheet of an .ods workbook."""

    def __init__(self, file: InputFile, sheet: str, *, hidden: bool = False) -> None:
        super().__init__(file, sheet, hidden=hidden)
        self._passed = SheetLayout()  # of the rows that were read so far

    def records(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield (row number, cells) of every row that is not blank, those above the header among them."""
        self._passed = layout = SheetLayout()
        content = OdsContent(self.sheet)
        for row in _rows(self.file, content):
            if row.hidden:
                layout.hide(row.number, row.repeated)
            for column, rows in row.spans:
                layout.merge(row.number, row.number + rows - 1, column)
            if any(not is_blank(cell) for cell in row.cells):
                self._note_width(row.cells)
                for number in range(row.number, row.number + row.repeated):
                    yield number, list(row.cells)
        for first, last in content.hidden_columns:
            layout.hide_columns(first, last)
        self._known = layout

    def merged_cells(self) -> MergedCells:
        """Return what fills the rows below the header in: ranges are told where they begin."""
        return MergedCells(lambda: self._known or self._passed)

    def _read_layout(self) -> SheetLayout:
        for _ in self.records():
            pass
        return self._passed


def list_ods_sheets(file: InputFile) -> Sequence[Sheet]:
    """Return the sheets of a workbook; raises UnreadableFileError if it is damaged or locked."""
    content = OdsContent("")
    with _damage_told(file):
        for piece in _pieces(file):
            content.feed(piece)
    return [OdsSheet(file, name, hidden=hidden) for name, hidden in content.tables.items()]


def _rows(file: InputFile, content: OdsContent) -> Iterator[OdsRow]:
    with _damage_told(file):
        for piece in _pieces(file):
            yield from content.feed(piece)
            if content.is_past:
                return


def _pieces(file: InputFile) -> Iterator[bytes]:
    with seekable(file) as packed:
        refuse_unsafe(file, packed)
        with zipfile.ZipFile(packed) as archive:
            manifest = archive.open(_MANIFEST) if _MANIFEST in archive.namelist() else None
            if manifest and b"encryption-data" in manifest.read(_MAX_MANIFEST_BYTES):
                raise locked(file)
            with archive.open(_CONTENT) as xml:
                while piece := xml.read(_PIECE_BYTES):
                    yield piece


@contextmanager
def _damage_told(file: InputFile) -> Iterator[None]:
    try:
        yield
    except (KeyError, ValueError, RuntimeError, XmlDamageError) as error:
        raise damaged(file, error) from error
