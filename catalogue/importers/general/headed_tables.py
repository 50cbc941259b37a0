"""Reads tables that have lines of title above their header."""

import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TextIO

from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.text_files import DELIMITERS, DelimitedFile, lines_of
from catalogue.importers.rows import BadRow, ReadOptions

MAX_TITLE_ROWS = 10
MAX_HEADER_CHARS = 10_000

IsHeader = Callable[[Sequence[str]], bool]


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
