"""A row as it stands in a file, before any meaning is given to it."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from catalogue.importers.reading.decoding import as_meant, is_foreign
from catalogue.importers.reading.files import InputFile
from catalogue.importers.rejects import RejectsForm
from catalogue.records.drafts import Rejection, shape_of
from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message

Raw = Callable[[], str]
"""Gives a row as it stood in the file; called for the few rows that go back to be mended."""

MOST_AT_ONCE = 2_000  # rows that people send and that are written in one transaction
MOST_SMALL_AT_ONCE = 20_000  # of those for which little is written
MAX_CELL_CHARS = 32_000_000  # beyond it a quote is open or the file is no table


class CellError:
    """What stands in a cell whose formula failed, such as `#N/A`: no value, and not an empty cell."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __str__(self) -> str:
        return self._code


class DayOf1904(float):
    """A number of a workbook that counts days from 1904, in case that it is a day."""


@dataclass(frozen=True)
class RawRow:
    """The cells of a row by column name; of JSON lines, the object."""

    number: int
    cells: Mapping[str, Any] = dataclasses.field(repr=False)
    raw: Raw | None = dataclasses.field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read at all."""

    number: int
    rejection: Rejection
    raw: Raw | None = dataclasses.field(default=None, repr=False, compare=False)  # None: too long


class RowFile(Protocol):
    """A file, or one sheet of it, that gives rows."""

    file: InputFile
    label: str  # the file's name, and the sheet's, if it has several
    sheet: str  # empty unless it is a sheet

    def columns(self) -> tuple[str, ...]:
        """Return the header; of JSON lines, the keys of the first object."""

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the rows in order, blank ones left out."""

    def done_bytes(self) -> int:
        """Return how far reading has come in the file as it lies on disk."""

    def notes(self) -> tuple[Rejection, ...]:
        """Return what is to be told of the file or sheet as a whole, once it was read."""

    def rejects_form(self) -> RejectsForm:
        """Return how rows of this file are written so that they can be imported again."""


@dataclass(frozen=True)
class ReadOptions:
    """What a mapping says about reading; empty means: find out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


def rows_at_once(file: RowFile, most: int = MOST_AT_ONCE) -> Iterator[RawRow | BadRow]:
    """Yield the rows of a file that is taken in one transaction, for which all other writers wait.

    Raises UnreadableFileError beyond `most`.
    """
    for count, row in enumerate(file.rows(), start=1):
        if count > most:
            raise UnreadableFileError(
                "%(file)s has more than %(most)s rows, as many as are taken at once. Divide it.",
                file=file.label,
                most=f"{most:,}",
            )
        yield row


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def undecoded(
    number: int, cells: Mapping[str, Any], encoding: str, raw: Raw | None = None
) -> BadRow | None:
    """Return the row as bad if a cell has bytes that the encoding does not know."""
    for name, value in cells.items():
        if isinstance(value, str) and is_foreign(value, encoding):
            reason = Message(
                "bytes that are not %(encoding)s: save the file as UTF-8, or name its encoding "
                "in the mapping",
                {"encoding": encoding},
            )
            return BadRow(number, Rejection(name, reason, shape_of(value)), meant(raw, encoding))
    return None


def meant(raw: Raw | None, encoding: str) -> Raw | None:
    """Return what gives a foreign row as its own encoding reads it, so that it needs no mending."""
    return (lambda: as_meant(raw(), encoding)) if raw else None
