"""Looks things up in elements of XML that say the same in several places or languages."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from catalogue.importers.reading.xml_files import text, texts
from enmusubi.language import ENGLISH, JAPANESE

_LANGUAGE_ATTRIBUTES = ("@lang", "@languageCode")  # of ST.36 and `xml:lang`, of ST.96
_PREFERRED = (JAPANESE, "", ENGLISH)


def text_at(parent: Element | None, *paths: str) -> str:
    """Return the text of the first of the paths that has one; nothing where there is no parent."""
    if parent is None:
        return ""
    return next(filter(None, (text(parent, path) for path in paths)), "")


def texts_at(parent: Element, *paths: str) -> list[str]:
    """Return the texts at all of the paths, each once, in order."""
    return list(dict.fromkeys(found for path in paths for found in texts(parent, path)))


def language_of(element: Element) -> str:
    """Return the language that an element names for itself, such as `ja`, or nothing."""
    return text_at(element, *_LANGUAGE_ATTRIBUTES).lower()[:2]


def by_language(elements: Iterable[Element]) -> dict[str, list[Element]]:
    """Return the elements by language: Japanese, none, English, then others as they come."""
    found: dict[str, list[Element]] = {}
    for element in elements:
        found.setdefault(language_of(element), []).append(element)
    first = [language for language in _PREFERRED if language in found]
    return {language: found[language] for language in dict.fromkeys((*first, *found))}


def in_best_language(elements: Iterable[Element]) -> list[Element]:
    """Return those elements whose language comes first in `by_language`."""
    return next(iter(by_language(elements).values()), [])
