"""Finds the terms of a list in a text in one pass, however many there are, whatever they stand for.

A text is read in small letters, its widths, hyphens and spellings made one (`Spellings`). A term in Latin
letters stands between word borders and may have a plural's ending; one that ends in `*` is the beginning of
a word. A term in katakana isn't the end of a longer katakana word. What lies inside a harmless phrase, such
as a laser in "laser pointer", is not found.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

_JOINTS = re.compile(r"[\s\-‐‑‒–—−/_]+")
_DROPPED = str.maketrans("", "", "・\u00ad")
_LATIN = "abcdefghijklmnopqrstuvwxyz0123456789"
_KATAKANA = re.compile(r"[ァ-ヺー]")
_PLURALS = ("", "s", "es")
SHORTEST = 2  # letters of a term: it is looked up by its first two


class Spellings:
    """Makes one of the ways in which the same word is written."""

    def __init__(self, pairs: Iterable[Sequence[str]] = ()) -> None:
        self._pairs = [(old, new) for old, new in pairs]

    def normalise(self, text: str) -> str:
        """Return the text in small letters with one width, one kind of blank and one spelling."""
        plain = unicodedata.normalize("NFKC", text).lower().translate(_DROPPED)
        plain = _JOINTS.sub(" ", plain)
        for old, new in self._pairs:
            if old in plain:
                plain = plain.replace(old, new)
        return plain


class TermFinder:
    """Where terms stand in texts: each place that a term could begin at is looked at once."""

    def __init__(
        self, terms: Iterable[str], harmless: Iterable[str] = (), spellings: Spellings | None = None
    ) -> None:
        self._spellings = spellings or Spellings()
        self._written: dict[str, str] = {}  # by its spelling in texts, the first that was given
        self._by_start: dict[str, list[tuple[str, str, bool, bool]]] = defaultdict(list)
        for is_harmless, written in [(False, t) for t in terms] + [(True, t) for t in harmless]:
            self._add(written, is_harmless)
        for entries in self._by_start.values():  # the longest first: a phrase hides what is in it
            entries.sort(key=lambda entry: (-len(entry[0]), entry[1]))

    def _add(self, written: str, harmless: bool) -> None:
        open_end = written.endswith("*")
        term = self._spellings.normalise(written.rstrip("*"))
        if len(term) < SHORTEST:
            raise ValueError(f"a term has {len(term)} letters; expected {SHORTEST} or more")
        if not harmless:
            written = self._written.setdefault(self._key(written), written)
        entry = (term, written, open_end, harmless)
        if entry not in self._by_start[term[:SHORTEST]]:
            self._by_start[term[:SHORTEST]].append(entry)

    def _key(self, written: str) -> str:
        return self._spellings.normalise(written.rstrip("*")) + "*" * written.endswith("*")

    def as_found(self, written: str) -> str:
        """Return how `find` says a term that was given, whichever of its spellings came first."""
        return self._written[self._key(written)]

    @cached_property
    def _starts(self) -> re.Pattern[str]:
        """Places where a term could begin: the beginning of a Latin word, or another term's first letter."""
        first = {start[0] for start in self._by_start}
        others = "".join(re.escape(letter) for letter in sorted(first - set(_LATIN)))
        latin = "".join(sorted(first & set(_LATIN)))
        parts = [f"(?<![a-z0-9])[{latin}]"] if latin else []
        parts += [f"[{others}]"] if others else []
        return re.compile("|".join(parts) or r"(?!)")

    def find(self, text: str) -> tuple[str, ...]:
        """Return the terms that stand in the text, in their first spelling, each once, by their places."""
        plain = self._spellings.normalise(text)
        found: dict[str, None] = {}
        hidden_to = 0
        for start in self._starts.finditer(plain):
            at = start.start()
            for term, written, open_end, harmless in self._by_start.get(plain[at : at + 2], ()):
                end = at + len(term)
                if not plain.startswith(term, at) or not _borders(plain, at, end, open_end):
                    continue
                if harmless:
                    hidden_to = max(hidden_to, end)
                elif end > hidden_to:
                    found[written] = None
        return tuple(found)


def _borders(text: str, start: int, end: int, open_end: bool) -> bool:
    """Whether what stands from `start` to `end` is a word of its own."""
    if start and _KATAKANA.fullmatch(text[start]) and _KATAKANA.fullmatch(text[start - 1]):
        return False
    if open_end or text[end - 1] not in _LATIN:
        return True
    rest = text[end : end + 3]
    return any(
        rest.startswith(plural) and rest[len(plural) : len(plural) + 1] not in _LATIN_OR_DIGIT
        for plural in _PLURALS
    )


_LATIN_OR_DIGIT = frozenset(_LATIN)
