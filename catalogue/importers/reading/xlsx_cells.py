"""What the cells of an .xlsx workbook hold: escapes undone, errors as such, dates of 1904 as dates."""

import re
from typing import Any

from catalogue.importers.rows import CellError, DayOf1904

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_NUMBERS = (int, float)
_ZEROS = re.compile("0{2,20}")


def unescaped(text: str) -> str:
    """Return a cell's text as the spreadsheet shows it: `_x000D_` is a carriage return."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def shown_number(value: float, number_format: str, *, is_1904: bool) -> Any:
    """Return a number, with the zeros that its format shows before it: 123 as 00123 is an id."""
    if _ZEROS.fullmatch(number_format) and value == int(value) >= 0:
        return str(int(value)).zfill(len(number_format))
    return DayOf1904(value) if is_1904 else value


class CellValues:
    """Gives the values of one workbook's cells."""

    def __init__(self, workbook: Any) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        self._is_1904 = workbook.epoch == CALENDAR_MAC_1904
        self._formats: dict[int, str] = {}  # by style

    def of(self, cell: Any) -> Any:
        """Return a cell's value; of a formula that which was stored with it."""
        value = cell.value
        if value is None:
            return None
        if isinstance(value, str):
            if cell.data_type == "e":
                return CellError(value)
            return unescaped(value) if "_x" in value else value
        if isinstance(value, _NUMBERS) and not isinstance(value, bool):
            style = cell._style_id
            if style not in self._formats:
                self._formats[style] = str(cell.number_format)
            return shown_number(value, self._formats[style], is_1904=self._is_1904)
        return value
