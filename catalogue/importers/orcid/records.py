"""Makes the records of researchers and of seeds out of ORCID records, and of works alone."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from catalogue.identity.industry import company_names
from catalogue.identity.name_spellings import columns_of, spellings, two_part_spellings
from catalogue.importers import values
from catalogue.importers.general.columns import (
    PEOPLE,
    ParsedRecord,
    as_part_of_row,
    dated,
    read_record,
)
from catalogue.importers.orcid.nodes import (
    EXTERNAL_IDS,
    FUNDING,
    Work,
    display_index,
    each,
    is_public,
    objects,
    orcid_of,
    text,
    texts,
)
from catalogue.importers.patents.numbers import (
    application_number,
    document_number,
    is_application,
    patent_status,
)
from catalogue.importers.patents.records import FAMILY_PREFIX
from catalogue.importers.reading.json_files import Json, sided, valid
from catalogue.records.drafts import RESEARCHERS, SEEDS, Merge, Rejection
from enmusubi.messages import Message
from matcher.records import INTERNAL

NAME = "orcid"
MAX_ALIASES = 30
EMPLOYMENTS = ("activities-summary", "employments", "affiliation-group")
SUMMARY = "employment-summary"

_KEYWORD_BORDERS = re.compile(r"[,，、;；\n]")
_RESEARCHMAP = re.compile(r"https?://(?:www\.)?researchmap\.jp/([\w.~@-]{1,100})/?", re.ASCII)
_ID_OF_TYPE = {"researchmap": "researchmap_id", "kaken": "kaken_id", "e-rad": "erad_id"}
_PLAIN_ID = re.compile(r"[\w.~@-]{1,100}", re.ASCII)  # a link is read by what it leads to
_YEAR, _MONTH = re.compile("[0-9]{4}"), re.compile("0?[1-9]|1[0-2]")
_KAKEN = re.compile(r"https?://nrid\.nii\.ac\.jp/(?:(?:ja|en)/)?nrid/(\d{1,20})/?", re.ASCII)

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
SELF = ("self", "")

_PUBLISHED = re.compile(r"[A-Z]{2}\d.*", re.DOTALL)  # the country, then the number
_GRANTED = re.compile(r"[A-Z]{2}\d.*B\d?", re.DOTALL)


def read_person(record: Json) -> list[ParsedRecord]:
    """Return the record of a researcher; what they do not show to everybody stays out of it.

    A record that was given up is rejected: it has no name any more.
    """
    if each(record, "history", "deactivation-date"):
        message = Message("the ORCID record was deactivated")
        return [
            ParsedRecord(rejections=(Rejection("orcid-identifier", message, Message("object")),))
        ]
    own = orcid_of(record)
    workplace = _workplace(record)
    fields = {
        "researcher_id": own,
        "orcid": own,
        **_other_ids(record),
        **_names(record),
        **_columns_of(workplace),
        **_by_script("keywords", _keywords(record)),
        **_by_script("profile", _shown_texts(record, "biography"), "\n\n"),
    }
    read = read_record(RESEARCHERS, {name: value for name, value in fields.items() if value})
    return [dated(read, _began(workplace))]


def _shown(record: Json, *path: str) -> list[Json]:
    return [part for part in objects(record, "person", *path) if is_public(part)]


def _shown_texts(record: Json, *path: str) -> list[str]:
    return [own for part in _shown(record, *path) for own in texts(part, "content")]


def _names(record: Json) -> dict[str, str]:
    """Return the name in each script: the first that is written in it; the others are aliases."""
    name: Any = next(iter(_shown(record, "name")), {})
    written = two_part_spellings(text(name, "family-name"), text(name, "given-names"))
    others = (text(name, "credit-name"), *_shown_texts(record, "other-names", "other-name"))
    found = (*written, *(spelling for other in others for spelling in spellings(other)))
    columns, aliases = columns_of(found)
    columns["aliases"] = values.LIST_SEPARATOR.join(aliases[:MAX_ALIASES])
    return columns


def _keywords(record: Json) -> list[str]:
    """Return the keywords; many people write several into one."""
    listed = _shown_texts(record, "keywords", "keyword")
    words = (word.strip() for entry in listed for word in _KEYWORD_BORDERS.split(entry))
    return list(dict.fromkeys(filter(None, words)))


def _by_script(
    name: str, listed: Iterable[str], separator: str = values.LIST_SEPARATOR
) -> dict[str, str]:
    """Return the texts under the column of the language that each is written in."""
    sides: dict[str, list[str]] = {}
    for entry in listed:
        sides.setdefault(sided(name, entry), []).append(entry)
    return {column: separator.join(entries) for column, entries in sides.items()}


def _other_ids(record: Json) -> dict[str, str]:
    """Return the ids in other systems, where the person's links name one, and only one."""
    links = [
        *(text(part, "url") for part in _shown(record, "researcher-urls", "researcher-url")),
        *(
            text(part, "external-id-url")
            for part in _shown(record, "external-identifiers", "external-identifier")
        ),
    ]
    found = {}
    for part in _shown(record, "external-identifiers", "external-identifier"):
        column = _ID_OF_TYPE.get(text(part, "external-id-type").casefold(), "")
        value = text(part, "external-id-value")
        if column and _PLAIN_ID.fullmatch(value):
            found[column] = value
    for column, pattern in (("researchmap_id", _RESEARCHMAP), ("kaken_id", _KAKEN)):
        ids = {match[1] for link in links if (match := pattern.fullmatch(link.strip()))}
        if len(ids) == 1:
            found[column] = ids.pop()
    return found


def _workplace(record: Json) -> Json:
    """Return the employment that goes on and that the person put first; without one, nothing."""
    groups = objects(record, *EMPLOYMENTS)
    listed = [s for g in groups for s in (*objects(g, "summaries", SUMMARY), *objects(g, SUMMARY))]
    going_on = [s for s in listed if is_public(s) and not text(s, "end-date", "year")]
    ordered = sorted(going_on, key=_precedence, reverse=True)
    return next((s for s in ordered if text(s, "organization", "name")), {})


def _began(summary: Json) -> str:
    """Return when an employment began: 2015-04, or 2015; nothing where its year is none."""
    # Of other digits than these nobody knows how they would compare: such a place is not dated.
    year, month = (text(summary, "start-date", part) for part in ("year", "month"))
    if not (_YEAR.fullmatch(year) and values.FIRST_YEAR <= int(year) <= values.LAST_YEAR):
        return ""
    return f"{year}-{month:0>2}" if _MONTH.fullmatch(month) else year


def _columns_of(summary: Json) -> dict[str, str]:
    name = text(summary, "organization", "name")
    if not name:
        return {}
    department, position = text(summary, "department-name"), text(summary, "role-title")
    columns = {sided("institution", name): name, "institution_ror": _ror(summary)}
    for column, own in (("department", department), ("position", position)):
        if own:
            columns[sided(column, own)] = own
    return columns


def _precedence(summary: Json) -> tuple[int, str]:
    """Return a key by which what is shown first, and of it what began last, comes last."""
    return display_index(summary), _began(summary)


def _ror(summary: Json) -> str:
    named = objects(summary, "organization", "disambiguated-organization")
    ids = (
        valid(values.ror, text(part, "disambiguated-organization-identifier"))
        for part in named
        if text(part, "disambiguation-source").casefold() == "ror"
    )
    return next(filter(None, ids), "")


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
