"""What every format gives to the import: rows with drafts, and what was wrong with them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.general.mapping import Mapping
from catalogue.importers.reading.files import InputFile
from catalogue.importers.rejects import RejectsForm
from catalogue.importers.rows import BadRow, Raw
from catalogue.records.drafts import SEEDS, Draft
from catalogue.records.rejections import FILE, ROW, Rejection
from enmusubi.messages import Message


@dataclass(frozen=True)
class ParsedRow:
    """One row of a file; it has drafts unless a rejection concerns the whole row."""

    number: int
    drafts: tuple[Draft, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    raw: Raw | None = field(default=None, repr=False, compare=False)  # None: it cannot be given


class RecordSource(Protocol):
    """A file, or a sheet, of one format."""

    file: InputFile
    path: Path  # of the file, on disk
    label: str
    table: str  # the last table, in the order of TABLES, that it has records of
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
    mapping: Mapping | None = None


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


def nothing_found(label: str, expected: str) -> Rejection:
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
