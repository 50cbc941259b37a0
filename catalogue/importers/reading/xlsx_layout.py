"""Scans a sheet's XML for merged cells, hidden rows and columns, and formulas without value, as a stream.

A workbook is read row by row, and merged cells stand after all rows: so this is a reading of its own,
by patterns, many times faster than reading the rows.
"""

import re
from typing import BinaryIO

from catalogue.importers.reading.sheets import SheetLayout

_PIECE_BYTES = 1_000_000
_WAITING_BYTES = 100_000  # what is cut at a piece's end waits for the next, no more than this

_START = re.compile(rb"<(?:\w+:)?(?:c|col|row|mergeCell)\b")
# Within a tag stands no `<`: so none is looked for beyond the next one
_TELLING = re.compile(
    rb"<(?:\w+:)?mergeCell\b[^<>]*?\bref\s*=\s*[\"']([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})[\"']"
    rb"|<(?:\w+:)?row\b(?=[^<>]*?\bhidden\s*=\s*[\"'](?:1|true)[\"'])(?:[^<>]*?\br\s*=\s*[\"'](\d{1,7}))?"
    rb"|<(?:\w+:)?c\b([^<>]*)>\s*<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v>\s*</(?:\w+:)?v>\s*)?</(?:\w+:)?c>"
    rb"|<(?:\w+:)?col\b([^<>]*)"
)
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_BORDER = re.compile(rb"\b(min|max)\s*=\s*[\"'](\d{1,5})[\"']")
_TEXT_RESULT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")


def scan_layout(xml: BinaryIO) -> SheetLayout:
    """Return what a sheet's XML says of its rows beside their cells."""
    layout = SheetLayout()
    waiting = b""
    while piece := xml.read(_PIECE_BYTES):
        content = waiting + piece
        cut = begin = max(len(content) - _WAITING_BYTES, 0)
        for start in _START.finditer(content, begin):
            cut = start.start()
        _note(content[:cut], layout)
        waiting = content[cut:]
    _note(waiting, layout)
    return layout


def _note(content: bytes, layout: SheetLayout) -> None:
    from openpyxl.utils import column_index_from_string

    for found in _TELLING.finditer(content):
        column, first, last, row, formula, empty, hidden = found.groups()
        if hidden is not None:
            if _HIDDEN.search(hidden):
                borders = {name: int(number) for name, number in _BORDER.findall(hidden)}
                layout.hide_columns(borders.get(b"min", 1) - 1, borders.get(b"max", 0) - 1)
        elif column:
            layout.merge(int(first), int(last), column_index_from_string(column.decode()) - 1)
        elif formula is None:
            layout.hide(int(row or 0))
        elif not empty or not _TEXT_RESULT.search(formula):  # a formula's text may be empty
            layout.uncomputed += 1
