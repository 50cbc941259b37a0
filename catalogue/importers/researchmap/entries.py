"""Takes researchmap's objects apart: profiles, lists of works, works, lines of an export, and their values.

Formats: the answers of https://api.researchmap.jp (JSON-LD), and the JSON lines that researchmap
exports and imports, such as `{"insert": {"type": …, "permalink": …}, "similar_merge": {…}}`.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalogue.importers.general.headed_tables import cell_text
from catalogue.importers.reading.json_files import Json, object_in
from enmusubi.language import ENGLISH, JAPANESE, clean_text, detect_language

PROFILE = "profile"
INTERESTS, AREAS = "research_interests", "research_areas"
DELETED = "delete"
KANA = "ja-Kana"
DISCLOSED = "disclosed"
TITLES = {
    "published_papers": ("paper_title",),
    "misc": ("paper_title", "misc_title"),
    "books_etc": ("book_title",),
    "presentations": ("presentation_title",),
    "research_projects": ("research_project_title",),
    "industrial_property_rights": ("industrial_property_right_title",),
    "awards": ("award_name",),
    "teaching_experience": ("subject", "subject_name", "teaching_experience_title"),
}
"""The types of works that the catalogue keeps, and the names that their titles go by."""

_PROFILE_TYPES = frozenset({PROFILE, "researcher", "researchers"})
_PROFILE_FIELDS = ("family_name", "given_name", "affiliations")
_SUBJECTS = {"keyword": INTERESTS, "research_field": AREAS, "discipline": AREAS}
_ORDERS = ("insert", "update", "upsert")
_ADDRESS = re.compile(
    r"https?://(?:api\.)?researchmap\.jp/(?!researchers\b)(?P<owner>[\w.~@-]{1,100})"
    r"(?:/(?P<type>[a-z_]{1,50})(?:/(?P<id>[\w.-]{1,64}))?)?",
    re.ASCII,
)
_NAME = re.compile(r"[\w.~@-]{1,100}", re.ASCII)
_TYPE = re.compile(r"[a-z_]{1,50}")
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_LISTS = frozenset({"@graph", "items"})
_MAX_DEPTH = 4  # of objects in objects
_TRUE = frozenset({"true", "1", "yes"})
_LINK = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """A profile, interest, area or work of one person; `type` is empty if nothing tells it."""

    type: str
    owner: str = ""  # the person's permalink, or else the id of their account
    account: str = ""
    data: Json = field(default_factory=dict, repr=False)
    item_id: str = ""


NOBODY = Entry("")


def entries(row: Json, outer: Entry = NOBODY, depth: int = 0) -> Iterator[Entry]:
    """Yield everything that an object holds, a profile before what belongs to it."""
    if depth > _MAX_DEPTH:
        yield Entry("", data=row)
        return
    entry = _order(row) or _entry(row, outer)
    if entry.data is row and isinstance(row.get(DELETED), Mapping):
        yield Entry(DELETED)
        return
    if is_marked(entry.data.get("deleted")):
        yield Entry(DELETED)
        return
    if entry.type == PROFILE or not _LISTS.intersection(entry.data):
        yield entry
    for kind, part in _inner(entry):
        yield from entries(part, Entry(kind, entry.owner, entry.account), depth + 1)


def fallback_id(entry: Entry) -> str:
    """Return an id for a work that has none, made of its title: the same file gives the same."""
    title = words(next((entry.data.get(n) for n in TITLES[entry.type] if n in entry.data), ""))
    text = f"{title.ja}\n{title.en}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16] if title.first else ""


def _order(row: Json) -> Entry | None:
    """Return the entry of an exported line, whose content stands beside the order."""
    name = next((n for n in _ORDERS if isinstance(row.get(n), Mapping)), "")
    if not name:
        return None
    told = _entry(object_in(row, name), NOBODY)
    found = (part for key, part in row.items() if key != name and isinstance(part, Mapping))
    return _entry(next(found, {}), told)


def _entry(data: Json, outer: Entry) -> Entry:
    """Return the entry that an object is; what it does not say is as around it."""
    address = _ADDRESS.match(text_of(data.get("@id")) or text_of(data.get("@reverse")))
    place = address.groupdict() if address else {}
    account = _fitting(_NAME, first_text(data, "user_id", "rm:user_id")) or outer.account
    permalink = _fitting(_NAME, text_of(data.get("permalink"))) or place.get("owner")
    return Entry(
        _type(data, place.get("type") or "", outer.type),
        permalink or outer.owner or account,
        account,
        data,
        _fitting(_ID, first_text(data, "rm:id", "id")) or place.get("id") or outer.item_id,
    )


def _type(data: Json, addressed: str, outer: str) -> str:
    named = first_text(data, "@type", "type").casefold()
    for name in (named, addressed, outer):
        if name in _PROFILE_TYPES:
            return PROFILE
        if name in TITLES or name in (INTERESTS, AREAS):
            return name
    if any(name in data for name in _PROFILE_FIELDS):
        return PROFILE
    told = (kind for kind, titles in TITLES.items() if any(title in data for title in titles))
    subject = (kind for name, kind in _SUBJECTS.items() if name in data)
    guessed = next(told, "") or next(subject, "")
    return guessed or _fitting(_TYPE, named) or addressed or outer


def _inner(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the type and content of what an object holds under `@graph`, types or `items`."""
    named: dict[str, str] = {"@graph": "", "items": "" if entry.type == PROFILE else entry.type}
    if entry.type == PROFILE:
        named |= {kind: kind for kind in (*TITLES, INTERESTS, AREAS)}
    for name, kind in named.items():
        for part in entries_of(entry.data.get(name)):
            yield kind, part


def _fitting(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


@dataclass(frozen=True)
class Words:
    """A text in Japanese, in English, or both; equal ones count as one."""

    ja: str = ""
    en: str = ""

    @property
    def first(self) -> str:
        """The Japanese text, or else the English one."""
        return self.ja or self.en

    def sided(self, field: str) -> dict[str, str]:
        """Return the columns of both languages that are filled."""
        return {f"{field}_{side}": text for side, text in vars(self).items() if text}


def words(value: Any) -> Words:
    """Return what `{"ja": …, "en": …}` says, or a bare text by its script; of a list the first."""
    if isinstance(value, Mapping):
        japanese, english = (text_of(value.get(side)) for side in (JAPANESE, ENGLISH))
        return Words(japanese, "" if english == japanese else english)
    if isinstance(value, list):
        found = (words(entry) for entry in value)
        return next((entry for entry in found if entry.first), Words())
    text = text_of(value)
    return Words(text) if detect_language(text) == JAPANESE else Words(en=text)


def first_words(item: Json, *names: str) -> Words:
    """Return the first of the fields that says something."""
    found = (words(item.get(name)) for name in names)
    return next((entry for entry in found if entry.first), Words())


def text_of(value: Any) -> str:
    """Return a text or number, or the first one of a list; of a date in parts its year."""
    if value is None or isinstance(value, str):  # the usual case, several times faster
        return clean_text(value).strip() if value else ""
    if isinstance(value, list):
        return next(filter(None, map(text_of, value[:100])), "") if _is_flat(value) else ""
    if isinstance(value, Mapping):
        return cell_text(value.get("year")).strip()
    return "" if isinstance(value, bool) else cell_text(value).strip()


def first_text(item: Json, *names: str) -> str:
    """Return the first of the fields that has a text."""
    return next(filter(None, (text_of(item.get(name)) for name in names)), "")


def names_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the names in `[{"applicant": {"ja": …, "en": …}}]`, `{"ja": [{"name": …}]}` or texts.

    Of a name in two languages the Japanese one comes.
    """
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for entry in value:
            yield from names_in(entry, depth + 1)
    elif isinstance(value, Mapping):
        sides = (list(names_in(value.get(s), depth + 1)) for s in (JAPANESE, ENGLISH))
        if JAPANESE in value or ENGLISH in value:
            yield from next(filter(None, sides), [])
        else:
            for inner in value.values():
                yield from names_in(inner, depth + 1)
    elif isinstance(value, str) and value.strip():
        yield value.strip()


def entries_of(value: Any) -> list[Json]:
    """Return the objects of a list, of its `items`, or the one object that stands for a list."""
    if isinstance(value, Mapping):
        if "items" not in value:
            return [value] if value else []
        value = value["items"]
    listed = value if isinstance(value, list) else [value]
    return [entry for entry in listed if isinstance(entry, Mapping)]


def links_of(item: Json) -> list[str]:
    """Return the links that an item names under `see_also` or `url`."""
    named = item.get("see_also")
    listed = named if isinstance(named, list) else [named]
    found = [text_of(e.get("@id") if isinstance(e, Mapping) else e) for e in listed]
    return [link for link in (*found, text_of(item.get("url"))) if _LINK.match(link)]


def is_hidden(item: Json, name: str = "display") -> bool:
    """Whether it is not open to everybody: `closed`, `researchers_only`, or any unknown word."""
    shown = text_of(item.get(name)).casefold()
    return bool(shown) and shown != DISCLOSED


def is_marked(value: Any) -> bool:
    """Whether a mark is set, be it written `true`, `"true"` or 1."""
    return value is True or text_of(value).casefold() in _TRUE


def _is_flat(listed: list[Any]) -> bool:
    return not any(isinstance(entry, list) for entry in listed)
