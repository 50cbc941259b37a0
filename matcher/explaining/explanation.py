"""Explains a ranking person by person: evidence, what speaks against, what made the score.

Reads the scores, features and vectors that ranked; nothing is encoded or scored again, so that a
reason cannot disagree with a rank.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.aggregation import OwnedSeeds
from matcher.explaining.evidence import (
    Chosen,
    EvidenceChooser,
    OwnSeeds,
    carries,
)
from matcher.explaining.need_parts import NeedParts, part_shares, parts_of
from matcher.explaining.objections import MIN_CANDIDATES, Case, object_to
from matcher.explaining.passage_texts import PassageTexts
from matcher.features.definitions import NAMES, OF_SCALE
from matcher.ranking import Ranking
from matcher.records import AnsweredPart, Contribution, Evidence, Objection
from matcher.reranking.reranker import BASE
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot

NEED = "need"  # the same for all candidates of a need: it cannot order them
GROUPS = {
    "meaning": ("dense_best", "dense_top3", "dense_soft", "dense_best_z", "sentence_best"),
    "words": ("lexical_best", "lexical_top3", "foreign_words", "words_best", "long_words"),
    "text": ("first_stage", "fused_best", "fused_soft", "fused_best_z", "votes"),
    "coverage": ("coverage", "coverage_weakest", "lexical_coverage"),
    "whole": ("profile", "hit_share"),
    "record": (
        "seeds_log",
        "age_of_last",
        "age_of_best",
        "year_spread",
        "best_is_profile",
        "best_is_patent",
    ),
    "field": ("domain",),
    "industry": ("industry_log", "area_fit"),
    "language": ("own_language", *OF_SCALE),
    NEED: ("need_words_log", "need_is_ja", BASE),
}
GROUP_OF = {feature: group for group, features in GROUPS.items() for feature in features}


def contributions_of(ranking: Ranking, researcher_row: int) -> tuple[Contribution, ...]:
    """Return what made a person's score, the largest first and the base last.

    They add up to the re-ranker's score; empty for those too far down to be re-ranked.
    """
    described = ranking.candidates.described
    at = described.row_of(researcher_row)
    if at is None:
        return ()
    added = dict(zip(ranking.contributing, ranking.contributions[at].tolist(), strict=True))
    values = dict(zip(NAMES, described.values[at].tolist(), strict=True))
    base = Contribution(BASE, None, added.pop(BASE))
    features = sorted(added, key=lambda name: (-abs(added[name]), name))
    return (*(Contribution(name, values[name], added[name]) for name in features), base)


def grouped(contributions: Sequence[Contribution]) -> list[tuple[str, float]]:
    """Return the groups that speak for or against a person with their sums, the largest first.

    What is the same for all candidates, the base with it, is left out.
    """
    sums: defaultdict[str, float] = defaultdict(float)
    for item in contributions:
        sums[GROUP_OF[item.feature]] += item.contribution
    sums.pop(NEED, None)
    return sorted(sums.items(), key=lambda item: (-abs(item[1]), item[0]))


@dataclass(frozen=True)
class Explanation:
    """Why a person has the rank: see `records.Match`."""

    evidence: tuple[Evidence, ...]
    against: tuple[Objection, ...]
    contributions: tuple[Contribution, ...]
    parts: tuple[AnsweredPart, ...]


@dataclass(frozen=True)
class PersonCase:
    """What an index version says of one person for one need.

    `carrying_seeds` and `newest_year` are those of `objections.Case`.
    """

    chosen: Chosen
    carrying_seeds: int
    newest_year: float
    industry_seeds: int


class CaseFinder:
    """Finds the evidence of people for one need; `owned` are the seeds that ranked them."""

    def __init__(
        self,
        query: NeedQuery,
        needed: NeedParts,
        owned: OwnedSeeds,
        snapshot: Snapshot,
        passages: PassageTexts,
    ) -> None:
        self._owned = owned
        self._snapshot = snapshot
        self._chooser = EvidenceChooser(query, needed, snapshot, passages)

    def find(self, researcher_row: int, probability: float | None) -> PersonCase:
        """Return what is known of a person of the ranking."""
        every, rows = self._owned, self._owned.of(researcher_row)
        # they are grouped by person, the best seed first
        owned = OwnSeeds(every.seed_row[rows], every.passage_row[rows], every.score[rows])
        return PersonCase(
            chosen=self._chooser.choose(owned, researcher_row, probability),
            carrying_seeds=int(carries(owned.scores).sum()),
            newest_year=float(self._snapshot.newest_years[researcher_row]),
            industry_seeds=int(self._snapshot.industry_seeds[researcher_row]),
        )


class Explainer:
    """Explains the people of one ranking; what holds for all of them is computed once."""

    def __init__(
        self,
        ranking: Ranking,
        snapshot: Snapshot,
        find_case: Callable[[int, float | None], PersonCase],
        *,
        needed: NeedParts | None = None,
        area: str = "",
    ) -> None:
        """`needed` are the parts of the need that can be answered; without, its longer sentences are."""
        self._ranking = ranking
        self._snapshot = snapshot
        self._find_case = find_case
        self._query = ranking.candidates.scorer.query
        self._needed = needed or parts_of(self._query)
        # where the catalogue knows no work with companies at all, lacking it is no objection
        self._area = area if snapshot.knows_industry else ""

    def explain(
        self, researcher_row: int, *, strength: str, probability: float | None
    ) -> Explanation:
        """Return why a person of the ranking is where they are."""
        found = self._find_case(researcher_row, probability)
        case = Case(
            strength=strength,
            probability=probability,
            evidence=found.chosen.evidence,
            carrying_seeds=found.carrying_seeds,
            parts=self._needed.parts,
            shares=self._shares_of(researcher_row),
            newest_year=found.newest_year,
            this_year=self._snapshot.newest_owned_year,
            industry_seeds=found.industry_seeds,
            area=self._area,
            need_language=self._query.language,
        )
        added = contributions_of(self._ranking, researcher_row)
        return Explanation(found.chosen.evidence, object_to(case), added, found.chosen.parts)

    def _shares_of(self, researcher_row: int) -> NDArray[np.float64]:
        described = self._ranking.candidates.described
        at = described.row_of(researcher_row)
        if at is None or len(described.people) < MIN_CANDIDATES:
            return np.zeros(0)
        return np.asarray(self._shares[at])

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        return part_shares(self._ranking.candidates.described.nearness, self._needed)
