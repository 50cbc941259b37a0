"""An answered need as a page shows it: the match list, what was understood of the need, and facets.

Facets say how many of the people found for a need have which institution, kind of evidence, field …
They are counted over the people who are likely to fit and all of their seeds that passed the filters,
near the need or not; of people with very many over a sample and those found (see `features.people`). A
seed that the caller may not see is not counted. A facet that was chosen from is counted without that
choice, so that its other values can still be chosen.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.columns import Categories, Table
from indexes.ranges import distinct, distinct_places
from matcher.aggregation import OwnedSeeds
from matcher.areas import AreaGuess
from matcher.domains.taxonomy import load_taxonomy
from matcher.records import Filters, Mark, MatchList, ResearcherCard
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot
from matcher.suggestions import Suggestion

INSTITUTION, DEPARTMENT, DOMAIN = "institution", "department", "domain"
KIND, SINCE, LANGUAGE = "kind", "since", "language"
FACETS = (INSTITUTION, DEPARTMENT, DOMAIN, KIND, SINCE, LANGUAGE)
YEARS_BACK = (3, 5, 10)
MAX_CHOICES = 12
_WITHOUT: Mapping[str, Mapping[str, Any]] = {  # what undoes the choice of a facet
    INSTITUTION: {"institutions": ()},
    DEPARTMENT: {"departments": ()},
    DOMAIN: {"domains": ()},
    KIND: {"kinds": ()},
    SINCE: {"since": None, "until": None},
    LANGUAGE: {"languages": ()},
}


@dataclass(frozen=True)
class Choice:
    """A value to filter by and how many people have it; labels where it has names of its own."""

    value: str
    count: int
    label_ja: str = ""
    label_en: str = ""

    def label(self, language: str) -> str:
        """Return the name in `language` (ja or en), or in the other, or the value."""
        first, second = (self.label_ja, self.label_en)[:: 1 if language == "ja" else -1]
        return first or second or self.value


Choices = tuple[Choice, ...]


@dataclass(frozen=True, eq=False)
class FoundPeople:
    """People to count, as researcher rows, and what is known of their seeds; seeds of others are left out."""

    people: NDArray[np.int64]
    owned: OwnedSeeds


def chosen_facets(filters: Filters) -> list[str]:
    """Return the facets that the filters choose from."""
    return [facet for facet in FACETS if unchosen(filters, facet) != filters]


def unchosen(filters: Filters, facet: str) -> Filters:
    """Return the filters without the choice of a facet."""
    return replace(filters, **_WITHOUT[facet])


Tally = Counter[tuple[str, str, str]]
"""How many people have each value of a facet, with its labels. People of several parts of a catalogue differ:
their tallies are added up. Of SINCE the values are the years of people's newest seeds."""


def tally(
    facet: str, found: FoundPeople, snapshot: Snapshot, known_for: NDArray[np.bool_]
) -> Tally:
    """Count who has which value of a facet; `known_for` (people, fields) is for DOMAIN."""
    if facet in {INSTITUTION, DEPARTMENT}:
        return _named(facet, snapshot.researchers, found.people)
    if facet == DOMAIN:
        return _fields(known_for[found.people])
    owned = found.owned
    rows = owned.rows_of(np.sort(found.people))
    people, seeds = owned.researcher_row[rows], owned.seed_row[rows]
    if facet == SINCE:
        return _newest(people, snapshot.seed_years[seeds])
    if facet == KIND:
        return _distinct(people, snapshot.seed_kinds, seeds)
    return _distinct(people, snapshot.language_of_passage, owned.passage_row[rows])


def choices_of(facet: str, counted: Tally) -> Choices:
    """Return a facet's values, the most frequent first; of SINCE the years, the latest first."""
    if facet != SINCE:
        made = [Choice(value, n, ja, en) for (value, ja, en), n in counted.items()]
        return tuple(sorted(made, key=lambda c: (-c.count, c.value))[:MAX_CHOICES])
    if not counted:
        return ()
    years = {int(value): n for (value, _, _), n in counted.items()}
    firsts = [max(years) + 1 - back for back in YEARS_BACK]
    return tuple(Choice(str(y), sum(n for year, n in years.items() if year >= y)) for y in firsts)


def _named(facet: str, people: Table, rows: NDArray[np.int64]) -> Tally:
    ja, en = (people.categories(f"{facet}_{language}")[rows] for language in ("ja", "en"))
    pairs = ((str(ja), str(en)) for ja, en in zip(ja, en, strict=True))
    return Counter((ja or en, ja, en) for ja, en in pairs if ja or en)


def _fields(known_for: NDArray[np.bool_]) -> Tally:
    counts = known_for.sum(axis=0)
    fields = load_taxonomy().fields[: len(counts)]
    named = zip(fields, counts.tolist(), strict=True)
    return Counter({(f.id, f.name_ja, f.name_en): n for f, n in named if n})


def _newest(people: NDArray[np.int64], years: NDArray[np.float64]) -> Tally:
    known = np.isfinite(years)
    different, which = distinct_places(people[known])
    newest = np.zeros(len(different), dtype=np.int64)
    np.maximum.at(newest, which, years[known].astype(np.int64))
    return Counter((str(year), "", "") for year in newest.tolist())


def _distinct(people: NDArray[np.int64], values: Categories, rows: NDArray[np.int64]) -> Tally:
    """Count the different people of each value; `rows` says where each person's values stand."""
    n_values = len(values.names)
    pairs = distinct(people * n_values + values.codes[rows])
    counts = np.bincount(pairs % n_values, minlength=n_values).tolist()
    counted = zip(values.names, counts, strict=True)
    return Counter({(name, "", ""): count for name, count in counted if count})


LIKELY_FIELDS = 3
MIN_PROBABILITY = 0.1  # what is less likely is not worth reading


@dataclass(frozen=True)
class LikelyField:
    """A field of research (an id of the taxonomy) and how probable it is."""

    field_id: str
    probability: float


@dataclass(frozen=True)
class Understood:
    """Language (ja or en), area with its probability, and the likely fields, none where unsure."""

    language: str
    area: AreaGuess
    fields: tuple[LikelyField, ...] = ()


def understand(query: NeedQuery) -> Understood:
    """Return what was understood of a need when its query was made."""
    return Understood(query.language, query.area, _likely(query))


def _likely(query: NeedQuery) -> tuple[LikelyField, ...]:
    best = np.argsort(-query.fields, kind="stable")[:LIKELY_FIELDS]
    ids = load_taxonomy().ids
    likely = (LikelyField(ids[place], float(query.fields[place])) for place in best)
    return tuple(field for field in likely if field.probability >= MIN_PROBABILITY)


@dataclass(frozen=True)
class ShownMark:
    """A mark that moved a list: whether more of its kind is wanted, and the person or the text marked."""

    mark: Mark
    wanted: bool
    person: ResearcherCard | None = None
    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class Answer:
    """`facets` has the choices of each of `facets.FACETS`; `found` people stand behind the list.

    `marked` are the marks of the need's refinement, `suggested` words that it could have besides.
    """

    matches: MatchList
    understood: Understood
    facets: Mapping[str, Choices] = field(default_factory=dict)
    found: int = 0
    marked: tuple[ShownMark, ...] = ()
    suggested: tuple[Suggestion, ...] = ()
