"""Affiliations, as papers and forms print them: which words name the organisation, which its unit.

`国立大学法人霞野大学大学院工学研究科`, `Kasumino Univ. Graduate School of Engineering` and
`Department of Physics, Kasumino University, Japan` all lead to one organisation. Every run of words that
could be its name is a candidate; the catalogue takes the first that it knows. Where it knows none, the
words around 大学, `University` and the like are taken. Knows no database.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial

from catalogue.identity.affiliation_units import department_in, guessed_place, without_public_form
from catalogue.identity.affiliation_words import Word, parts_of, without_marks
from catalogue.identity.character_folding import is_japanese
from catalogue.identity.organisation_names import (
    MAX_KEY_CHARS,
    MIN_KEY_CHARS,
    loose_key,
    loose_keys_asked,
    organisation_keys,
)
from catalogue.identity.unit_words import (
    CONNECTORS,
    LARGE_BODY,
    LATIN_BODY,
    LATIN_SMALLER_BODY,
    LATIN_UNIT_STARTS,
    LATIN_UNIT_WORDS,
    OTHER_BODIES,
    SMALL_BODY,
    SUBJECTS,
    is_japanese_unit,
    is_pure_unit,
)

MAX_AFFILIATION_CHARS = 1_000
MAX_CANDIDATES = 80
MAX_WORDS = 60
MIN_PREFIX_CHARS = 3
MAX_PARTS_OF_NAME = 5  # Ministry of Education, Culture, Sports, Science and Technology


@dataclass(frozen=True)
class Workplace:
    """An organisation and the unit of it that an affiliation names; both as they are written."""

    organisation: str
    department: str = ""


@dataclass(frozen=True)
class WorkplaceCandidate:
    """A run of words that may name the organisation, with the keys by which it would be known."""

    keys: tuple[str, ...]
    loose_keys: tuple[str, ...]
    name: str
    unit_of: Callable[[], str] = field(default=str, repr=False, compare=False)

    @cached_property
    def place(self) -> Workplace:
        """The organisation and the unit, found out where the candidate is the one that is known."""
        return Workplace(without_public_form(self.name), self.unit_of())


Parts = Sequence[Sequence[Word]]
Rank = tuple[int, int, int]  # the smaller, the likelier


@dataclass(frozen=True)
class Affiliation:
    """What one text may mean; found out where it is asked for: most callers want the guess alone."""

    text: str
    parts: Parts = field(repr=False, compare=False)

    @cached_property
    def candidates(self) -> tuple[WorkplaceCandidate, ...]:
        """What may be known of it: the whole text, then the likeliest run of words first."""
        whole = WorkplaceCandidate(
            tuple(sorted(organisation_keys(self.text, ""))),
            tuple(sorted(loose_keys_asked(self.text))),
            self.text,
        )
        runs = sorted(_runs(self.text, self.parts), key=lambda run: run[0])
        return whole, *(candidate for _, candidate in runs[:MAX_CANDIDATES])

    @cached_property
    def guess(self) -> Workplace:
        """What it means if none of the candidates is known."""
        return Workplace(*guessed_place(self.text, self.parts))

    @cached_property
    def keys(self) -> frozenset[str]:
        """All keys by which one of the candidates may be known."""
        return frozenset(key for c in self.candidates for key in (*c.keys, *c.loose_keys))


@lru_cache(maxsize=1 << 13)
def read_affiliation(text: str) -> Affiliation:
    """Return what an affiliation may mean; of a text beyond 1,000 characters what fits."""
    folded = unicodedata.normalize("NFKC", text[:MAX_AFFILIATION_CHARS])
    written = without_marks(folded[:MAX_AFFILIATION_CHARS])  # one letter may become eighteen
    parts = parts_of(written)
    if sum(map(len, parts)) > MAX_WORDS:
        parts = [part[:MAX_WORDS] for part in parts[:MAX_WORDS]]
    return Affiliation(written, parts)


def read_institution(name: str) -> Workplace:
    """Return what a column of institutions names: the name, unless a unit stands in it, too."""
    place = read_affiliation(name).guess
    if place.department:
        return place
    return Workplace(without_public_form(name))


def _runs(text: str, parts: Parts) -> Iterator[tuple[Rank, WorkplaceCandidate]]:
    """Yield the runs of words that may name an organisation, each with its rank."""
    for first in range(len(parts)):
        for last in range(first, min(first + MAX_PARTS_OF_NAME, len(parts))):
            for words in _inside(parts, first, last):
                yield from _run(text, parts, words, first)
                yield from _prefixes(text, parts, words, first)


def _inside(parts: Parts, first: int, last: int) -> Iterator[Sequence[Word]]:
    """Yield the runs from one part to another whose neighbours show that a name begins and ends there."""
    before, after = parts[first], parts[last]
    starts = [n for n in range(len(before)) if not n or _begins(before, n)]
    ends = [n for n in range(1, len(after) + 1) if n == len(after) or _ends(after, n)]
    between = [word for part in parts[first + 1 : last] for word in part]
    for start in starts:
        for end in ends:
            if first < last:
                yield [*before[start:], *between, *after[:end]]
            elif start < end:
                yield before[start:end]


def _begins(part: Sequence[Word], start: int) -> bool:
    """Whether a name may begin here: after a unit or its subject, or a Japanese word."""
    before = part[start - 1]
    if before.is_form or is_japanese(before.text) or before.is_border:
        return True
    if part[start].folded in ("the", "univ", "university"):
        return True
    if before.folded in CONNECTORS:
        return False
    is_unit_phrase = any(word.folded in LATIN_UNIT_WORDS for word in part[:start])
    return is_unit_phrase or before.folded in SUBJECTS or before.folded.isdigit()


def _ends(part: Sequence[Word], end: int) -> bool:
    """Whether a name may end here: before a unit, a number or a place, but not before `of`."""
    after = part[end]
    if after.is_form or is_japanese(after.text) or after.is_border:
        return True
    if after.folded in CONNECTORS or part[end - 1].folded in CONNECTORS:
        return False
    if after.folded in LATIN_UNIT_WORDS or after.folded[:1].isdigit():
        return True
    return not any(word.folded in OTHER_BODIES for word in part[end:])


def _run(
    text: str, parts: Parts, words: Sequence[Word], place: int
) -> Iterator[tuple[Rank, WorkplaceCandidate]]:
    named = [word for word in words if not word.is_form]
    while words and words[-1].folded == "the":
        words = words[:-1]
    if not named or words[0].folded in LATIN_UNIT_STARTS:
        return
    written = text[words[0].start : words[-1].end]
    folded = [piece for word in named for piece in word.pieces]
    key = "".join(folded)
    if not MIN_KEY_CHARS <= len(key) <= MAX_KEY_CHARS:
        return
    loose = [loose_key(folded)]
    if folded[0] in ("univ", "university"):  # UNIV KASUMINO, as the European Patent Office has it
        loose.append(loose_key([*folded[1:], folded[0]]))
    is_plain = written.replace(" ", "").isalnum()
    exact = dict.fromkeys((key, *(() if is_plain else organisation_keys(written, ""))))
    more = loose_keys_asked(written) if len(named) == 1 else ()
    kept = tuple(dict.fromkeys(filter(None, (*loose, *more))))
    unit_of = partial(department_in, text, parts, words)
    found = WorkplaceCandidate(tuple(exact), kept, written, unit_of)
    yield (_tier(written, words), -len(key), place), found


def _tier(written: str, words: Sequence[Word]) -> int:
    """Return how much a run looks like an organisation: 0 by its words; 4 hardly."""
    if written.startswith(("大学院", "附属", "付属")):
        return 4
    has_form = any(word.is_form and word.folded != "the" for word in words)
    if has_form or LARGE_BODY.search(written) or SMALL_BODY.search(written):
        return 0
    if any(LATIN_BODY.fullmatch(w.text) or LATIN_SMALLER_BODY.fullmatch(w.text) for w in words):
        return 0
    if is_pure_unit(written):
        return 3
    return 1 if len(words) > 1 or is_japanese(written) else 2


def _prefixes(
    text: str, parts: Parts, words: Sequence[Word], place: int
) -> Iterator[tuple[Rank, WorkplaceCandidate]]:
    """Yield the beginnings of a Japanese word whose rest is a unit: 霞野大学 of 霞野大学工学部."""
    last = words[-1]
    if last.is_form or not is_japanese(last.text):
        return
    least = MIN_PREFIX_CHARS - (
        len(words) > 1 and words[-2].is_form
    )  # 株式会社 tells a name from a word
    for cut in range(len(last.text) - 1, least - 1, -1):
        if is_japanese_unit(last.text[cut:]):
            yield from _run(text, parts, [*words[:-1], last.cut(cut)], place)
