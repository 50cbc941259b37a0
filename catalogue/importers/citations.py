"""What a reference manager's file says of one publication, and the record made of it."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.identity.industry import company_names
from catalogue.identity.name_spellings import two_part_spellings
from catalogue.importers import values
from catalogue.importers.general.columns import PEOPLE, ParsedRecord, name_reference, read_record
from catalogue.importers.patents.numbers import document_number
from catalogue.importers.patents.records import ID_PREFIX as PATENT_PREFIX
from catalogue.importers.reading.json_files import valid
from catalogue.importers.reading.plain_text import one_line
from catalogue.records.drafts import SEEDS, Rejection, shape_of
from enmusubi.messages import Message

PATENT, PRESENTATION = "patent", "presentation"
HASH_CHARS = 10

_DOI_IN_URL = re.compile(r"https?://(?:dx\.)?doi\.org/(10\.\S+)", re.IGNORECASE)
_SPOKEN = re.compile(
    r"\b(?:talk|presentation|poster|lecture|slides?|keynote)\b|口頭|講演|発表|ポスター",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Citation:
    """One entry; texts as they are written, without the marks of the format."""

    scheme: str  # the format's name, which begins the seed's id
    key: str = ""
    kind: str = "paper"
    form: str = ""  # how it was published, in words: `Poster`, `口頭発表`
    title: str = ""
    other_title: str = ""
    abstract: str = ""
    keywords: str = ""
    people: Sequence[str] = ()  # full names
    year: str = ""
    doi: str = ""
    url: str = ""
    venue: str = ""
    language: str = ""
    number: str = ""  # of a patent
    holders: Sequence[str] = ()  # of a patent


def citation_records(citation: Citation) -> list[ParsedRecord]:
    """Return the record of the seed that an entry is; its people are referred to by name."""
    title = one_line(citation.title)
    if not title:
        shape = shape_of(citation.title)
        untitled = Rejection("title", Message("empty: an entry needs one"), shape)
        return [ParsedRecord(rejections=(untitled,))]
    people = (name_reference("", name) for name in citation.people)
    fields: dict[str, Any] = {
        "seed_id": _seed_id(citation, title),
        "kind": _kind(citation),
        "title": title,
        "text": "\n\n".join(
            filter(None, (citation.abstract or citation.keywords, citation.other_title))
        ),
        "lang": valid(values.language, citation.language),
        "year": citation.year,
        "doi": _doi(citation),
        "url": citation.url,
        "venue": citation.venue,
        "companies": company_names(citation.holders),
    }
    if references := list(dict.fromkeys(filter(None, people))):
        fields[PEOPLE] = references
    return [read_record(SEEDS, fields)]


def full_name(family: str, given: str) -> str:
    """Return a name as its script writes it: `Hana Mori`, `森 花`; in two scripts, both: `森 花 / Hana Mori`.

    Capitals mark the family name whichever field they stand in.
    """
    return " / ".join(name for _, name in two_part_spellings(family, given))


def _kind(citation: Citation) -> str:
    is_spoken = citation.kind in ("paper", "note") and _SPOKEN.search(citation.form[:200])
    return PRESENTATION if is_spoken else citation.kind


def _doi(citation: Citation) -> str:
    found = _DOI_IN_URL.fullmatch(citation.url.strip())
    return citation.doi or (found[1] if found else "")


def _seed_id(citation: Citation, title: str) -> str:
    """Return an id that differs where keys agree: keys such as `mori2021` are not unique.

    It depends on the DOI, or else on the title, so that the same entry keeps it.
    """
    number = document_number(citation.number) if citation.kind == PATENT else ""
    if number:
        return f"{PATENT_PREFIX}{number}"
    said = valid(values.doi, _doi(citation)) or values.folded(title[: values.MAX_LINE_CHARS])
    digest = hashlib.sha256(said.casefold().encode("utf-8", "replace")).hexdigest()[:HASH_CHARS]
    key = re.sub(r"[\s;]+", "", one_line(citation.key))[:80]
    return f"{citation.scheme}:{key}-{digest}" if key else f"{citation.scheme}:{digest}"
