"""What each feature adds to a score, and the same in few groups that people can read."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from matcher.ranking import Ranking
from matcher.records import Contribution
from matcher.reranking.reranker import BASE

NEED = "need"  # the same for everybody in a list: says nothing about a person
GROUPS = {
    "meaning": ("dense_best", "dense_top3", "dense_best_z", "sentence_best"),
    "words": ("lexical_best", "lexical_top3", "foreign_words"),
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
    "language": ("own_language",),
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

    What is the same for everybody in the list, the base with it, is left out.
    """
    sums: defaultdict[str, float] = defaultdict(float)
    for item in contributions:
        sums[GROUP_OF[item.feature]] += item.contribution
    sums.pop(NEED, None)
    return sorted(sums.items(), key=lambda item: (-abs(item[1]), item[0]))
