"""Reads CSV, TSV and JSON lines as a stream, whatever their encoding, compressed or not."""

import codecs
import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from enmusubi.matcher.errors import MappingError, UnreadableFileError
from enmusubi.matcher.importers.decoding import SAMPLE_BYTES, UNDECODED, find_encoding
from enmusubi.matcher.importers.files import file_type, opened
from enmusubi.matcher.importers.rows import (
    MAX_CELL_CHARS,
    BadRow,
    RawRow,
    ReadOptions,
    is_blank,
    undecoded,
)
from enmusubi.matcher.language import clean_text

CHUNK_BYTES = 65_536
DELIMITERS = (",", "\t", ";", "|")


class TextFile:
    """A text file whose encoding is given or found; base of the two formats."""

    sheet = ""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self.path = path
        self.label = path.name
        self._raw: io.BufferedReader | None = None
        self._done = 0
        self._options = options
        self._encoding = _checked_encoding(options.encoding) or self._find_encoding()

    def done_bytes(self) -> int:
        """Return how far reading has come in the file as it lies on disk."""
        if self._raw is not None:
            self._done = self._raw.tell()
        return self._done

    def _find_encoding(self) -> str:
        sample = bytearray()
        try:
            with opened(self.path) as (content, _):
                while len(sample) < SAMPLE_BYTES and (chunk := content.read1(CHUNK_BYTES)):
                    sample += chunk
        except UnreadableFileError:
            if not sample:
                raise  # else the rows before the damage can still be read
        return find_encoding(bytes(sample))

    @contextmanager
    def _text(self) -> Iterator[TextIO]:
        with opened(self.path) as (content, raw):
            self._raw = raw
            try:
                yield io.TextIOWrapper(
                    content, encoding=self._encoding, errors="surrogateescape", newline=""
                )
            except UnicodeDecodeError as error:  # UTF-16 and UTF-32, whose bytes come in groups
                raise UnreadableFileError(
                    f"{self.path} is not {self._encoding} to its end: save it as UTF-8."
                ) from error
            finally:
                self._done, self._raw = raw.tell(), None


class DelimitedFile(TextFile):
    """A CSV or TSV file with a header; a row's number counts records, as a spreadsheet does."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        super().__init__(path, options)
        self._delimiter = options.delimiter or self._find_delimiter()

    def columns(self) -> tuple[str, ...]:
        """Return the names in the header; raises UnreadableFileError where there is none."""
        with self._text() as text:
            for _, cells in self._records(text):
                if isinstance(cells, list):
                    return _header(cells, self.path)
                break
        raise UnreadableFileError(f"{self.path} has no header: expected column names in row 1.")

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the rows after the header."""
        header: tuple[str, ...] = ()
        with self._text() as text:
            for number, cells in self._records(text):
                if isinstance(cells, BadRow):
                    yield cells
                elif not header:
                    header = _header(cells, self.path)
                else:
                    yield self._row(number, header, cells)

    def _row(self, number: int, header: tuple[str, ...], cells: list[str]) -> RawRow | BadRow:
        if any(not is_blank(cell) for cell in cells[len(header) :]):
            reason = f"{len(cells)} cells, the header has {len(header)}: check the quotes"
            return BadRow(number, reason, shape=f"row of {len(cells)} cells")
        named = {name: cell for name, cell in zip(header, cells, strict=False) if name}
        return undecoded(number, named, self._encoding) or RawRow(number, named)

    def _records(self, text: TextIO) -> Iterator[tuple[int, list[str] | BadRow]]:
        """Yield (row number, cells) of every record that is not blank, the header among them."""
        csv.field_size_limit(MAX_CELL_CHARS)
        reader = csv.reader(_lines(text), delimiter=self._delimiter)
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                reason = (
                    f"a cell of more than {MAX_CELL_CHARS:,} characters: is a quote not closed?"
                )
                yield number, BadRow(number, reason)
                continue
            if any(not is_blank(cell) for cell in cells):
                yield number, cells

    def _find_delimiter(self) -> str:
        if file_type(self.path) == ".tsv":
            return "\t"
        with self._text() as text:
            first = next((line for line in _lines(text) if line.strip()), "")
        outside_quotes = "".join(first.split('"')[::2])
        return max(DELIMITERS, key=outside_quotes.count)


class JsonLinesFile(TextFile):
    """A file with one JSON object a line; a row's number is the line's."""

    def columns(self) -> tuple[str, ...]:
        """Return the keys of the first object, or nothing where no line has one."""
        for row in self.rows():
            if isinstance(row, RawRow):
                return tuple(row.cells)
        return ()

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the objects."""
        with self._text() as text:
            for number, line in enumerate(_lines(text), start=1):
                if line.strip("\ufeff \t\r\n\0"):
                    yield self._row(number, line)

    def _row(self, number: int, line: str) -> RawRow | BadRow:
        shape = f"line of {len(line):,} characters"
        if len(line) >= MAX_CELL_CHARS:
            return BadRow(number, f"longer than {MAX_CELL_CHARS:,} characters", shape=shape)
        if UNDECODED.search(line):
            return BadRow(number, f"bytes that are not {self._encoding}", shape=shape)
        try:
            value = json.loads(line.strip("\ufeff \t\r\n\0"))
        except json.JSONDecodeError as error:
            return BadRow(
                number, f"not JSON, from character {error.pos + 1} on: {error.msg}", shape=shape
            )
        except (ValueError, RecursionError):
            return BadRow(
                number, "not usable JSON: nested too deep or a number too long", shape=shape
            )
        if not isinstance(value, dict):
            return BadRow(number, "not a JSON object: expected one object a line", shape=shape)
        return RawRow(number, value)


def _checked_encoding(name: str) -> str:
    if not name:
        return ""
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise MappingError(
            f"The mapping's encoding {name!r} is unknown: expected utf-8, cp932, euc_jp or utf-16."
        ) from error


def _lines(text: TextIO) -> Iterator[str]:
    """Yield the lines; what goes beyond the longest cell is left out, so memory stays bounded."""
    while line := text.readline(MAX_CELL_CHARS):
        if len(line) >= MAX_CELL_CHARS and not line.endswith("\n"):
            while (rest := text.readline(MAX_CELL_CHARS)) and not rest.endswith("\n"):
                pass
        yield line


def _header(cells: list[Any], path: Path) -> tuple[str, ...]:
    names = tuple(" ".join(clean_text(cell).split()) for cell in cells)
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise UnreadableFileError(
            f"{path} has several columns named {doubled[0]!r}: give each column its own name."
        )
    return names
