"""A file of a format whose every row is read by one function."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.parsed import (
    ImportOptions,
    ParsedRow,
    nothing_found,
    parsed_row,
    rejected_row,
)
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.rejects import RejectsForm
from catalogue.importers.rows import BadRow, RowFile
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS
from catalogue.records.rejections import Rejection
from enmusubi.errors import MappingError, UnreadableFileError

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson", "")


class RowSource:
    """One file of seeds and of the people they mention."""

    table = SEEDS
    repeating = frozenset({ORGANISATIONS, RESEARCHERS})

    def __init__(
        self,
        rows: RowFile,
        source: str,
        read: Callable[[Mapping[str, Any]], list[ParsedRecord]],
        expected: str,
    ) -> None:
        self.file, self.path, self.label = rows.file, rows.file.path, rows.label
        self.source = source
        self._rows, self._read, self._expected = rows, read, expected
        self._is_empty = False

    def notes(self) -> tuple[Rejection, ...]:
        """Return that nothing was found although the file is not empty, if that turned out."""
        if not self._is_empty or not self.file.size:
            return ()
        return (nothing_found(self.label, self._expected),)

    def done_bytes(self) -> int:
        """Return how many of the file's `size` bytes were read."""
        return self._rows.done_bytes()

    def rejects_form(self) -> RejectsForm:
        """Return how rejected rows are written so that they can be imported again."""
        return self._rows.rejects_form()

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows in order."""
        self._is_empty = True
        for row in self._rows.rows():
            self._is_empty = False
            if isinstance(row, BadRow):
                yield rejected_row(self.label, row)
            else:
                yield parsed_row(self.label, row.number, self._read(row.cells), row.raw)


def check_file(
    file: InputFile, options: ImportOptions, name: str, suffixes: tuple[str, ...]
) -> None:
    """Raise MappingError if a mapping is given, UnreadableFileError for another suffix."""
    if options.mapping:
        raise MappingError(
            "The format %(format)s needs no mapping: leave --mapping out.", format=name
        )
    if file_type(file) not in suffixes:
        expected = ", ".join(filter(None, suffixes))
        raise UnreadableFileError(
            "%(file)s is no file of the format %(format)s: expected %(expected)s, or one "
            "of them with .gz or in a .zip.",
            file=file,
            format=name,
            expected=expected,
        )
