"""Marks in a need's fields: what tells whose need it is, how far, and what could stand there instead.

How far something identifies the company is said from 0 to 100: a name of the company itself 100, an address
of a person 95, other names 80, a town 60, a prefecture, a country and what only a dictionary calls a name
45, a quantity 25 and 15 more
for each significant digit, a term as rare as it is (`rarity`). It is an order for the reader's eyes, no
probability.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from enmusubi.messages import N_
from matcher.veiling.cues import (
    COMPANY,
    CONTACT,
    KINDS,
    PERSON,
    PLACE,
    PRODUCT,
    TERM,
    KnownNames,
    NameCue,
    find_cues,
    folded,
    occurrences,
)
from matcher.veiling.quantities import as_range
from matcher.veiling.rarity import Rarity, Term, terms_of
from matcher.veiling.regions import is_prefecture, region_of

OWN_NAME, OTHER_NAME, ADDRESS, TOWN, SOME_PLACE = 100, 80, 95, 60, 45
FIRST_DIGIT, EACH_DIGIT, MOST_OF_NUMBERS = 25, 15, 85
LEAST_OF_TERMS = 70  # below it a term is not marked
PROPOSED_FROM, PROPOSED_TERMS_FROM = 50, 90  # what identifies less is marked, and left as it is
MOST_MARKS = 40
A_COMPANY, A_COMPANY_OF = N_("a company"), N_("a company in the field of %(field)s")
A_PERSON, A_PRODUCT, A_PLACE = N_("the person in charge"), N_("our product"), N_("a place in Japan")
A_TERM_OF, A_TERM = N_("(a term of %(field)s)"), N_("(left out)")
AN_ADDRESS = N_("(address left out)")
Say = Callable[..., str]
LookUp = Callable[[Sequence[str]], Sequence[Rarity]]


@dataclass(frozen=True)
class TellingMark:
    """Something in a need that tells whose it is: what is said, of which of KINDS, how far, and instead.

    `places` are field, start and end of each time that it is said. `proposals` are never empty.
    """

    kind: str
    said: str = field(repr=False)
    identifies: int
    places: tuple[tuple[str, int, int], ...]
    proposals: tuple[str, ...] = field(repr=False)

    @property
    def is_proposed(self) -> bool:
        """Whether it is proposed to be veiled."""
        return self.identifies >= (PROPOSED_TERMS_FROM if self.kind == TERM else PROPOSED_FROM)


@dataclass(frozen=True)
class MarkedNeed:
    """What a need is marked by: its fields (name: text), language, and the names that are known.

    `field_name` is the likeliest field of research, empty where none is; `say` tells texts in the need's
    language.
    """

    fields: Mapping[str, str] = field(repr=False)
    language: str
    known: KnownNames = field(repr=False)
    field_name: str
    say: Say


def find_marks(need: MarkedNeed, look_up: LookUp) -> tuple[TellingMark, ...]:
    """Return the marks of a need, those that identify the most first; at most MOST_MARKS."""
    cues = {name: find_cues(text, need.language, need.known) for name, text in need.fields.items()}
    marks = [*_marks_of_cues(need, cues), *_marks_of_terms(need, cues, look_up)]
    order = {kind: place for place, kind in enumerate(KINDS)}
    marks.sort(key=lambda mark: (-mark.identifies, order[mark.kind], mark.said))
    return tuple(marks[:MOST_MARKS])


def _marks_of_cues(
    need: MarkedNeed, cues: Mapping[str, Sequence[NameCue]]
) -> Iterator[TellingMark]:
    said: dict[tuple[str, str], list[tuple[str, NameCue]]] = {}
    for name, of_field in cues.items():
        for cue in of_field:
            words = need.fields[name][cue.start : cue.end]
            said.setdefault((cue.kind, folded(words)), []).append((name, cue))
    for (kind, _), found in said.items():
        name, first = found[0]
        words = need.fields[name][first.start : first.end]
        yield TellingMark(
            kind,
            words,
            _identifies(first, words),
            tuple((where, cue.start, cue.end) for where, cue in found),
            tuple(_instead_of_cue(first, words, need)),
        )


def _identifies(cue: NameCue, words: str) -> int:
    if cue.is_guess:
        return SOME_PLACE
    if cue.quantity:
        return min(MOST_OF_NUMBERS, FIRST_DIGIT + EACH_DIGIT * cue.quantity.digits)
    return {
        COMPANY: OWN_NAME if cue.is_own else OTHER_NAME,
        PERSON: OTHER_NAME,
        CONTACT: ADDRESS,
        PRODUCT: OTHER_NAME,
        PLACE: SOME_PLACE if is_prefecture(words) else TOWN,
    }[cue.kind]


def _instead_of_cue(cue: NameCue, words: str, need: MarkedNeed) -> Iterator[str]:
    say = need.say
    if cue.quantity:
        yield as_range(cue.quantity, need.language)
    elif cue.kind == COMPANY:
        if need.field_name:
            yield say(A_COMPANY_OF, field=need.field_name)
        yield say(A_COMPANY)
    elif cue.kind == PLACE:
        region = region_of(words, need.language)
        if region and folded(region) != folded(words):
            yield region
        yield say(A_PLACE)
    else:
        yield say({PERSON: A_PERSON, CONTACT: AN_ADDRESS, PRODUCT: A_PRODUCT}[cue.kind])


def _marks_of_terms(
    need: MarkedNeed, cues: Mapping[str, Sequence[NameCue]], look_up: LookUp
) -> Iterator[TellingMark]:
    places: dict[str, list[tuple[str, Term]]] = {}
    for name, text in need.fields.items():
        for term in terms_of(text, need.language):
            if not any(term.start < c.end and c.start < term.end for c in cues[name]):
                places.setdefault(folded(term.text), []).append((name, term))
    words = [found[0][1].text for found in places.values()]
    for word, rarity, found in zip(words, look_up(words), places.values(), strict=True):
        if rarity.identifies >= LEAST_OF_TERMS:
            instead = [rarity.broader] if rarity.broader else []
            named = need.field_name
            instead.append(need.say(A_TERM_OF, field=named) if named else need.say(A_TERM))
            yield TellingMark(
                TERM,
                word,
                rarity.identifies,
                tuple((name, term.start, term.end) for name, term in found),
                tuple(instead),
            )


def replaced(text: str, instead: Mapping[str, str]) -> str:
    """Return a text in which words are replaced wherever they stand, the longest first."""
    spans: list[tuple[int, int, str]] = []
    for word in sorted(instead, key=len, reverse=True):
        for start, end in occurrences(text, word):
            if not any(start < other[1] and other[0] < end for other in spans):
                spans.append((start, end, instead[word]))
    for start, end, other in sorted(spans, reverse=True):
        text = text[:start] + other + text[end:]
    return text
