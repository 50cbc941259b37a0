"""The columns that can be imported, table by table, and how a record becomes drafts.

Both importers end here, so that every source is checked by the same rules.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalogue.database.models import (
    AREAS,
    LANGUAGES,
    NEED_STATUSES,
    ORGANISATION_KINDS,
    PATENT_STATUSES,
)
from catalogue.importers import values
from catalogue.importers.general.names import spread_names
from catalogue.importers.general.workplaces import (
    AFFILIATION,
    COMPANY,
    INSTITUTION,
    id_of_organisation,
    organisation_of,
)
from catalogue.importers.reading.decoding import is_escaped
from catalogue.importers.rows import CellError
from catalogue.importers.values import MAX_NAME_CHARS, Parser
from catalogue.records.corpus import PROFILE_PREFIX
from catalogue.records.drafts import (
    LETTERS,
    NEEDS,
    ORGANISATIONS,
    RESEARCHERS,
    ROW,
    SEEDS,
    VALUE,
    BadValueError,
    Draft,
    Merge,
    Rejection,
    Value,
    shape_of,
)
from catalogue.records.lookups import NAME_REFERENCE
from catalogue.records.table_rules import STORED
from enmusubi.language import LOST_LETTER, clean_text
from enmusubi.messages import Message
from matcher.records import SEED_KINDS, VISIBILITIES

PEOPLE = "researcher_ids"
REPRESENTATIVE_OF = "representative_of"  # the researchers who chose the seed to stand for them
ERAD_PREFIX = "erad:"
ERAD_DIGITS = 8

_LOST = Message(
    "letters that only the sender's machine has (外字), or that were broken: they stand as 〓; write "
    "them in Unicode and import again"
)
_FOREIGN = Message("bytes of ISO-2022-JP in a file of another encoding: save the file as UTF-8")
_BORDERS = re.compile(r"[;；|｜]")


@dataclass(frozen=True)
class Column:
    """One column of a table: how it is read, and what goes when its value is bad."""

    parse: Parser
    if_bad: str = ROW  # the row is rejected, or goes in without the value


@dataclass(frozen=True)
class ParsedRecord:
    """The drafts of one record, organisations first, or none if it is rejected; and what was rejected."""

    drafts: tuple[Draft, ...] = ()
    rejections: tuple[Rejection, ...] = ()


_ID, _LINE, _PROSE = Column(values.identifier), Column(values.line), Column(values.prose)
_NAME, _KEYWORDS = Column(values.name), Column(values.keywords)
_NAMES = Column(values.names, VALUE)
_OTHER_ID = Column(values.identifier, VALUE)

COLUMNS: dict[str, dict[str, Column]] = {
    ORGANISATIONS: {
        "organisation_id": _ID,
        "name_ja": _NAME,
        "name_en": _NAME,
        "ror_id": Column(values.ror, VALUE),
        "kind": Column(values.one_of(ORGANISATION_KINDS)),
        "aliases": _NAMES,
    },
    RESEARCHERS: {
        "researcher_id": _ID,
        "orcid": Column(values.orcid, VALUE),
        "openalex_id": Column(values.openalex, VALUE),
        "researchmap_id": _OTHER_ID,
        "kaken_id": _OTHER_ID,
        "erad_id": _OTHER_ID,
        "local_id": _OTHER_ID,
        "name_ja": _NAME,
        "name_kana": _NAME,
        "name_en": _NAME,
        "aliases": _NAMES,
        "institution_ja": _NAME,
        "institution_en": _NAME,
        "institution_ror": Column(values.ror, VALUE),
        "institution_kind": Column(values.one_of(ORGANISATION_KINDS), VALUE),
        AFFILIATION: _LINE,
        "department_ja": _LINE,
        "department_en": _LINE,
        "position_ja": _LINE,
        "position_en": _LINE,
        "keywords_ja": _KEYWORDS,
        "keywords_en": _KEYWORDS,
        "profile_ja": _PROSE,
        "profile_en": _PROSE,
        "email": Column(values.email, VALUE),
        "extension": Column(values.line, VALUE),
        "homepage": Column(values.link, VALUE),
        "laboratory": Column(values.line, VALUE),
    },
    SEEDS: {
        "seed_id": _ID,
        "kind": Column(values.one_of(SEED_KINDS)),
        "lang": Column(values.one_of(LANGUAGES), VALUE),
        "title": _LINE,
        "text": _PROSE,
        "year": Column(values.year, VALUE),
        PEOPLE: Column(values.references),
        "doi": Column(values.doi, VALUE),
        "url": Column(values.link, VALUE),
        "venue": Column(values.line, VALUE),
        "visibility": Column(values.one_of(VISIBILITIES)),
        "patent_status": Column(values.one_of(PATENT_STATUSES)),
        "family_id": _OTHER_ID,
        "field_codes": Column(values.field_codes, VALUE),
        "companies": _NAMES,
        REPRESENTATIVE_OF: Column(values.references),
    },
    NEEDS: {
        "need_id": Column(values.need_identifier),
        "title": _LINE,
        "text": _PROSE,
        "lang": Column(values.one_of(LANGUAGES), VALUE),
        COMPANY: _NAME,
        "area": Column(values.one_of(AREAS)),
        "horizon": _LINE,
        "budget_jpy": Column(values.yen, VALUE),
        "constraints": _PROSE,
        "confidentiality": Column(values.one_of(VISIBILITIES)),
        "manager": _LINE,
        "status": Column(values.one_of(NEED_STATUSES)),
        "posted_on": Column(values.day, VALUE),
    },
}


def read_record(
    table: str,
    fields: Mapping[str, Any],
    merge: Merge = Merge.REPLACE,
    *,
    given: frozenset[str] | None = None,
) -> ParsedRecord:
    """Return the drafts of one record of a table; `fields` go by the names of COLUMNS.

    `given` are the columns that the source has: what it said in them before goes where they are
    empty now. None keeps it.
    """
    parsed, rejections = _parse(table, fields)
    if given:  # a cell that shows an error says nothing, not that there is nothing
        given -= {name for name, value in fields.items() if isinstance(value, CellError)}
    key = STORED[table].key
    if table == ORGANISATIONS:
        parsed[key] = id_of_organisation(parsed)
    missing = _missing_id(table, parsed.get(key), fields.get(key))
    if missing and not any(rejection.field == key for rejection in rejections):
        rejections = (*rejections, missing)
    if any(rejection.scope == ROW for rejection in rejections):
        return ParsedRecord(rejections=rejections)
    people = _people(parsed.pop(PEOPLE, None))
    chosen_by = _people(parsed.pop(REPRESENTATIVE_OF, None)) or ()
    if table == RESEARCHERS:
        spread_names(parsed)
    organisation = organisation_of(table, parsed, fields)
    if organisation:
        parsed["organisation_id"] = organisation.values["organisation_id"]
    if given and not given.isdisjoint((*INSTITUTION, AFFILIATION, COMPANY)):
        given |= {"organisation_id"}
    affiliation = organisation.affiliation if organisation else None
    own = Draft(table, parsed, merge, people, chosen_by, given, affiliation=affiliation)
    return ParsedRecord((organisation, own) if organisation else (own,), rejections)


def errors_in(cells: Mapping[str, Any]) -> ParsedRecord:
    """Return what cells of a row show errors: no drafts, but what is to be told of each."""
    rejections = []
    for name, value in cells.items():
        if isinstance(value, CellError):
            try:
                values.as_text(value)
            except BadValueError as bad:
                rejections.append(Rejection(name, bad.message, shape_of(value), VALUE))
    return ParsedRecord((), tuple(rejections))


def dated(record: ParsedRecord, day: object) -> ParsedRecord:
    """Return the record with the day, month or year of a researcher's affiliation."""
    as_of = str(day or "")
    drafts = (replace(d, as_of=as_of) if d.table == RESEARCHERS else d for d in record.drafts)
    return replace(record, drafts=tuple(drafts))


def as_part_of_row(record: ParsedRecord) -> ParsedRecord:
    """Return the record with its rejections made to concern only a part of their row."""
    partial = (replace(r, scope=VALUE if r.scope == ROW else r.scope) for r in record.rejections)
    return replace(record, rejections=tuple(partial))


def _parse(table: str, fields: Mapping[str, Any]) -> tuple[dict[str, Value], tuple[Rejection, ...]]:
    parsed: dict[str, Value] = {}
    rejections = []
    for name, value in fields.items():
        column = COLUMNS[table][name]
        try:
            parsed[name] = column.parse(value)
        except BadValueError as bad:
            failed = isinstance(value, CellError) and name != STORED[table].key
            scope = VALUE if failed else column.if_bad
            rejections.append(Rejection(name, bad.message, shape_of(value), scope))
            continue
        if isinstance(value, str) and is_escaped(value):
            rejections.append(Rejection(name, _FOREIGN, shape_of(value), ROW))
        elif LOST_LETTER in str(parsed[name]):
            rejections.append(Rejection(name, _LOST, shape_of(value), LETTERS))
    return {name: value for name, value in parsed.items() if value is not None}, tuple(rejections)


def _missing_id(table: str, row_id: Value, given: Any) -> Rejection | None:
    key = STORED[table].key
    if not row_id:
        message = Message("empty: every row of %(table)s needs it", {"table": table})
        return Rejection(key, message, shape_of(given))
    if table == SEEDS and str(row_id).startswith(PROFILE_PREFIX):
        message = Message(
            "ids that begin with %(prefix)r are kept for researchers' profiles",
            {"prefix": PROFILE_PREFIX},
        )
        return Rejection(key, message, shape_of(given))
    return None


def _people(listed: Value) -> tuple[str, ...] | None:
    return tuple(str(listed).split(values.LIST_SEPARATOR)) if listed else None


def name_reference(organisation: str, name: str) -> str:
    """Return `name:<organisation>|<name>`, which the catalogue resolves.

    Nothing comes back where there is no name, or what is too long to be one.
    """
    parts = [" ".join(_BORDERS.sub(" ", clean_text(part)).split()) for part in (organisation, name)]
    fits = parts[1] and max(map(len, parts)) <= MAX_NAME_CHARS
    return f"{NAME_REFERENCE}{parts[0]}|{parts[1]}" if fits else ""


def erad_number(text: str) -> str:
    """Return an e-Rad number of eight digits, or nothing where the text is none.

    Spreadsheets cut leading zeros off, so shorter numbers are filled up.
    """
    digits = unicodedata.normalize("NFKC", text).strip()
    fits = digits.isascii() and digits.isdigit() and 1 < len(digits) <= ERAD_DIGITS
    return digits.zfill(ERAD_DIGITS) if fits else ""
