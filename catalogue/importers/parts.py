"""Sources whose rows hold several things each: a person, say, and all of their works.

Each part becomes a row of its own, so that a bad one does not take the others along, and goes back
alone to be mended. A file is read once for each kind of part: people come before the works of any
file, whatever the order of the files.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.parsed import (
    ParsedRow,
    RecordSource,
    nothing_found,
    parsed_row,
    rejected_row,
)
from catalogue.importers.reading.files import InputFile
from catalogue.importers.rejects import RejectsForm
from catalogue.importers.rows import BadRow, Raw
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS
from catalogue.records.rejections import Rejection
from enmusubi.errors import UnreadableFileError


@dataclass(frozen=True)
class PartKind:
    """A kind of part: the table that it goes to, and the source that the catalogue keeps with it."""

    table: str
    source: str
    name: str = ""  # added to the file's name in reports


@dataclass(frozen=True)
class Part:
    """One thing in a row."""

    kind: PartKind
    read: Callable[[], list[ParsedRecord]] = field(repr=False)
    raw: Raw | None = field(default=None, repr=False, compare=False)


class Rows(Protocol):
    """A file that gives rows; it may be read several times."""

    file: InputFile
    label: str

    def rows(self) -> Iterator[Any]:
        """Yield the rows in order, those that cannot be read as BadRow."""

    def done_bytes(self) -> int:
        """Return how many of the file's `size` bytes were read."""

    def rejects_form(self) -> RejectsForm:
        """Return how rejected parts are written so that they can be imported again."""


@dataclass(frozen=True)
class Parting:
    """How the rows of a format are taken apart."""

    kinds: Sequence[PartKind]  # the last one's source also tells what is wrong with the file
    expected: str  # what such a file holds, in words
    parts_of: Callable[[Any], Iterable[Part]]  # of a row that can be read


def parted_sources(rows: Rows, parting: Parting) -> list[RecordSource]:
    """Return a file's sources, one for each kind of part."""
    return [_PartSource(rows, parting, kind) for kind in parting.kinds]


class _PartSource:
    """The parts of one kind in a file."""

    def __init__(self, rows: Rows, parting: Parting, kind: PartKind) -> None:
        self.file, self.path = rows.file, rows.file.path
        self.table, self.source = kind.table, kind.source
        self.label = f"{rows.label} ({kind.name})" if kind.name else rows.label
        self.repeating = frozenset({ORGANISATIONS, RESEARCHERS}) - {kind.table}
        self._rows, self._parting, self._kind = rows, parting, kind
        self._is_last = kind == parting.kinds[-1]
        self._is_empty = False

    def notes(self) -> tuple[Rejection, ...]:
        """Return that nothing was found although the file is not empty, if that turned out."""
        if not self._is_last or not self._is_empty or not self.file.size:
            return ()
        return (nothing_found(self.label, self._parting.expected),)

    def done_bytes(self) -> int:
        """Return this reading's share of how many of the file's `size` bytes were read."""
        return self._rows.done_bytes() // len(self._parting.kinds)

    def rejects_form(self) -> RejectsForm:
        """Return how rejected parts are written so that they can be imported again."""
        return self._rows.rejects_form()

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield one row for each part of the kind.

        It has the number of the row, or the next free one where a row has several parts.
        """
        self._is_empty = True
        try:
            yield from self._parsed_parts()
        except UnreadableFileError:
            if self._is_last:  # so that it is told once
                raise

    def _parsed_parts(self) -> Iterator[ParsedRow]:
        last = 0
        for row in self._rows.rows():
            self._is_empty = False
            if isinstance(row, BadRow):
                last = max(last + 1, row.number)
                if self._is_last:
                    yield rejected_row(self.label, replace(row, number=last))
                continue
            for part in self._parting.parts_of(row):
                last = max(last + 1, row.number)
                if part.kind == self._kind:
                    yield parsed_row(self.label, last, part.read(), part.raw)
