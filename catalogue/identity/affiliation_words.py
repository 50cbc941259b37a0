"""Takes an affiliation apart into words: legal forms, borders and what is left, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Self

from catalogue.identity.character_folding import compatible, katakana
from catalogue.identity.legal_forms import JAPANESE_FORMS, LATIN_FORM_WORDS, LATIN_PUBLIC_FORMS
from catalogue.identity.organisation_names import folded_words
from catalogue.identity.unit_words import is_pure_unit

_COUNTRY_CODE = re.compile(r"\[[A-Z]{2}\]|(?<!\s)\s*+\([A-Z]{2}\)\s*$")
_MAIL = re.compile(r"(?<!\S)\S[^\s@]*@\S[^\s.]*\.\S+")  # each part ends at one place: read once
_POSTAL = re.compile(r"〒?\b\d{3}-\d{4}\b|〒")
_NUMBERED = re.compile(
    r"^\s*(?:[*†‡§¶#]{1,3}|\d{1,2}[).:]|\([\da-z]{1,2}\)|[a-z]\))\s*(?=[^\W\d])|^\s*\d{1,2}\s*(?=[A-Z][a-z]|大学院)"
)
_BRACKETED = re.compile(r"\(([^()]*)\)")
_WORD = re.compile(
    rf"(?P<form>{JAPANESE_FORMS}|\b(?:{LATIN_PUBLIC_FORMS})(?!\w))"
    r"|(?P<border>[,;|、\n]|(?<=\s)/(?=\s))"
    r"|(?P<bracket>\([^()]*\))"
    rf"|(?P<word>[^\s,;|、()]+?(?=(?:{JAPANESE_FORMS})|[\s,;|、()]|$))",
    re.IGNORECASE,
)
_FORM_AFTER_COMMA = re.compile(
    r",\s*(?=(?:ltd|limited|inc|incorporated|llc|l\.l\.c|llp|corp|corporation|co|k\.\s?k|plc|gmbh|pty|pte)\b)",
    re.IGNORECASE,
)
_FORM_WORDS = LATIN_FORM_WORDS | {"the"}


@dataclass(frozen=True)
class Word:
    """A word of an affiliation, and where it stands."""

    text: str
    start: int
    end: int
    pieces: tuple[str, ...]  # as it is compared: `Socio-Sciences` is two
    is_form: bool = False
    is_border: bool = False

    @property
    def folded(self) -> str:
        """The pieces as one."""
        return "".join(self.pieces)

    def cut(self, chars: int) -> Self:
        """Return the word's beginning."""
        text = self.text[:chars]
        return replace(self, text=text, end=self.start + chars, pieces=_folded(text))


def without_marks(text: str) -> str:
    """Return a text in NFKC without country codes, mail addresses, postal codes and footnote marks."""
    text = _BRACKETED.sub(
        lambda found: f" {found[1]}" if is_pure_unit(found[1]) else found[0], text
    )
    for pattern in (_COUNTRY_CODE, _MAIL, _POSTAL):
        text = pattern.sub(" ", text)
    lines = (_NUMBERED.sub("", line) for line in text.replace("\r", "\n").split("\n"))
    return ", ".join(filter(None, (" ".join(line.split()).strip(" ,;、") for line in lines)))


def parts_of(text: str) -> list[list[Word]]:
    """Return the parts between commas and the like, each as its words; brackets are left out."""
    joined = _FORM_AFTER_COMMA.sub(lambda found: " " * len(found.group()), text)
    grouped = groupby(_words(joined, text), key=lambda word: word.is_border)
    return [list(words) for is_border, words in grouped if not is_border]


def _words(joined: str, text: str) -> Iterator[Word]:
    for found in _WORD.finditer(joined):
        if found["bracket"]:
            continue
        written = text[found.start() : found.end()]
        pieces = _folded(written)
        is_form = bool(found["form"]) or "".join(pieces) in _FORM_WORDS
        yield Word(written, found.start(), found.end(), pieces, is_form, bool(found["border"]))


@lru_cache(maxsize=1 << 14)
def _folded(text: str) -> tuple[str, ...]:
    return tuple(katakana(piece) for piece in folded_words(compatible(text)))
