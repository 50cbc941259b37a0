"""An answered need as a page shows it: the match list, what was understood of the need, and facets.

Facets say how many of the people found for a need have which institution, kind of evidence, field …
They are counted over the people who are likely to fit and the seeds found of them, all of which
passed the filters: a seed that the caller may not see is not counted. A facet that was chosen from is
counted without that choice, so that its other values can still be chosen.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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


@dataclass(frozen=True)
class FoundPeople:
    """People to count and the seeds found: tables with researcher_row, and with seed_row and
    passage_row besides; seeds of others are left out."""

    people: pd.DataFrame
    owned: pd.DataFrame


def chosen_facets(filters: Filters) -> list[str]:
    """Return the facets that the filters choose from."""
    return [facet for facet in FACETS if unchosen(filters, facet) != filters]


def unchosen(filters: Filters, facet: str) -> Filters:
    """Return the filters without the choice of a facet."""
    return replace(filters, **_WITHOUT[facet])


def count_facet(
    facet: str, found: FoundPeople, snapshot: Snapshot, known_for: NDArray[np.bool_]
) -> Choices:
    """Return a facet's values, the most frequent first; `known_for` (people, fields) is for DOMAIN."""
    rows = found.people["researcher_row"].to_numpy(np.int64)
    if facet in {INSTITUTION, DEPARTMENT}:
        return _named(facet, snapshot.researchers.iloc[rows])
    if facet == DOMAIN:
        return _fields(known_for[rows])
    owned = found.owned[found.owned["researcher_row"].isin(rows)]
    people = owned["researcher_row"].to_numpy(np.int64)
    seeds = owned["seed_row"].to_numpy(np.int64)
    if facet == SINCE:
        return _years(people, snapshot.seed_years[seeds])
    if facet == KIND:
        return _distinct(people, snapshot.seed_kinds[seeds])
    passages = owned["passage_row"].to_numpy(np.int64)
    return _distinct(people, snapshot.language_of_passage[passages])


def _named(facet: str, people: pd.DataFrame) -> Choices:
    names = people[[f"{facet}_ja", f"{facet}_en"]]
    pairs = zip(names[f"{facet}_ja"], names[f"{facet}_en"], strict=True)
    counted = Counter((str(ja), str(en)) for ja, en in pairs if ja or en)
    return _best([Choice(ja or en, n, ja, en) for (ja, en), n in counted.items()])


def _fields(known_for: NDArray[np.bool_]) -> Choices:
    counts = known_for.sum(axis=0)
    fields = load_taxonomy().fields[: len(counts)]
    named = zip(fields, counts.tolist(), strict=True)
    return _best([Choice(f.id, n, f.name_ja, f.name_en) for f, n in named if n])


def _years(people: NDArray[np.int64], years: NDArray[np.float64]) -> Choices:
    if not np.isfinite(years).any():
        return ()
    newest = int(np.nanmax(years))
    firsts = [newest + 1 - back for back in YEARS_BACK]
    return tuple(Choice(str(y), len(np.unique(people[years >= y]))) for y in firsts)


def _distinct(people: NDArray[np.int64], values: Sequence[str] | NDArray[np.str_]) -> Choices:
    pairs = pd.DataFrame({"person": people, "value": values}).drop_duplicates()
    counted = pairs["value"].value_counts(sort=False)
    return _best([Choice(str(value), int(n)) for value, n in counted.items()])


def _best(choices: list[Choice]) -> Choices:
    return tuple(sorted(choices, key=lambda c: (-c.count, c.value))[:MAX_CHOICES])


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
