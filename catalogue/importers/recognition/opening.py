"""Opens what a general file holds as recognised tables, by their looks or by a reading that somebody kept."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, cast

from catalogue.importers.reading.json_files import JsonFile
from catalogue.importers.recognition.headers import folded
from catalogue.importers.recognition.laid_out import LaidOutRows, SheetFile, first_rows
from catalogue.importers.recognition.recognising import (
    SAMPLE_ROWS,
    RecognisedTable,
    recognise,
    recognise_as,
    unrecognised,
)
from catalogue.importers.recognition.table_source import NO_SETTINGS, TableSettings, TableSource
from catalogue.importers.recognition.work_sources import source_of
from catalogue.importers.rows import BadRow, RawRow, RowFile
from catalogue.importers.sources import ImportOptions
from catalogue.records.drafts import Rejection
from catalogue.records.table_readings import Reading
from enmusubi.messages import Message

UNKNOWN_TABLE = Message(
    "left out: neither its columns nor their values tell what it is; say on the page Import what its "
    "columns are, or write a mapping"
)
SET_ASIDE = Message("left out, as was decided for tables with these columns")


@dataclass(frozen=True)
class RecognisedPart:
    """A file or sheet with its table, as it was recognised and as it is to be read."""

    part: RowFile
    rows: RowFile
    table: RecognisedTable
    header_hash: str
    settings: TableSettings = NO_SETTINGS
    is_kept: bool = False  # the reading was kept by somebody
    is_set_aside: bool = False
    head: Sequence[Sequence[Any]] = field(default=(), repr=False)  # the first rows

    def source(self, name: str, notes: Sequence[Rejection] = ()) -> TableSource:
        """Return it as a source of an import."""
        return source_of(self.rows, self.table, name, self.settings, notes)

    @property
    def why_not_imported(self) -> Message | None:
        """Why the import leaves the table out, if it does."""
        if self.is_set_aside:
            return SET_ASIDE
        return None if self.table.kind else UNKNOWN_TABLE


def recognise_part(part: RowFile, options: ImportOptions) -> RecognisedPart | None:
    """Return the table of a file or sheet, None where none is recognised and no reading was kept of it."""
    found = look_at_part(part, options)
    return found if found and (found.table.kind or found.is_set_aside) else None


def look_at_part(part: RowFile, options: ImportOptions) -> RecognisedPart | None:
    """Return the table of a file or sheet, one of no kind where it is not recognised; None for no table."""
    is_keyed = isinstance(part, JsonFile)
    if not is_keyed and not hasattr(part, "records"):
        return None
    sheet = cast(SheetFile, part)
    head = _keyed_rows(part) if is_keyed else first_rows(sheet)
    table = recognise(head, called=f"{part.sheet} {part.file.name}") or unrecognised(head)
    if table is None:
        return None
    rows = part if is_keyed else LaidOutRows(sheet, table.layout)
    found = RecognisedPart(part, rows, table, hash_of(table), head=head)
    reading = options.readings.get(found.header_hash)
    return found if reading is None else _as_kept(found, reading)


def read_as(found: RecognisedPart, kind: str) -> RecognisedTable:
    """Return the table with the roles that its columns have if its rows are of this kind."""
    return recognise_as(kind, found.head, found.table.layout)


def _as_kept(found: RecognisedPart, reading: Reading) -> RecognisedPart:
    if not reading.kind:
        return replace(found, is_kept=True, is_set_aside=True)
    table = found.table.with_roles(reading.kind, reading.roles)
    settings = TableSettings(reading.institution)
    return replace(found, table=table, settings=settings, is_kept=True)


def hash_of(table: RecognisedTable) -> str:
    """Return what tables of one header share, whatever stands above it and below."""
    names = [folded(label.shown) or label.shown for label in table.layout.labels]
    said = "\n".join([str(table.layout.is_sideways), *names])
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


def _keyed_rows(part: RowFile) -> list[list[Any]]:
    """Return the keys of the first object as a header, and the values of the first ones below it."""
    keys = part.columns()
    return (
        [list(keys), *([row.cells.get(key) for key in keys] for row in _first(part))]
        if keys
        else []
    )


def _first(part: RowFile) -> Iterator[RawRow]:
    for row in islice(part.rows(), SAMPLE_ROWS):
        if not isinstance(row, BadRow):
            yield row
