"""Makes the records of people and of seeds out of researchmap's profiles and works."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from catalogue.identity.industry import company_names
from catalogue.importers import values
from catalogue.importers.general.columns import (
    PEOPLE,
    REPRESENTATIVE_OF,
    ParsedRecord,
    as_part_of_row,
    erad_number,
    read_record,
)
from catalogue.importers.patents.records import Patent, patent_fields
from catalogue.importers.reading.json_files import Json, object_in, valid
from catalogue.importers.researchmap.entries import (
    AREAS,
    KANA,
    TITLES,
    Entry,
    Words,
    entries_of,
    fallback_id,
    first_text,
    first_words,
    is_hidden,
    is_marked,
    links_of,
    names_in,
    text_of,
    words,
)
from catalogue.records.drafts import RESEARCHERS, SEEDS, Merge, Rejection, shape_of
from enmusubi.language import ENGLISH, JAPANESE, detect_language
from enmusubi.messages import N_, Message
from matcher.records import INTERNAL, PUBLIC

ID_PREFIX = "researchmap:"

_KAKEN_LINK = re.compile(r"https?://(?:nrid|kaken)\.nii\.ac\.jp/(?:\w\w/)?nrid/(\d{13})")
_NO_OWNER = N_(
    "missing: expected a permalink, or an @id such as https://api.researchmap.jp/PERMALINK"
)

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


class Subject(NamedTuple):
    """An interest or area of a person, in both languages; small, since many are kept at once."""

    is_area: bool
    ja: str
    en: str


def person_id(owner: str) -> str:
    """Return the id that a person of researchmap has in the catalogue."""
    return f"{ID_PREFIX}{owner}" if owner else ""


def profile_records(entry: Entry, subjects: Iterable[Subject]) -> list[ParsedRecord]:
    """Return the records of a profile with the interests and areas that came with it.

    Lines of an export may go by the id of the account instead of the permalink: a second, small
    record lets the person be found under both.
    """
    if not entry.owner:
        return [_nobody()]
    permalink = entry.owner if entry.owner != entry.account else ""
    fields = {
        "researcher_id": person_id(entry.owner),
        "researchmap_id": permalink,
        **_ids(entry.data),
        **_names(entry.data),
        **_affiliation(entry.data),
        **keywords(subjects),
    }
    if not is_hidden(entry.data, "display_profile"):
        fields |= first_words(entry.data, "profile", "description").sided("profile")
    records = [read_record(RESEARCHERS, {n: value for n, value in fields.items() if value})]
    if permalink and entry.account:
        other = {"researcher_id": person_id(entry.account), "researchmap_id": permalink}
        mention = read_record(RESEARCHERS, other | _names(entry.data), Merge.FILL)
        records.append(as_part_of_row(mention))
    return records


def subject_records(owner: str, subjects: Iterable[Subject]) -> list[ParsedRecord]:
    """Return the record that adds interests and areas to a person."""
    if not owner:
        return [_nobody()]
    return [read_record(RESEARCHERS, {"researcher_id": person_id(owner), **keywords(subjects)})]


def subjects_in(entry: Entry) -> list[Subject]:
    """Return what an interest or area names, if it is open to everybody."""
    if is_hidden(entry.data):
        return []
    is_area = entry.type == AREAS
    if is_area:
        field = first_words(entry.data, "research_field", "discipline")
        found = [field, words(entry.data.get("research_keyword"))]
    else:
        found = [words(entry.data.get("keyword"))]
    return [Subject(is_area, name.ja, name.en) for name in found if name.first]


def keywords(subjects: Iterable[Subject]) -> dict[str, str]:
    """Return the keywords of both languages; interests come before the wider areas."""
    ordered = sorted(subjects, key=lambda subject: subject.is_area)
    sides = {
        "keywords_ja": (subject.ja for subject in ordered),
        "keywords_en": (subject.en for subject in ordered),
    }
    return {
        name: values.LIST_SEPARATOR.join(dict.fromkeys(filter(None, listed)))
        for name, listed in sides.items()
    }


def _nobody() -> ParsedRecord:
    return ParsedRecord(rejections=(Rejection("permalink", Message(_NO_OWNER), shape_of(None)),))


def _ids(profile: Json) -> dict[str, str]:
    """Return the ids of other systems, from `identifiers` or from links."""
    own, links = object_in(profile, "identifiers"), links_of(profile)
    linked = (valid(values.orcid, link) for link in links)
    named = first_text(own, "orc_id", "orcid_id", "orcid")
    kaken = (found[1] for link in links if (found := _KAKEN_LINK.match(link)))
    return {
        "orcid": named or next(filter(None, linked), ""),
        "erad_id": erad_number(first_text(own, "erad_id")),
        "kaken_id": first_text(own, "kaken_id") or next(kaken, ""),
    }


def _names(profile: Json) -> dict[str, str]:
    """Return the name as each language writes it, the family name first but in English."""
    parts = profile.get("family_name"), profile.get("given_name")
    shown = first_words(profile, "display_name", "name")
    return {
        "name_ja": _joined(parts, JAPANESE) or shown.ja,
        "name_kana": _joined(parts, KANA),
        "name_en": _joined(reversed(parts), ENGLISH) or shown.en,
    }


def _joined(parts: Iterable[Any], side: str) -> str:
    sides = (part if isinstance(part, Mapping) else vars(words(part)) for part in parts)
    return " ".join(filter(None, (text_of(part.get(side)) for part in sides)))


def _affiliation(profile: Json) -> dict[str, str]:
    """Return the first affiliation that is open to everybody."""
    for entry in entries_of(profile.get("affiliations")):
        place = first_words(entry, "affiliation", "institution")
        if place.first and not is_hidden(entry):
            return {
                **place.sided("institution"),
                **first_words(entry, "section", "department").sided("department"),
                **first_words(entry, "job", "job_title", "position").sided("position"),
            }
    return {}


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
