"""What KAKEN says of one grant, whichever export it comes from, and the records made of it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalogue.identity.industry import company_names
from catalogue.importers import values
from catalogue.importers.general.columns import (
    ERAD_PREFIX,
    PEOPLE,
    ParsedRecord,
    as_part_of_row,
    dated,
    erad_number,
    name_reference,
    read_record,
)
from catalogue.importers.reading.json_files import valid
from catalogue.importers.values import LIST_SEPARATOR
from catalogue.records.drafts import RESEARCHERS, SEEDS, Merge
from matcher.records import INTERNAL

ID_PREFIX = "kaken:"
FIELD_SCHEME = "kaken"

_NUMBER = re.compile(r"(?:KAKENHI-[A-Z]+-|JP(?=\d))?([0-9A-Z]{6,12})", re.IGNORECASE)
_CODE = re.compile(r"(?:[小中大]区分|[Ss]ection)\s*([0-9]{1,5}|[A-K](?![a-zA-Z]))")


@dataclass(frozen=True)
class Member:
    """A person of a grant: columns of researchers, and the e-Rad number if there is one."""

    columns: Mapping[str, str]
    number: str = ""

    @property
    def name(self) -> str:
        """The name in Japanese, or else in English."""
        return self.columns.get("name_ja") or self.columns.get("name_en") or ""


@dataclass(frozen=True)
class Grant:
    """One project; `fields` are names of fields of research or review sections."""

    number: str
    title_ja: str = ""
    title_en: str = ""
    texts: Sequence[str] = ()
    keywords: Sequence[str] = ()
    fields: Sequence[str] = ()
    codes: Sequence[str] = ()
    year: str = ""
    category: str = ""
    members: Sequence[Member] = ()
    companies: Sequence[str] = ()
    url: str = ""
    doi: str = ""
    declined: bool = False  # adopted, but given back before it began


@dataclass
class _People:
    records: list[ParsedRecord] = field(default_factory=list)
    references: list[str] = field(default_factory=list)


def grant_records(grant: Grant) -> list[ParsedRecord]:
    """Return the records of a grant: its people, who keep what the catalogue knows, and the seed.

    A person without an e-Rad number is referred to by name. A grant that was declined stays out
    of matching: its visibility is `internal`.
    """
    began = valid(values.year, grant.year)  # the fiscal year: its members worked there then
    people = _read_people(grant.members, began)
    fields = {
        "seed_id": f"{ID_PREFIX}{grant.number}" if grant.number else "",
        "kind": "grant",
        "title": grant.title_ja or grant.title_en,
        "text": _text(grant),
        "year": grant.year,
        "venue": grant.category,
        "field_codes": LIST_SEPARATOR.join(_field_codes(grant)),
        "companies": LIST_SEPARATOR.join(_companies(grant)),
        "doi": grant.doi,
        "url": grant.url,
        PEOPLE: people.references,
    }
    if grant.declined:
        fields["visibility"] = INTERNAL
    return [*people.records, read_record(SEEDS, fields)]


def project_number(text: str) -> str:
    """Return `20H00001` of `20H00001`, `JP20H00001` or `KAKENHI-PROJECT-20H00001`, else nothing."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip()[:100])
    return found[1].upper() if found else ""


def section_codes(names: Sequence[str]) -> list[str]:
    """Return the codes in names of review sections: `30010` of `小区分30010:結晶工学関連`."""
    return [found for name in names for found in _CODE.findall(name)]


def _read_people(members: Sequence[Member], year: str | None) -> _People:
    people = _People()
    for member in members:
        number = erad_number(member.number)
        if not number:
            organisation = member.columns.get("institution_ja", "")
            people.references.append(name_reference(organisation, member.name))
            continue
        if not member.name:
            people.references.append(number)
            continue
        ids = {"researcher_id": f"{ERAD_PREFIX}{number}", "erad_id": number}
        people.references.append(ids["researcher_id"])
        record = dated(read_record(RESEARCHERS, {**member.columns, **ids}, Merge.FILL), year)
        people.records.append(as_part_of_row(record))
    people.references = list(dict.fromkeys(filter(None, people.references)))
    return people


def _text(grant: Grant) -> str:
    """Return outlines and results, then the English title, then keywords and fields."""
    words = dict.fromkeys(filter(None, (*grant.keywords, *grant.fields)))
    other_title = grant.title_en if grant.title_ja else ""
    paragraphs = dict.fromkeys((*grant.texts, other_title, LIST_SEPARATOR.join(words)))
    return "\n\n".join(filter(None, paragraphs))


def _field_codes(grant: Grant) -> list[str]:
    codes = dict.fromkeys((*grant.codes, *section_codes(grant.fields)))
    return [f"{FIELD_SCHEME}:{code}" for code in codes if code]


def _companies(grant: Grant) -> list[str]:
    """Return the companies that KAKEN calls so, and those that members' affiliations name."""
    columns = [member.columns for member in grant.members]
    names = [own.get("institution_ja") or own.get("institution_en") or "" for own in columns]
    found = company_names(dict.fromkeys(filter(None, names))).split(LIST_SEPARATOR)
    return list(dict.fromkeys(filter(None, (*grant.companies, *found))))
