"""Tables and workbooks whose header may stand below lines of title."""

from collections.abc import Sequence

from catalogue.importers.general.headed_tables import MAX_TITLE_ROWS, HeadedTable, IsHeader
from catalogue.importers.general.source import DELIMITED, row_files
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.reading.sheets import Sheet
from catalogue.importers.rows import ReadOptions, RowFile


def headed_files(file: InputFile, is_header: IsHeader) -> Sequence[RowFile]:
    """Return the file, or its sheets, each from the first row that looks like its header."""
    if file_type(file) in DELIMITED:
        return [HeadedTable(file, ReadOptions(), is_header)]
    found = row_files(file)
    for sheet in found:
        if isinstance(sheet, Sheet):
            sheet.find_header(is_header, MAX_TITLE_ROWS)
    return found
