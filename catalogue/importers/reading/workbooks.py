"""Finds out what kind of workbook a file is, and lists its sheets."""

from collections.abc import Sequence

from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.ods_sheets import list_ods_sheets
from catalogue.importers.reading.text_files import DelimitedFile
from catalogue.importers.reading.workbook_files import ODS, PAGE, TEXT, XLS, kind_of
from catalogue.importers.reading.xls_sheets import list_xls_sheets
from catalogue.importers.reading.xlsx_sheets import list_xlsx_sheets
from catalogue.importers.rows import ReadOptions, RowFile
from enmusubi.errors import UnreadableFileError


def list_sheets(file: InputFile, options: ReadOptions | None = None) -> Sequence[RowFile]:
    """Return the sheets of a workbook, told by its content; raises UnreadableFileError if it is damaged.

    Programs call a table of text, or a web page, .xls as well: the first is read as such.
    """
    kind = kind_of(file)
    if kind == XLS:
        return list_xls_sheets(file)
    if kind == ODS:
        return list_ods_sheets(file)
    if file.name.lower().endswith(".xls"):
        if kind == TEXT:
            return [DelimitedFile(file, options or ReadOptions())]
        if kind == PAGE:
            raise UnreadableFileError(
                "%(file)s is a web page that is called .xls. Open it in a spreadsheet program and save "
                "it as .xlsx.",
                file=file,
            )
    return list_xlsx_sheets(file)
