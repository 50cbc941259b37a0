"""Makes text safe for a workbook: no cell is a formula, no sheet has a name that Excel refuses."""

import re
from functools import lru_cache
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.hyperlink import Hyperlink

from enmusubi.language import clean_text

MAX_CELL_UNITS = 32_767  # Excel counts UTF-16 units
MAX_SHEET_NAME_UNITS = 31
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
GUARD = "'"

_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\s']+")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x003D_ as the character


def cell_text(value: str) -> str:
    """Return the text as a cell may hold it that openpyxl writes (see `plain_text`)."""
    return cut_units(_ESCAPE.sub("_x005F_", plain_text(value)), MAX_CELL_UNITS)


@lru_cache(64)  # rows of one person say the same of them
def plain_text(value: str) -> str:
    """Return the text as a cell may show it: cleaned, cut to Excel's limit, never a formula.

    Text that a spreadsheet could take for a formula, now or once it was saved as CSV, gets a
    leading apostrophe. Formula signs are looked for before and after control characters are gone.
    XlsxWriter escapes by itself what Excel would read as an escaped character; for openpyxl `cell_text` does.
    """
    cleaned = _NOT_IN_XML.sub("", clean_text(value))
    suspicious = value.startswith(FORMULA_STARTS) or cleaned.startswith(FORMULA_STARTS)
    return cut_units(GUARD + cleaned if suspicious and cleaned else cleaned, MAX_CELL_UNITS)


def cut_units(text: str, max_units: int) -> str:
    """Return the beginning of the text with at most so many UTF-16 units, no character halved."""
    if len(text) * 2 <= max_units:
        return text
    return text.encode("utf-16-le")[: max_units * 2].decode("utf-16-le", "ignore")


def write_text(cell: Cell, value: str) -> None:
    """Write text into a cell as text, whatever it looks like."""
    cell.value = cell_text(value) or None
    if cell.value is not None:
        cell.data_type = "s"  # openpyxl guesses formulas and error codes from the first sign


def write_value(cell: Cell, value: Any) -> None:
    """Write a number as a number, nothing as nothing, all else as text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        cell.value = value
    elif value is not None:
        write_text(cell, str(value))


def link_to_web(cell: Cell, url: str) -> None:
    """Write a URL, which becomes a link where it may be one (see `is_link`)."""
    write_text(cell, url)
    if is_link(url):
        cell.hyperlink = Hyperlink(ref=cell.coordinate, target=url)


def is_link(url: str) -> bool:
    """Say whether a URL becomes a link: only http and https do, and Excel takes no longer ones than 2,079."""
    return is_web_url(url) and len(url) < 2080


def is_web_url(url: str) -> bool:
    """Say whether the URL is of the web and made of nothing but visible ASCII characters."""
    return bool(re.fullmatch(r"https?://[!#-;=?-~]+", url))


def sheet_name(number: int, title: str) -> str:
    """Return the name of a need's sheet: its number, which makes it unique, and its title.

    At most 31 UTF-16 units, without the signs that Excel forbids, control characters or quotes.
    """
    allowed = _NOT_IN_SHEET_NAMES.sub(" ", _NOT_IN_XML.sub("", clean_text(title)))
    return cut_units(f"{number} {allowed.strip()}".strip(), MAX_SHEET_NAME_UNITS).strip()
