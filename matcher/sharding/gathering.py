"""Finds the candidates of a need among all shards, as `ranking.find_candidates` does in one index.

Four rounds, each a question to all shards at once: which passages come near (the nearest of all are chosen
here), who of their people comes first, what these are worth when seen whole, and their features. People of
different shards differ, so that lists join; a work of people in several shards is counted once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexes.word_search import MOST_HITS, Hits
from matcher import retrieval
from matcher.aggregation import OwnedSeeds, ScoredPeople
from matcher.features.extraction import Described, seed_ranks
from matcher.ranking import SEEN_WHOLE, Candidates, are_best
from matcher.retrieval import PassageScorer
from matcher.sharding.fan import Fan
from matcher.sharding.shard import (
    FloatArray,
    FoundPassages,
    IntArray,
    OrderedPeople,
    SeenPeople,
    ShardQuestion,
)


@dataclass(frozen=True, eq=False)
class Gathered:
    """Candidates, whom of them each shard has (ascending rows), and the question that found them."""

    candidates: Candidates
    of_shard: Sequence[IntArray]
    asked: ShardQuestion

    def by_shard(self, people: IntArray) -> dict[int, IntArray]:
        """Return the people by their shards, each in the order given; shards without any are left out."""
        parts = {at: people[np.isin(people, rows)] for at, rows in enumerate(self.of_shard)}
        return {at: part for at, part in parts.items() if len(part)}


def gather_candidates(fan: Fan, asked: ShardQuestion, scorer: PassageScorer) -> Gathered:
    """Run the first stage over all shards, and describe its best by their features."""
    asked = replace(asked, passages=choose_passages(fan.each("find", asked)))
    ordered: list[OrderedPeople] = fan.each("order", asked)
    rough = _in_order(ordered)
    chosen = are_best(_codes(rough.language), SEEN_WHOLE)
    wanted = np.sort(rough.rows[chosen])
    asked = replace(asked, people=wanted)
    seen: list[SeenPeople] = fan.each("see", asked)
    first = _in_order(
        [one.people for one in seen]
        + [OrderedPeople(rough.rows[~chosen], rough.score[~chosen], rough.language[~chosen])]
    )
    forward = are_best(_codes(first.language), 1.0) & np.isin(first.rows, wanted)
    order = np.argsort(first.rows[forward])
    best, scores = first.rows[forward][order], first.score[forward][order]
    described = _describe(fan, asked, seen, (best, scores))
    people = ScoredPeople(first.rows, first.score)
    of_shard = [np.sort(one.rows) for one in ordered]
    return Gathered(Candidates(scorer, people, _no_seeds(), described), of_shard, asked)


def choose_passages(found: Sequence[FoundPassages]) -> IntArray:
    """Return the candidates among what all shards put forward, ascending, as `retrieve` chooses them."""
    near = np.concatenate([one.near for one in found])
    similarity = np.concatenate([one.similarity for one in found])
    near, first = np.unique(near, return_index=True)
    nearest = near[np.argsort(-similarity[first], kind="stable")[: retrieval.BY_VECTOR]]
    parts = sorted({part for one in found for part in one.by_words})
    by_words = [
        _best_by_words([one.by_words[part] for one in found if part in one.by_words])
        for part in parts
    ]
    return np.unique(np.concatenate([nearest, *by_words]))


def _best_by_words(hits: Sequence[Hits]) -> IntArray:
    rows = np.concatenate([one.rows for one in hits])
    worth = np.concatenate([one.worth for one in hits])
    allowed = np.concatenate([one.is_allowed for one in hits])
    rows, first, which = np.unique(rows, return_index=True, return_inverse=True)
    is_allowed = np.zeros(len(rows), dtype=bool)
    np.logical_or.at(is_allowed, which, allowed)
    order = np.argsort(-worth[first], kind="stable")[:MOST_HITS]
    return Hits(rows[order], worth[first][order], is_allowed[order]).best(retrieval.BY_WORDS)


def _describe(
    fan: Fan, asked: ShardQuestion, seen: Sequence[SeenPeople], first: tuple[IntArray, FloatArray]
) -> Described:
    best, scores = first
    if not len(best):
        return Described.of_nobody()
    kept = [np.isin(one.person, best) for one in seen]
    ranks = seed_ranks(
        np.concatenate([one.seed[of] for one, of in zip(seen, kept, strict=True)]),
        np.concatenate([one.seed_score[of] for one, of in zip(seen, kept, strict=True)]),
    )
    ends = np.cumsum([int(of.sum()) for of in kept])
    questions = {}
    for at, (one, end) in enumerate(zip(seen, ends.tolist(), strict=True)):
        here = np.isin(best, one.people.rows)
        if here.any():
            own = ranks[end - int(kept[at].sum()) : end]
            questions[at] = (asked, best[here], scores[here], own)
    answers: Iterable[Described] = fan.some("describe", questions).values()
    people = np.concatenate([one.people for one in answers])
    order = np.argsort(people)
    return Described(
        people=people[order],
        values=np.concatenate([one.values for one in answers])[order],
        nearness=np.concatenate([one.nearness for one in answers], axis=1)[:, order],
    )


def _in_order(parts: Sequence[OrderedPeople]) -> OrderedPeople:
    """Return the people of all parts, the best first; ties stand in the order of rows, which is the ids'."""
    rows = np.concatenate([one.rows for one in parts])
    score = np.concatenate([one.score for one in parts])
    language = np.concatenate([one.language for one in parts])
    order = np.lexsort((rows, -score))
    return OrderedPeople(rows[order], score[order], language[order])


def _codes(languages: NDArray[np.str_]) -> IntArray:
    return np.unique(languages, return_inverse=True)[1]


def _no_seeds() -> OwnedSeeds:
    rows, values = np.zeros(0, dtype=np.int64), np.zeros(0)
    return OwnedSeeds(rows, rows, rows, values, values, rows)
