"""Makes records of seeds out of the works and fundings of ORCID records, and of works alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from catalogue.identity.industry import company_names
from catalogue.importers import values
from catalogue.importers.general.columns import PEOPLE, ParsedRecord, as_part_of_row, read_record
from catalogue.importers.orcid.nodes import is_public, objects, orcid_of, place_of, text, texts
from catalogue.importers.patents.numbers import (
    application_number,
    document_number,
    is_application,
    patent_status,
)
from catalogue.importers.patents.records import FAMILY_PREFIX
from catalogue.importers.reading.json_parts import Json, sided, valid
from catalogue.records.drafts import RESEARCHERS, SEEDS, Merge
from matcher.records import INTERNAL

NAME = "orcid"
WORK, FUNDING = "work", "funding"
GROUPS = {WORK: "works", FUNDING: "fundings"}
PATENT = "patent"
KIND_OF_TYPE = {
    **dict.fromkeys(("patent", "invention", "disclosure"), PATENT),
    **dict.fromkeys(
        (
            "lecture-speech",
            "public-speech",
            "conference-poster",
            "conference-abstract",
            "conference-presentation",
        ),
        "presentation",
    ),
    **dict.fromkeys(("teaching-material", "learning-object"), "course"),
    **dict.fromkeys(
        ("data-set", "software", "online-resource", "website", "blog-post", "research-technique"),
        "note",
    ),
}
"""Everything else that ORCID calls a work is a paper."""
EXTERNAL_IDS = ("external-ids", "external-id")
SELF = ("self", "")

_PUBLISHED = re.compile(r"[A-Z]{2}\d.*", re.DOTALL)  # the country, then the number
_GRANTED = re.compile(r"[A-Z]{2}\d.*B\d?", re.DOTALL)


@dataclass(frozen=True)
class Work:
    """A work or funding, and whose record it stands in."""

    kind: str
    content: Json = field(repr=False)
    orcid: str = ""

    @property
    def code(self) -> str:
        """ORCID's number of it."""
        return text(self.content, "put-code") or place_of(self.content)[2]


def works_in(record: Json) -> Iterator[Work]:
    """Yield the works and fundings of a record, each once: the version that its owner prefers.

    It has the ids of all versions, its own first.
    """
    own = orcid_of(record)
    for kind, plural in GROUPS.items():
        for group in objects(record, "activities-summary", plural, "group"):
            versions = [*objects(group, kind), *objects(group, f"{kind}-summary")]
            versions.sort(key=_display_index, reverse=True)
            if versions:
                ids = [e for version in versions for e in objects(version, *EXTERNAL_IDS)]
                content = {**versions[0], EXTERNAL_IDS[0]: {EXTERNAL_IDS[1]: ids}}
                yield Work(kind, content, own)


def read_work(work: Work) -> list[ParsedRecord]:
    """Return the records of a work: its contributors who have an ORCID iD, and the seed.

    What the owner does not show to everybody is `internal`.
    """
    content = work.content
    people = list(_contributors(content, work.orcid))
    fields: dict[str, Any] = {
        "seed_id": f"{NAME}:{work.orcid}/{work.kind}/{work.code}"
        if work.orcid and work.code
        else "",
        "kind": _kind(work),
        "title": _title(content),
        "text": _text(content),
        "lang": valid(values.language, text(content, "language-code")),
        "year": text(content, "publication-date", "year") or text(content, "start-date", "year"),
        "doi": _external(content, "doi"),
        "url": text(content, "url") or _external_url(content),
        "venue": text(content, "journal-title") or text(content, "organization", "name"),
        "companies": company_names(texts(content, "organization", "name")),
        PEOPLE: [work.orcid, *(own for own, _ in people)],
    }
    if fields["kind"] == PATENT:
        fields |= _patent_fields(_external(content, "pat"))
    if not is_public(content):
        fields["visibility"] = INTERNAL
    return [*(record for _, record in people), read_record(SEEDS, fields)]


def _kind(work: Work) -> str:
    if work.kind == FUNDING:
        return "grant"
    named = text(work.content, "type").casefold().replace("_", "-")
    return KIND_OF_TYPE.get(named, "paper")


def _patent_fields(number: str) -> dict[str, str]:
    """Return what a number tells; a bare `2020-123456` may be an application's, so it is secret."""
    if is_application(number):
        return {
            "patent_status": patent_status(),
            "family_id": f"{FAMILY_PREFIX}{application_number(number)}",
        }
    document = document_number(number)
    published, granted = _PUBLISHED.fullmatch(document), _GRANTED.fullmatch(document)
    return {"patent_status": patent_status(published=bool(published), granted=bool(granted))}


def _display_index(summary: Json) -> int:
    index = text(summary, "display-index")
    return int(index) if index.isdecimal() and len(index) < 10 else 0


def _title(content: Json) -> str:
    """Return the title with its subtitle, unless it holds it already."""
    title, subtitle = (text(content, "title", part) for part in ("title", "subtitle"))
    return f"{title}: {subtitle}" if subtitle and subtitle not in title else title


def _text(content: Json) -> str:
    """Return the description, and the title in the other language."""
    paragraphs = (text(content, "short-description"), *texts(content, "title", "translated-title"))
    known = text(content, "title", "title")
    return "\n\n".join(p for p in dict.fromkeys(paragraphs) if p and p != known)


def _ids(content: Json, kind: str = "") -> list[Json]:
    """Return the ids of the work itself, not those of the volume it is part of."""
    listed = objects(content, *EXTERNAL_IDS)
    own = [part for part in listed if text(part, "external-id-relationship").casefold() in SELF]
    return [p for p in own if kind in ("", text(p, "external-id-type").casefold())]


def _external(content: Json, kind: str) -> str:
    """Return the first id of a kind; of DOIs the first that is one."""
    listed = [text(part, "external-id-value") for part in _ids(content, kind)]
    if kind == "doi":
        listed.sort(key=lambda own: not valid(values.doi, own))
    return next(filter(None, listed), "")


def _external_url(content: Json) -> str:
    links = (text(part, "external-id-url") for part in _ids(content))
    return next((link for link in links if valid(values.link, link)), "")


def _contributors(content: Json, owner: str) -> Iterator[tuple[str, ParsedRecord]]:
    """Yield the other contributors who have an ORCID iD and a name."""
    seen = {owner}
    for person in objects(content, "contributors", "contributor"):
        ids = (text(person, "contributor-orcid", part) for part in ("path", "uri"))
        own = next(filter(None, (valid(values.orcid, i) for i in ids if i)), "")
        name = text(person, "credit-name")
        if not own or not name or own in seen:
            continue
        seen.add(own)
        fields = {"researcher_id": own, "orcid": own, sided("name", name): name}
        record = as_part_of_row(read_record(RESEARCHERS, fields, Merge.FILL))
        if record.drafts:
            yield own, record
