"""Explains a ranking person by person: evidence, what speaks against, what made the score.

Reads the scores, features and vectors that ranked; nothing is encoded or scored again, so that a
reason cannot disagree with a rank.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.explaining.evidence import EvidenceChooser, OwnSeeds, PassageTexts, carries
from matcher.explaining.need_parts import NeedParts, part_shares, parts_of
from matcher.explaining.objections import MIN_CANDIDATES, Case, object_to
from matcher.features.definitions import OF_SCALE
from matcher.ranking import Ranking
from matcher.records import AnsweredPart, Contribution, Evidence, Objection
from matcher.reranking.reranker import BASE
from matcher.snapshot import Snapshot

NEED = "need"  # the same for all candidates of a need: it cannot order them
GROUPS = {
    "meaning": ("dense_best", "dense_top3", "dense_soft", "dense_best_z", "sentence_best"),
    "words": ("lexical_best", "lexical_top3", "foreign_words", "words_best"),
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
    if researcher_row not in ranking.contributions.index:
        return ()
    added: dict[Any, float] = ranking.contributions.loc[researcher_row].to_dict()
    values: dict[Any, float] = ranking.candidates.features.loc[researcher_row].to_dict()
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


class Explainer:
    """Explains the people of one ranking; what holds for all of them is computed once."""

    def __init__(
        self,
        ranking: Ranking,
        snapshot: Snapshot,
        passages: PassageTexts,
        *,
        needed: NeedParts | None = None,
        area: str = "",
    ) -> None:
        """`needed` are the parts of the need that can be answered; without, its longer sentences are."""
        self._ranking = ranking
        self._snapshot = snapshot
        self._query = ranking.candidates.scorer.query
        self._needed = needed or parts_of(self._query)
        self._chooser = EvidenceChooser(self._query, self._needed, snapshot, passages)
        # where the catalogue knows no work with companies at all, lacking it is no objection
        self._area = area if snapshot.industry_seeds.any() else ""
        self._this_year = float(np.fmax.reduce(snapshot.newest_years, initial=np.nan))
        owned = ranking.candidates.owned
        self._owners = owned["researcher_row"].to_numpy(np.int64)
        self._owned = OwnSeeds(
            seed_rows=owned["seed_row"].to_numpy(np.int64),
            passage_rows=owned["passage_row"].to_numpy(np.int64),
            scores=owned["score"].to_numpy(np.float64),
        )

    def explain(
        self, researcher_row: int, *, strength: str, probability: float | None
    ) -> Explanation:
        """Return why a person of the ranking is where they are."""
        owned = self._seeds_of(researcher_row)
        chosen = self._chooser.choose(owned, researcher_row)
        case = Case(
            strength=strength,
            probability=probability,
            evidence=chosen.evidence,
            carrying_seeds=int(carries(owned.scores).sum()),
            parts=self._needed.parts,
            shares=self._shares_of(researcher_row),
            newest_year=float(self._snapshot.newest_years[researcher_row]),
            this_year=self._this_year,
            industry_seeds=int(self._snapshot.industry_seeds[researcher_row]),
            area=self._area,
            need_language=self._query.language,
        )
        added = contributions_of(self._ranking, researcher_row)
        return Explanation(chosen.evidence, object_to(case), added, chosen.parts)

    def _seeds_of(self, researcher_row: int) -> OwnSeeds:
        """Return the person's seeds; the table is grouped by person, the best seed first."""
        first, end = np.searchsorted(self._owners, [researcher_row, researcher_row + 1])
        rows = self._owned
        return OwnSeeds(
            rows.seed_rows[first:end], rows.passage_rows[first:end], rows.scores[first:end]
        )

    def _shares_of(self, researcher_row: int) -> NDArray[np.float64]:
        shares = self._shares
        known = len(shares) >= MIN_CANDIDATES and researcher_row in shares.index
        return shares.loc[researcher_row].to_numpy(np.float64) if known else np.zeros(0)

    @cached_property
    def _shares(self) -> pd.DataFrame:
        candidates = self._ranking.candidates
        people = candidates.features.index.to_numpy(np.int64)
        return part_shares(candidates.owned, people, self._needed, self._snapshot)
