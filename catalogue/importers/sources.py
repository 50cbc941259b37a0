"""Sources: what every format gives to the import, rows with drafts and what was rejected of them.

A row whose things are read together comes from `RowSource`. Where rows hold several things each, a
person and all of their works, `parted_sources` makes each part a row of its own, so that a bad one does
not take the others along, and goes back alone to be mended. Such a file is read once for each kind of
part: people come before the works of any file, whatever the order of the files.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.general.mapping import ColumnMapping
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.rejects import RejectsForm
from catalogue.importers.rows import BadRow, Raw, RowFile
from catalogue.records.drafts import FILE, ORGANISATIONS, RESEARCHERS, ROW, SEEDS, Draft, Rejection
from catalogue.records.table_readings import Readings
from enmusubi.errors import MappingError, UnreadableFileError
from enmusubi.messages import Message

if TYPE_CHECKING:
    from catalogue.importers.judged_rows import JudgedRow


@dataclass(frozen=True)
class ParsedRow:
    """One row of a file; it has drafts unless a rejection concerns the whole row."""

    number: int
    drafts: tuple[Draft, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    raw: Raw | None = field(default=None, repr=False, compare=False)  # None: it cannot be given
    together: Mapping[int, Raw] = field(default_factory=dict, repr=False, compare=False)
    """Rows before this one whose content went into it: they share its fate."""
    judged: "JudgedRow | None" = None  # of a table of judgements


class RecordSource(Protocol):
    """A file, or a sheet, of one format."""

    file: InputFile
    path: Path  # of the file, on disk
    label: str
    table: str  # the last table, in the order of IN_ORDER, that it has records of
    repeating: frozenset[str]  # tables whose rows may come up several times in it
    source: str  # the name that the catalogue keeps with what comes from it

    def notes(self) -> tuple[Rejection, ...]:
        """Return what is left out of the file as a whole, known once it was read."""

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows in order."""

    def done_bytes(self) -> int:
        """Return how many of the file's `size` bytes were read."""

    def rejects_form(self) -> RejectsForm:
        """Return how rejected rows are written so that they can be imported again."""


@dataclass(frozen=True)
class ImportOptions:
    """What whoever imports says about the files as a whole."""

    researcher: str = ""  # every seed of the files is theirs, too
    mapping: ColumnMapping | None = None
    readings: Readings = field(default_factory=dict, repr=False)
    """How tables are read, as somebody corrected it: by the hashes of their headers."""
    only: str = field(default="", repr=False)
    """Whose rows alone are taken, as `one_person` writes an identifier; empty: everybody's."""


@dataclass(frozen=True)
class Importer:
    """A format that can be imported."""

    name: str
    description: str
    open_sources: Callable[[InputFile, ImportOptions], Sequence[RecordSource]]


def rejected_row(label: str, bad: BadRow) -> ParsedRow:
    """Return the parsed row of one that could not be read."""
    rejection = replace(bad.rejection, file=label, row=bad.number)
    return ParsedRow(bad.number, rejections=(rejection,), raw=bad.raw)


def parsed_row(
    label: str, number: int, records: Sequence[ParsedRecord], raw: Raw | None = None
) -> ParsedRow:
    """Return the row made of its records; one rejected record rejects the row."""
    rejections = tuple(
        replace(rejection, file=label, row=number)
        for record in records
        for rejection in record.rejections
    )
    if any(rejection.scope == ROW for rejection in rejections):
        return ParsedRow(number, rejections=rejections, raw=raw)
    drafts = tuple(draft for record in records for draft in record.drafts)
    return ParsedRow(number, drafts, rejections, raw)


def nothing_found(label: str, expected: Message) -> Rejection:
    """Return that a file, though it is not empty, holds nothing of its format."""
    message = Message("nothing found: expected %(expected)s", {"expected": expected})
    return Rejection("", message, scope=FILE, file=label)


def rows_with(researcher: str, rows: Iterable[ParsedRow]) -> Iterator[ParsedRow]:
    """Yield the rows, the researcher among the people of each seed; an empty id changes nothing."""
    for row in rows:
        if researcher:
            yield replace(row, drafts=tuple(_with(researcher, draft) for draft in row.drafts))
        else:
            yield row


def _with(researcher: str, draft: Draft) -> Draft:
    people = dict.fromkeys([*(draft.people or ()), researcher])
    return replace(draft, people=tuple(people)) if draft.table == SEEDS else draft


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
        expected: Message,
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
    expected: Message  # what such a file holds, in words
    parts_of: Callable[[Any], Iterable[Part]]  # of a row that can be read


def parted_sources(rows: Rows, parting: Parting) -> list[RecordSource]:
    """Return a file's sources, one for each kind of part."""
    return [PartSource(rows, parting, kind) for kind in parting.kinds]


class PartSource:
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
            if self._is_last:  # so that the report has it once
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
