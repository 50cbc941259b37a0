"""Reads the people of a Crossref work, and which institution an affiliation's text names."""

import re
from collections.abc import Iterable, Sequence

from catalogue.identity.industry import is_company
from catalogue.importers import values
from catalogue.importers.citations import full_name
from catalogue.importers.general.columns import ParsedRecord, as_part_of_row, read_record
from catalogue.importers.people import name_reference
from catalogue.importers.reading.json_parts import Json, objects_in, sided, text_in, valid
from catalogue.importers.reading.plain_text import one_line
from catalogue.records.drafts import RESEARCHERS, Merge

MAX_AFFILIATION_CHARS = 1_000

_JAPANESE_UNIVERSITY = re.compile(
    r"[^\s,、，;；・]{1,30}?(?:大学(?!校)|高等専門学校|研究機構|研究所)"
)
_UNIVERSITY = re.compile(r"\b(?:university|universit\w+|college)\b", re.IGNORECASE)
_INSTITUTE = re.compile(r"\b(?:institute|national|agency|hospital|academy)\b", re.IGNORECASE)
_PARTS = re.compile(r"\s*[,;]\s*+(?!(?:co|ltd|limited|inc|llc|corp)\b)", re.IGNORECASE)
_BORDERS = re.compile(r"\s*[,;，；、]\s*")


def read_people(contributors: Sequence[Json]) -> tuple[list[ParsedRecord], list[str]]:
    """Return the records of those with an ORCID iD, and everybody's references in order."""
    records, references = [], []
    for person in contributors:
        name = full_name(text_in(person.get("family")), text_in(person.get("given")))
        if not name:
            continue  # a consortium has only a `name`
        organisation, ror = _workplace(person)
        own_orcid = valid(values.orcid, text_in(person.get("ORCID")))
        if not own_orcid:
            references.append(name_reference(organisation, name))
            continue
        fields: dict[str, str | None] = {
            "researcher_id": own_orcid,
            "orcid": own_orcid,
            sided("name", name): name,
        }
        if organisation:
            fields |= {sided("institution", organisation): organisation, "institution_ror": ror}
        record = as_part_of_row(read_record(RESEARCHERS, fields, Merge.FILL))
        if record.drafts:
            records.append(record)
            references.append(own_orcid)
    return records, list(dict.fromkeys(filter(None, references)))


def companies_of(contributors: Iterable[Json]) -> list[str]:
    """Return the companies that affiliations name, each once."""
    names = (_name(place) for person in contributors for place in objects_in(person, "affiliation"))
    return list(dict.fromkeys(filter(None, map(_company_in, names))))


def _company_in(affiliation: str) -> str:
    """Return the company of `Central Laboratory, Kasumi Paper Co., Ltd., Japan`, or nothing."""
    named = (part for part in _PARTS.split(affiliation) if is_company(part))
    return next(named, affiliation if is_company(affiliation) else "")


def institution_in(affiliation: str) -> str:
    """Return the part of an affiliation that names a company or university; else all of it.

    `Graduate School of Engineering, Kasumino University, Japan` gives `Kasumino University`,
    `霞野大学大学院工学研究科` gives `霞野大学`.
    """
    if company := _company_in(affiliation):
        return company
    if found := _JAPANESE_UNIVERSITY.search(affiliation):
        return found.group()
    parts = _BORDERS.split(affiliation)
    for pattern in (_UNIVERSITY, _INSTITUTE):
        if named := [part for part in parts if pattern.search(part)]:
            return named[-1]  # what stands later is the larger unit
    return affiliation


def _workplace(person: Json) -> tuple[str, str | None]:
    """Return the first affiliation's institution and its ROR id."""
    for place in objects_in(person, "affiliation"):
        if name := _name(place):
            ids = (part.get("id") for part in objects_in(place, "id"))
            rors = (valid(values.ror, text_in(own)) for own in ids)
            return institution_in(name), next(filter(None, rors), None)
    return "", None


def _name(place: Json) -> str:
    return one_line(text_in(place.get("name"))[:MAX_AFFILIATION_CHARS])
