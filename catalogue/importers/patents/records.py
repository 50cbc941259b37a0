"""What a source says of one patent document, whatever its format, and the records made of it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from catalogue.identity.affiliations import read_affiliation
from catalogue.identity.industry import company_names
from catalogue.importers.general.columns import PEOPLE, ParsedRecord, name_reference, read_record
from catalogue.importers.patents.numbers import (
    application_number,
    application_year,
    document_number,
    is_application,
    is_grant_kind,
    patent_status,
)
from catalogue.importers.values import LIST_SEPARATOR, western
from catalogue.records.drafts import SEEDS
from catalogue.records.lookups import APPLICANT

ID_PREFIX = "patent:"
FAMILY_PREFIX = "app:"
MAX_CLAIMS_CHARS = 20_000

_IPC = re.compile(r"([A-H]\d{2}[A-Z])\s*(\d{1,4})\s*/\s*(\d{2,6})")
_FI_TAIL = re.compile(r"\s*+(?:,\s*+(\d{3}))?\s*+(?:[@,]?\s*+([A-Z]))?(?![A-Z0-9/])")
_DIGIT = re.compile(r"\d")
_FTERM = re.compile(r"(\d[A-Z]\d{3})\s*(?:([A-Z]{2})\s*(\d{2,3}))?")
_HEADING = re.compile(r"^\s*[(（]\s*(?:57|５７)\s*[)）]\s*【\s*要約\s*】\s*")
_FIGURE = re.compile(r"【\s*選択図\s*】.*", re.DOTALL)
BOTH_SCRIPTS = " / "  # between the spellings of one party
# Blanks are read once only: a cell may be nothing but blanks.
_COUNTRY = re.compile(r"(?<!\s)\s*\[[A-Z]{2}\]\s*(?:[,;]\s*)?$")
_UNKNOWN_LETTERS = str.maketrans("", "", "▲▼")  # stand around letters outside of JIS
_UNIVERSITY = re.compile(
    r"大学(?!機構)|高等専門学校|\buniv|\binstitute of technology|\bcollege", re.IGNORECASE
)
_HOLDING = re.compile(r"機構$|承継|TLO", re.IGNORECASE)
_NOT_IN_NAME = re.compile(r"(?<=大学)長$")


@dataclass(frozen=True)
class Patent:
    """One document or application; dates and numbers as they are written, codes may be joined."""

    number: str = ""  # of the document
    application: str = ""
    publication: str = ""  # the number under which the application was laid open
    registration: str = ""
    docket: str = ""  # the owner's own reference
    family: str = ""
    title: str = ""
    abstract: str = ""
    claims: str = ""
    filed_on: str = ""
    published_on: str = ""
    granted_on: str = ""
    status: str = ""
    kind: str = ""  # of the document, such as A or B2
    ipc: str = ""
    fi: str = ""
    fterm: str = ""
    applicants: Sequence[str] = ()
    inventors: Sequence[str] = ()
    inventor_ids: Sequence[str] = ()
    url: str = ""


def patent_records(patent: Patent) -> list[ParsedRecord]:
    """Return the record of the seed that a patent is."""
    return [read_record(SEEDS, patent_fields(patent))]


def patent_fields(patent: Patent) -> dict[str, Any]:
    """Return the fields of the seed that a patent is."""
    return {
        "seed_id": _seed_id(patent),
        "kind": "patent",
        "title": plain(patent.title),
        "text": _text(patent),
        "year": _year(patent),
        "patent_status": _status(patent),
        "family_id": _family(patent),
        "field_codes": LIST_SEPARATOR.join(_field_codes(patent)),
        "companies": company_names(
            name.split(BOTH_SCRIPTS)[0] for name in map(plain, patent.applicants)
        ),
        "url": patent.url,
        PEOPLE: _people(patent),
    }


def plain(text: str) -> str:
    """Return a name or title without the marks of letters that JIS lacks, country codes and commas behind."""
    return _COUNTRY.sub("", text.translate(_UNKNOWN_LETTERS)).strip(" \t\n\u3000,，;")


def ipc_codes(text: str) -> list[str]:
    """Return the symbols of the IPC in a text, such as `C08L 1/02`."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return [f"{found[1]} {found[2]}/{found[3]}" for found in _IPC.finditer(folded)]


def fi_codes(text: str) -> list[str]:
    """Return the FI symbols in a text with their subdivisions, such as `G06T 7/00,350@B`."""
    folded = unicodedata.normalize("NFKC", text).upper()
    codes = []
    for found in _IPC.finditer(folded):
        tail = _FI_TAIL.match(folded, found.end())
        subdivision, letter = tail.groups("") if tail else ("", "")
        marks = ("," if subdivision else "", "@" if letter else "")
        codes.append(f"{found[1]} {found[2]}/{found[3]}{marks[0]}{subdivision}{marks[1]}{letter}")
    return codes


def fterm_codes(text: str) -> list[str]:
    """Return the F-terms in a text, such as `4J002AB011`, or `4J002` for a theme."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return ["".join(filter(None, found.groups())) for found in _FTERM.finditer(folded)]


def _seed_id(patent: Patent) -> str:
    documents = (patent.number, patent.publication, patent.registration)
    numbers = (
        *map(document_number, documents),
        application_number(patent.application),
        patent.docket.strip(),
    )
    first = next(filter(None, numbers), "")
    return f"{ID_PREFIX}{first}" if first else ""


def _family(patent: Patent) -> str:
    own = patent.number if is_application(patent.number) else ""
    number = application_number(patent.application) or application_number(own)
    given = patent.family.strip() if _DIGIT.search(patent.family) else ""
    return given or (f"{FAMILY_PREFIX}{number}" if number else "")


def _status(patent: Patent) -> str:
    documents = [text for text in (patent.number, patent.publication) if not is_application(text)]
    is_granted = bool(document_number(patent.registration) or _DIGIT.search(patent.granted_on))
    return patent_status(
        words=patent.status,
        published=any(map(document_number, documents)),
        published_on=patent.published_on,
        granted=is_grant_kind(patent.kind) or is_granted,
    )


def _year(patent: Patent) -> str:
    """Return the year of filing, or else that of publication."""
    numbered = western(application_year(patent.application))
    return patent.filed_on or numbered or patent.published_on or patent.granted_on


def _text(patent: Patent) -> str:
    """Return abstract and claims; long claims are cut, since the abstract says it better."""
    abstract = _FIGURE.sub("", _HEADING.sub("", patent.abstract))
    return "\n\n".join(filter(None, (plain(abstract), plain(patent.claims[:MAX_CLAIMS_CHARS]))))


def _field_codes(patent: Patent) -> list[str]:
    codes = [
        *(f"ipc:{code}" for code in ipc_codes(patent.ipc)),
        *(f"fi:{code}" for code in fi_codes(patent.fi)),
        *(f"fterm:{code}" for code in fterm_codes(patent.fterm)),
    ]
    return list(dict.fromkeys(codes))


def _people(patent: Patent) -> list[str]:
    """Return the inventors' ids where they stand, the others by name."""
    names = [plain(name) for name in patent.inventors]
    ids = [own.strip() for own in patent.inventor_ids]
    university = _university(map(plain, patent.applicants))
    if len(ids) != len(names):
        listed = ids if any(ids) else [name_reference(university, name) for name in names]
        return list(dict.fromkeys(filter(None, listed)))
    people = (own or name_reference(university, name) for own, name in zip_longest(ids, names))
    return list(dict.fromkeys(filter(None, people)))


def _university(applicants: Iterable[str]) -> str:
    """Return the university among the applicants, without its legal form; nothing if several."""
    found = [name for name in applicants if _UNIVERSITY.search(name) and not _HOLDING.search(name)]
    if len(found) != 1:
        return ""
    name = _NOT_IN_NAME.sub("", found[0].split(BOTH_SCRIPTS)[0]).strip()
    return f"{APPLICANT}{read_affiliation(name).guess.organisation}"
