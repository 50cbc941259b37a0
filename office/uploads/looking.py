"""Looks at an uploaded file before it is imported: its parts, and ten rows of each as they would go in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from catalogue.importers.formats import find_format
from catalogue.importers.general.mapping import guess_table
from catalogue.importers.general.source import own_columns, row_files
from catalogue.importers.judged_rows import JudgedRow
from catalogue.importers.reading.files import InputFile, list_files
from catalogue.importers.recognition.known_people import CataloguePeople
from catalogue.importers.recognition.opening import RecognisedPart, look_at_part, read_as
from catalogue.importers.recognition.table_source import TableSource
from catalogue.importers.registry import FORMATS
from catalogue.importers.rows import RowFile
from catalogue.importers.sources import ImportOptions, ParsedRow, RecordSource
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NOTE, ORGANISATIONS, Draft, Rejection
from catalogue.records.lookups import name_in
from catalogue.records.table_readings import Reading, load_readings
from enmusubi.errors import InputError, MappingError, UnreadableFileError
from enmusubi.messages import Message
from office.uploads.store import Upload

GENERAL = "general"
MOST_PARTS = 30  # that are shown
SHOWN_ROWS = 10
_LOOKED_AT = 60  # rows, until ten are found
_OF_A_SEED = "researcher_ids"


@dataclass(frozen=True)
class ShownRow:
    """A row as it would go in: its number, its values by our columns, and what is said of it."""

    number: int
    values: dict[str, str] = field(default_factory=dict, repr=False)
    rejections: tuple[Rejection, ...] = ()

    @property
    def is_rejected(self) -> bool:
        """Whether nothing of it would go in."""
        return not self.values


@dataclass(frozen=True)
class LookedAt:
    """A part of an upload: a file of it, or a sheet."""

    label: str
    format: str
    table: str = ""  # what its rows go into
    found: RecognisedPart | None = None  # where its columns were recognised, and may be corrected
    columns: tuple[str, ...] = ()
    rows: tuple[ShownRow, ...] = ()
    fault: Message | None = None  # why nothing of it goes in


def files_by_format(upload: Upload) -> dict[str, list[InputFile]]:
    """Return the files in an upload by the format in which each is imported.

    A file that cannot be read stands under the format `general`, which says why.
    """
    found: dict[str, list[InputFile]] = {}
    for file in list_files([upload.path]):
        found.setdefault(_format_of(upload, file), []).append(file)
    return {name: found[name] for name in FORMATS if name in found}


def options_for(catalogue: Catalogue, upload: Upload) -> ImportOptions:
    """Return how an upload is imported: the readings that were kept, and above them its own."""
    with catalogue.reading() as connection:
        kept = load_readings(connection)
    return ImportOptions(readings={**kept, **upload.readings}, only=upload.only)


def look_at(catalogue: Catalogue, upload: Upload) -> list[LookedAt]:
    """Return the parts of an upload, the first thirty."""
    options = options_for(catalogue, upload)
    return list(islice(_parts(catalogue, upload, options), MOST_PARTS))


@dataclass(frozen=True)
class Correction:
    """What somebody says of a table: its kind, the roles by the columns' places, the institution."""

    kind: str
    roles: Mapping[int, str]
    institution: str = ""


def corrected(catalogue: Catalogue, upload: Upload, header_hash: str, said: Correction) -> Upload:
    """Return the upload with what somebody says of a table; raises InputError where it has no such table.

    For another kind than before the roles are found anew; without a kind the table is left out.
    """
    for found in _recognised(upload, options_for(catalogue, upload)):
        if found.header_hash != header_hash:
            continue
        if said.kind and said.kind != found.table.kind:
            roles = {c.label: c.role for c in read_as(found, said.kind).columns}
        else:
            columns = enumerate(found.table.columns)
            roles = {c.label: said.roles[place] for place, c in columns if said.roles.get(place)}
        reading = Reading(said.kind, roles, said.institution)
        return replace(upload, readings={**upload.readings, header_hash: reading})
    raise InputError("The file has no such table. Load the page again.")


def _recognised(upload: Upload, options: ImportOptions) -> Iterator[RecognisedPart]:
    """Yield the parts of an upload whose columns were recognised; their rows are not read."""
    for file in files_by_format(upload).get(GENERAL, ()):
        with suppress(UnreadableFileError):
            for part in row_files(file):
                if found := _recognised_part(part, options):
                    yield found


def _recognised_part(part: RowFile, options: ImportOptions) -> RecognisedPart | None:
    with suppress(UnreadableFileError):
        return None if guess_table(own_columns(part)) else look_at_part(part, options)
    return None


def _format_of(upload: Upload, file: InputFile) -> str:
    if upload.format:
        return upload.format
    try:
        return find_format(file)
    except UnreadableFileError:
        return GENERAL


def _parts(catalogue: Catalogue, upload: Upload, options: ImportOptions) -> Iterator[LookedAt]:
    for name, files in files_by_format(upload).items():
        for file in files:
            try:
                if name == GENERAL:
                    yield from _tables(catalogue, file, options)
                else:
                    yield from _sources(catalogue, name, file, options)
            except (UnreadableFileError, MappingError) as error:
                yield LookedAt(file.label, name, fault=error.message)


def _tables(catalogue: Catalogue, file: InputFile, options: ImportOptions) -> Iterator[LookedAt]:
    for part in row_files(file):
        try:
            yield _table(catalogue, part, options)
        except UnreadableFileError as error:
            yield LookedAt(part.label, GENERAL, fault=error.message)


def _table(catalogue: Catalogue, part: RowFile, options: ImportOptions) -> LookedAt:
    if guess_table(own_columns(part)):
        sources = FORMATS[GENERAL].open_sources(part.file, options)
        own = next(source for source in sources if source.label == part.label)
        return _shown(catalogue, own, LookedAt(part.label, GENERAL))
    found = look_at_part(part, options)
    if found is None:
        fault = Message("no table is found in it: expected a header and rows below it")
        return LookedAt(part.label, GENERAL, fault=fault)
    looked = LookedAt(part.label, GENERAL, found=found)
    if why_not := found.why_not_imported:
        return replace(looked, fault=why_not)
    return _shown(catalogue, found.source(""), looked)


def _sources(
    catalogue: Catalogue, name: str, file: InputFile, options: ImportOptions
) -> Iterator[LookedAt]:
    for source in FORMATS[name].open_sources(file, options):
        shown = _shown(catalogue, source, LookedAt(source.label, name))
        if shown.rows or shown.fault:
            yield shown


def _shown(catalogue: Catalogue, source: RecordSource, looked: LookedAt) -> LookedAt:
    if isinstance(source, TableSource):
        source.known = CataloguePeople(catalogue.reading)
    rows: list[ShownRow] = []
    fault: Message | None = None
    try:
        for row in islice(source.parsed_rows(), _LOOKED_AT):
            if len(rows) < SHOWN_ROWS:
                rows += _as_shown(row, source.table)
    except UnreadableFileError as error:
        fault = error.message
    columns = dict.fromkeys(name for row in rows for name in row.values)
    return replace(
        looked, table=source.table, columns=tuple(columns), rows=tuple(rows), fault=fault
    )


def _as_shown(row: ParsedRow, table: str) -> Iterator[ShownRow]:
    if row.judged:
        yield ShownRow(row.number, _of_judgement(row.judged), row.rejections)
        return
    drafts = [draft for draft in row.drafts if draft.table == table]
    if not drafts and any(rejection.scope != NOTE for rejection in row.rejections):
        yield ShownRow(row.number, rejections=row.rejections)
    institutions = [
        d.values for d in row.drafts if d.table == ORGANISATIONS and table != ORGANISATIONS
    ]
    for draft in drafts:
        yield ShownRow(row.number, _values(draft, institutions), row.rejections)


def _of_judgement(judged: JudgedRow) -> dict[str, str]:
    at = judged.judged_at
    values = {
        "need": judged.need[0] if judged.need else judged.company,
        "researcher": name_in(judged.people[0]),
        "verdict": judged.verdict,
        "reason": judged.reason,
        "stage": judged.stage,
        "judged_by": judged.judged_by,
        "judged_at": at[0].astimezone().date().isoformat() if at else "",
    }
    return {name: value for name, value in values.items() if value}


def _values(draft: Draft, organisations: Sequence[Any]) -> dict[str, str]:
    values = {name: str(value) for name, value in draft.values.items() if value not in (None, "")}
    if organisations and values.pop("organisation_id", ""):
        names = organisations[0]
        values["institution" if draft.table == "researchers" else "company"] = str(
            names.get("name_ja") or names.get("name_en") or ""
        )
    if draft.people:
        values[_OF_A_SEED] = "; ".join(
            one.removeprefix("name:").lstrip("|") for one in draft.people
        )
    return values
