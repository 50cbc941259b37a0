"""Reads texts as a stream, whatever their encoding, compressed or not; CSV and TSV among them."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TextIO

from catalogue.importers.reading.decoding import SAMPLE_BYTES, find_encoding, known_encoding
from catalogue.importers.reading.decoding_errors import ERRORS
from catalogue.importers.reading.files import InputFile, file_type, opened
from catalogue.importers.reading.packed import Position
from catalogue.importers.rejects import DELIMITED, RejectsForm, delimited_line
from catalogue.importers.rows import (
    MAX_CELL_CHARS,
    BadRow,
    RawRow,
    ReadOptions,
    is_blank,
    undecoded,
)
from catalogue.records.drafts import Rejection
from enmusubi.errors import MappingError, UnreadableFileError
from enmusubi.language import clean_text
from enmusubi.messages import Message

CHUNK_BYTES = 65_536
DELIMITERS = (",", "\t", ";", "|")
_DECLARED = re.compile('\ufeff?"?sep=([,;\t|])"?[\r\n]*', re.IGNORECASE)
_MAX_DECLARED_CHARS = 12
_AS_TEXT = re.compile('="(.*)"', re.DOTALL)
_TELLING = re.compile(rb"[\0\x0e\x1b\x80-\xff]")  # of an encoding other than ASCII
MAX_COLUMNS = 5_000


class TextFile:
    """A text file whose encoding is given or found; base of the formats."""

    sheet = ""

    def __init__(self, file: InputFile, options: ReadOptions) -> None:
        self.file = file
        self.label = file.label
        self._raw: Position | None = None
        self._done = 0
        self._options = options
        self._encoding = _checked_encoding(options.encoding) or self._find_encoding()

    def done_bytes(self) -> int:
        """Return how many of the file's `size` bytes were read."""
        if self._raw is not None:
            self._done = self._raw.tell()
        return self._done

    def notes(self) -> tuple[Rejection, ...]:
        """Return what is to be told of the file as a whole: nothing."""
        return ()

    def undecoded_reason(self) -> Message:
        """Return why text with bytes that its encoding does not know is not taken."""
        return Message(
            "bytes that are not %(encoding)s: save the file as UTF-8", {"encoding": self._encoding}
        )

    def _find_encoding(self) -> str:
        sample = bytearray()
        try:
            with opened(self.file) as (content, _):
                while len(sample) < SAMPLE_BYTES and (chunk := content.read1(CHUNK_BYTES)):
                    if sample and not _TELLING.search(sample):
                        sample.clear()  # what is plain ASCII so far tells nothing
                    sample += chunk
        except UnreadableFileError:
            if not sample:
                raise  # else the rows before the damage can still be read
        return find_encoding(bytes(sample))

    @contextmanager
    def text(self) -> Iterator[TextIO]:
        """Give the text from its start; undecodable bytes are carried over as surrogates."""
        with self._content() as content:
            yield io.TextIOWrapper(content, encoding=self._encoding, errors=ERRORS, newline="")

    def pieces(self) -> Iterator[str]:
        """Yield the text in pieces; none is lost before the spot where the file is damaged."""
        decoder = codecs.getincrementaldecoder(self._encoding)(ERRORS)
        with self._content() as content:
            while chunk := content.read1(CHUNK_BYTES):
                if piece := decoder.decode(chunk):
                    yield piece
            if piece := decoder.decode(b"", final=True):
                yield piece

    @contextmanager
    def _content(self) -> Iterator[io.BufferedReader]:
        with opened(self.file) as (content, raw):
            self._raw = raw
            try:
                yield content
            except UnicodeError as error:  # UTF-16 and UTF-32, whose bytes come in groups
                raise UnreadableFileError(
                    "%(file)s is not %(encoding)s to its end: save it as UTF-8.",
                    file=self.file,
                    encoding=self._encoding,
                ) from error
            finally:
                self._done, self._raw = raw.tell(), None


class DelimitedFile(TextFile):
    """A CSV or TSV file with a header; a row's number counts records, as a spreadsheet does."""

    def __init__(self, file: InputFile, options: ReadOptions) -> None:
        super().__init__(file, options)
        self._declared = self._find_declared()
        self._delimiter = options.delimiter or self._declared or self._find_delimiter()

    @property
    def delimiter(self) -> str:
        """What stands between the cells."""
        return self._delimiter

    def columns(self) -> tuple[str, ...]:
        """Return the names in the header; raises UnreadableFileError where there is none."""
        with self.text() as text:
            for _, cells in self._records(text):
                if isinstance(cells, list):
                    return _header(cells, self.file)
                break
        raise UnreadableFileError(
            "%(file)s has no header: expected column names in row 1.", file=self.file
        )

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the rows after the header."""
        header: tuple[str, ...] = ()
        with self.text() as text:
            for number, cells in self._records(text):
                if isinstance(cells, BadRow):
                    yield cells
                elif not header:
                    header = _header(cells, self.file)
                else:
                    yield self._row(number, header, cells)

    def records(self) -> Iterator[tuple[int, list[str] | BadRow]]:
        """Yield (row number, cells) of every row that is not blank, those above the header among them."""
        with self.text() as text:
            for number, cells in self._records(text):
                if isinstance(cells, BadRow):
                    yield number, cells
                    continue
                raw = partial(delimited_line, cells, self._delimiter)
                named = {str(place): cell for place, cell in enumerate(cells, start=1)}
                yield number, undecoded(number, named, self._encoding, raw) or cells

    def rejects_form(self) -> RejectsForm:
        """Return the header and the delimiter."""
        suffix = ".tsv" if self._delimiter == "\t" else ".csv"
        header = self.columns()
        return RejectsForm(DELIMITED, self.label, suffix, header, delimiter=self._delimiter)

    def _row(self, number: int, header: tuple[str, ...], cells: list[str]) -> RawRow | BadRow:
        raw = partial(delimited_line, cells, self._delimiter)
        if any(not is_blank(cell) for cell in cells[len(header) :]):
            message = Message(
                "%(cells)s cells, the header has %(columns)s: check the quotes",
                {"cells": len(cells), "columns": len(header)},
            )
            return BadRow(
                number,
                Rejection("", message, Message("row of %(count)s cells", {"count": len(cells)})),
                raw,
            )
        unpacked = map(_as_text, cells)
        named = {name: cell for name, cell in zip(header, unpacked, strict=False) if name}
        return undecoded(number, named, self._encoding, raw) or RawRow(number, named, raw)

    def _records(self, text: TextIO) -> Iterator[tuple[int, list[str] | BadRow]]:
        """Yield (row number, cells) of every record that is not blank, the header among them."""
        csv.field_size_limit(MAX_CELL_CHARS)
        lines = _ShortLines(text)
        if self._declared:
            next(lines, "")  # spreadsheets don't show this line and don't count it
        reader = csv.reader(lines, delimiter=self._delimiter)
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                message = Message(
                    "a cell of more than %(most)s characters: is a quote not closed?",
                    {"most": f"{MAX_CELL_CHARS:,}"},
                )
                yield number, BadRow(number, Rejection("", message))
                continue
            if any(not is_blank(cell) for cell in cells):
                yield number, cells

    def _find_declared(self) -> str:
        """Return the delimiter that a first line such as `sep=;` declares for spreadsheets, or nothing."""
        with self.text() as text:
            found = _DECLARED.fullmatch(text.readline(_MAX_DECLARED_CHARS))
        return found[1] if found else ""

    def _find_delimiter(self) -> str:
        if file_type(self.file) == ".tsv":
            return "\t"
        with self.text() as text:
            first = next((line for line in lines_of(text) if line.strip()), "")
        outside_quotes = "".join(first.split('"')[::2])
        return max(DELIMITERS, key=outside_quotes.count)


def _checked_encoding(name: str) -> str:
    if not name:
        return ""
    try:
        return known_encoding(name)
    except LookupError as error:
        raise MappingError(
            "The mapping's encoding %(encoding)r is unknown: expected utf-8, cp932, euc_jp, "
            "iso-2022-jp or utf-16.",
            encoding=name,
        ) from error


class _ShortLines:
    """The lines for a CSV reader; one that is too long ends its record only.

    Its end is unread, so a quote that it opens would otherwise swallow the lines after it.
    """

    def __init__(self, text: TextIO) -> None:
        self._lines = lines_of(text)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if len(line) >= MAX_CELL_CHARS:
            raise csv.Error("line too long")
        return line


def lines_of(text: TextIO) -> Iterator[str]:
    """Yield the lines; what goes beyond the longest cell is left out, so memory stays bounded."""
    while line := text.readline(MAX_CELL_CHARS):
        if len(line) >= MAX_CELL_CHARS and not line.endswith("\n"):
            while (rest := text.readline(MAX_CELL_CHARS)) and not rest.endswith("\n"):
                pass
        yield line


def _as_text(cell: str) -> str:
    """Return `00123` for `="00123"`, by which programs keep spreadsheets from taking it for a number."""
    found = _AS_TEXT.fullmatch(cell) if cell.startswith('="') else None
    return found[1].replace('""', '"') if found and '"' not in found[1].replace('""', "") else cell


def _header(cells: list[Any], file: InputFile) -> tuple[str, ...]:
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFileError(
            "%(file)s has %(count)s columns, at most %(most)s are read: check its delimiter.",
            file=file,
            count=f"{len(cells):,}",
            most=f"{MAX_COLUMNS:,}",
        )
    names = tuple(" ".join(clean_text(_as_text(cell)).split()) for cell in cells)
    doubled = sorted(name for name, uses in Counter(names).items() if name and uses > 1)
    if doubled:
        raise UnreadableFileError(
            "%(file)s has several columns named %(name)r: give each column its own name.",
            file=file,
            name=doubled[0],
        )
    return names
