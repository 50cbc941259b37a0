"""Reads a work of researchmap, of whatever type, as the seed that it is."""

import re
from typing import Any

from catalogue.identity.industry import company_names
from catalogue.importers import values
from catalogue.importers.general.columns import PEOPLE, REPRESENTATIVE_OF, ParsedRecord, read_record
from catalogue.importers.patents.records import Patent, patent_fields
from catalogue.importers.reading.json_parts import Json, object_in, valid
from catalogue.importers.researchmap.entries import TITLES, Entry, fallback_id
from catalogue.importers.researchmap.profile import ID_PREFIX, person_id
from catalogue.importers.researchmap.values import (
    Words,
    first_text,
    first_words,
    is_hidden,
    is_marked,
    links_of,
    names_in,
    text_of,
    words,
)
from catalogue.records.drafts import SEEDS
from enmusubi.language import detect_language
from matcher.records import INTERNAL, PUBLIC

PATENTS = "industrial_property_rights"
KIND_OF_TYPE = {
    "published_papers": "paper",
    "misc": "paper",
    "books_etc": "paper",
    "presentations": "presentation",
    "research_projects": "grant",
    PATENTS: "patent",
    "awards": "award",
    "teaching_experience": "course",
}
DATES = (
    "publication_date",
    "award_date",
    "from_event_date",
    "from_date",
    "application_date",
)
SUMMARIES = ("description", "abstract", "summary")
MORE = ("award_title", "work_title")  # what an award is for says what the person works on
VENUES = ("publication_name", "publisher", "event", "association", "institution", "affiliation")
FUNDERS = ("offer_organization", "system_name")
SITE = "https://researchmap.jp"

_DOI_LINK = re.compile(r"https?://(?:dx\.)?doi\.org/", re.IGNORECASE)


def work_record(entry: Entry) -> ParsedRecord:
    """Return the record of a work; it belongs to the person in whose list it stands."""
    item, owner = entry.data, person_id(entry.owner)
    own_id = entry.item_id or fallback_id(entry)
    place = "/".join(filter(None, (entry.owner, entry.type, own_id)))
    fields: dict[str, Any] = _patent(item) if entry.type == PATENTS else _other(item)
    fields |= {
        "seed_id": f"{ID_PREFIX}{place}" if own_id else "",
        "kind": KIND_OF_TYPE[entry.type],
        **_texts(item, TITLES[entry.type]),
        "doi": _doi(item),
        "url": _link(entry),
        PEOPLE: [owner] if owner else [],
        REPRESENTATIVE_OF: [owner] if owner and is_marked(item.get("major_achievement")) else [],
    }
    if text_of(item.get("display")):
        fields["visibility"] = INTERNAL if is_hidden(item) else PUBLIC
    return read_record(SEEDS, fields)


def _texts(item: Json, titles: tuple[str, ...]) -> dict[str, str]:
    """Return title, text and language: those of the language that has a summary.

    What the other language says stands at the end of the text, so that it can be found, too.
    """
    title, summary = first_words(item, *titles), first_words(item, *SUMMARIES)
    further = [words(item.get(name)) for name in MORE]
    japanese_first = bool(summary.ja) or (not summary.en and bool(title.ja))
    first = title.ja if japanese_first else title.en
    chosen = first or title.first
    sides = (_paragraphs(summary, further, ja=ja) for ja in (japanese_first, not japanese_first))
    own, other = (list(side) for side in sides)
    other_title = next((t for t in (title.ja, title.en) if t and t != chosen), "")
    text = "\n\n".join(dict.fromkeys(filter(None, (*own, other_title, *other))))
    told = " ".join(filter(None, (chosen, *own[:1])))
    return {"title": chosen, "text": text, "lang": detect_language(told) if told else ""}


def _paragraphs(summary: Words, further: list[Words], *, ja: bool) -> list[str]:
    return [part.ja if ja else part.en for part in (summary, *further)]


def _other(item: Json) -> dict[str, Any]:
    """Return the fields that patents say otherwise."""
    funders = [words(item.get(name)).first for name in FUNDERS]
    named = ", ".join(filter(None, funders)) or first_words(item, *VENUES).first
    return {
        "year": first_text(item, *DATES),
        "venue": named,
        "companies": company_names(names_in(item.get(FUNDERS[0]))),
    }


def _patent(item: Json) -> dict[str, Any]:
    holders = (*names_in(item.get("applicants")), *names_in(item.get("right_holder")))
    patent = Patent(
        application=first_text(item, "application_number"),
        publication=first_text(
            item,
            "announcement_number",
            "publication_number",
            "patent_publication_number",
            "patent_announcement_number",
        ),
        registration=first_text(item, "patent_number", "registration_number"),
        filed_on=first_text(item, "application_date"),
        published_on=first_text(
            item,
            "announcement_date",
            "publication_date",
            "patent_publication_date",
            "patent_announcement_date",
        ),
        granted_on=first_text(item, "registration_date", "issue_date"),
        applicants=tuple(dict.fromkeys(holders)),
    )
    return patent_fields(patent)


def _doi(item: Json) -> str:
    links = (link for link in links_of(item) if _DOI_LINK.match(link))
    return first_text(object_in(item, "identifiers"), "doi") or next(links, "")


def _link(entry: Entry) -> str:
    """Return a link that the work names, or else its page at researchmap, if it is open."""
    links = (link for link in links_of(entry.data) if not _DOI_LINK.match(link))
    found = (valid(values.link, link) for link in links)
    if link := next(filter(None, found), ""):
        return link
    has_page = entry.owner != entry.account and entry.item_id
    is_open = has_page and not is_hidden(entry.data)
    return f"{SITE}/{entry.owner}/{entry.type}/{entry.item_id}" if is_open else ""
