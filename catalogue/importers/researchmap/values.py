"""Reads researchmap's values: texts in two languages, lists that may be one value, marks."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.importers.general.headed_tables import cell_text
from catalogue.importers.reading.json_parts import Json
from enmusubi.language import ENGLISH, JAPANESE, clean_text, detect_language

KANA = "ja-Kana"
DISCLOSED = "disclosed"

_TRUE = frozenset({"true", "1", "yes"})
_MAX_DEPTH = 4
_LINK = re.compile(r"https?://", re.IGNORECASE)


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
