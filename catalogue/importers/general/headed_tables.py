"""Tables whose columns go by several names, and which have lines of title above their header."""

import csv
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TextIO

from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.text_files import DELIMITERS, DelimitedFile, lines_of
from catalogue.importers.rows import BadRow, ReadOptions
from catalogue.importers.values import as_text
from catalogue.records.drafts import BadValueError
from enmusubi.language import clean_text

_NOT_IN_KEYS = str.maketrans("", "", " _-・/()*")

MAX_TITLE_ROWS = 10
MAX_HEADER_CHARS = 10_000

IsHeader = Callable[[Sequence[str]], bool]


def column_key(name: str) -> str:
    """Return a column's name without regard to case, width, blanks, brackets and hyphens."""
    return unicodedata.normalize("NFKC", clean_text(name)).casefold().translate(_NOT_IN_KEYS)


class Synonyms:
    """Which of our fields a column is, by any of its names."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self._field_of = {
            column_key(name): field for field, listed in names.items() for name in (field, *listed)
        }

    def headings(self, header: Sequence[str]) -> dict[str, str]:
        """Return by field what its column is called in a header; of two columns the first counts."""
        keys = ((self._field_of.get(column_key(label)), label) for label in reversed(header))
        return {field: label for field, label in keys if field}

    def known(self, header: Sequence[str]) -> frozenset[str]:
        """Return the fields that a header has."""
        keys = map(column_key, header)
        return frozenset(self._field_of[key] for key in keys if key in self._field_of)

    def rename(self, cells: Mapping[str, Any]) -> dict[str, str]:
        """Return the cells that are not empty by field; of two columns the first counts."""
        renamed: dict[str, str] = {}
        for name, value in cells.items():
            field = self._field_of.get(column_key(name))
            if field and field not in renamed and (text := cell_text(value)):
                renamed[field] = text
        return renamed


def cell_text(value: Any) -> str:
    """Return a cell's text, control characters taken out; nothing for what is no plain value."""
    try:
        return clean_text(as_text(value))
    except BadValueError:
        return ""


class HeadedTable(DelimitedFile):
    """A CSV or TSV file whose header is the first row, of the first ten, that looks like it.

    Where none does, the first row counts, so that whoever misses a column can name it.
    """

    def __init__(self, file: InputFile, options: ReadOptions, is_header: IsHeader) -> None:
        self._is_header = is_header
        self._header_number = 0
        super().__init__(file, options)
        with self.text() as text:
            head = islice(super()._records(text), MAX_TITLE_ROWS)
            found = (row for row, cells in head if isinstance(cells, list) and is_header(cells))
            self._header_number = next(found, 0)

    def _records(self, text: TextIO) -> Iterator[tuple[int, list[str] | BadRow]]:
        for number, cells in super()._records(text):
            if number >= self._header_number:
                yield number, cells

    def _find_delimiter(self) -> str:
        with self.text() as text:
            filled = filter(str.strip, lines_of(text))
            lines = [line[:MAX_HEADER_CHARS] for line in islice(filled, MAX_TITLE_ROWS)]
        for delimiter in DELIMITERS:
            if any(self._is_header(cells) for cells in csv.reader(lines, delimiter=delimiter)):
                return delimiter
        return super()._find_delimiter()
