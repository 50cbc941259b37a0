"""Reads a person of researchmap: ids, names, affiliation, profile, and what they work on."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from catalogue.importers import values
from catalogue.importers.general.columns import ParsedRecord, as_part_of_row, read_record
from catalogue.importers.people import erad_number
from catalogue.importers.reading.json_parts import Json, object_in, valid
from catalogue.importers.researchmap.entries import AREAS, Entry
from catalogue.importers.researchmap.values import (
    KANA,
    entries_of,
    first_text,
    first_words,
    is_hidden,
    links_of,
    text_of,
    words,
)
from catalogue.records.drafts import RESEARCHERS, Merge
from catalogue.records.rejections import Rejection, shape_of
from enmusubi.language import ENGLISH, JAPANESE
from enmusubi.messages import N_, Message

ID_PREFIX = "researchmap:"

_KAKEN_LINK = re.compile(r"https?://(?:nrid|kaken)\.nii\.ac\.jp/(?:\w\w/)?nrid/(\d{13})")
_NO_OWNER = N_(
    "missing: expected a permalink, or an @id such as https://api.researchmap.jp/PERMALINK"
)


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
