"""Gathers all passages of the researchers that are to be re-ranked, scored for one need.

The first stage sees a person's passages only where they were candidates; here a person is seen
whole, as far as the filters allow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.retrieval import PassageScorer
from matcher.snapshot import Snapshot

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class SeedsOfPeople:
    """One row a person and seed, grouped by person, the best seed first; arrays of equal length.

    `person` is the position among the people asked for, `place` 0 for a person's best seed.
    `similarity` is the largest of the seed's passages, `share` and `foreign_share` the largest
    lexical share of those in the need's language and in another, `words` the most that words add to
    the fused score, `score` the fused score of `passage_row`, the best one. `starts` gives each person's
    first row.
    """

    person: IntArray
    seed_row: IntArray
    passage_row: IntArray
    place: IntArray
    similarity: FloatArray
    share: FloatArray
    foreign_share: FloatArray
    words: FloatArray
    score: FloatArray
    starts: IntArray
    counts: IntArray

    def padded(self, values: FloatArray, depth: int, *, missing: float) -> FloatArray:
        """Return the values of each person's first `depth` rows, shape (people, depth)."""
        table = np.full((len(self.starts), depth), missing)
        shown = self.place < depth
        table[self.person[shown], self.place[shown]] = values[shown]
        return table

    def largest(self, values: FloatArray, depth: int, *, missing: float) -> FloatArray:
        """Return each person's `depth` largest values, descending, shape (people, depth)."""
        order = np.lexsort((-values, self.person))
        place = np.arange(len(values)) - np.repeat(self.starts, self.counts)
        table = np.full((len(self.starts), depth), missing)
        shown = place < depth
        table[self.person[order][shown], place[shown]] = values[order][shown]
        return table


@dataclass(frozen=True)
class _BestPassages:
    """Of each seed, ascending, what its passages reach; fields as in `SeedsOfPeople`."""

    seed_row: IntArray
    passage_row: IntArray
    score: FloatArray
    similarity: FloatArray
    share: FloatArray
    foreign_share: FloatArray
    words: FloatArray


def gather_seeds(
    people: IntArray,
    scorer: PassageScorer,
    snapshot: Snapshot,
    allowed_passages: IntArray | None,
) -> SeedsOfPeople:
    """Return the allowed seeds of `people` (researcher rows, ascending), each of whom has one.

    Raises ValueError when one of them has no allowed seed.
    """
    seed_rows, owners = snapshot.authorship_rows
    chosen = np.isin(owners, people)
    seeds, persons = seed_rows[chosen], np.searchsorted(people, owners[chosen])
    best = _best_passages(np.unique(seeds), scorer, snapshot, allowed_passages)
    kept = np.isin(seeds, best.seed_row)
    seeds, persons = seeds[kept], persons[kept]
    at = np.searchsorted(best.seed_row, seeds)
    order = np.lexsort((seeds, -best.score[at], persons))
    at, persons, seeds = at[order], persons[order], seeds[order]
    counts = np.bincount(persons, minlength=len(people))
    if (counts == 0).any():
        raise ValueError("a researcher without any allowed seed cannot be described")
    starts = np.cumsum(counts) - counts
    return SeedsOfPeople(
        person=persons,
        seed_row=seeds,
        passage_row=best.passage_row[at],
        place=np.arange(len(seeds)) - np.repeat(starts, counts),
        similarity=best.similarity[at],
        share=best.share[at],
        foreign_share=best.foreign_share[at],
        words=best.words[at],
        score=best.score[at],
        starts=starts,
        counts=counts,
    )


def _best_passages(
    seeds: IntArray,
    scorer: PassageScorer,
    snapshot: Snapshot,
    allowed: IntArray | None,
) -> _BestPassages:
    """Return the best values of each seed with an allowed passage."""
    rows = snapshot.passage_rows_of(seeds)
    if allowed is not None:
        rows = rows[np.isin(rows, allowed)]
    scored = scorer.score(rows)
    score = scored["score"].to_numpy(np.float64)
    owner = snapshot.seed_of_passage[rows]
    order = np.lexsort((rows, -score, owner))
    found, first = np.unique(owner[order], return_index=True)
    similarity = scored["similarity"].to_numpy(np.float64)[order]
    shares = scorer.shares[rows].astype(np.float64)[order]
    own = snapshot.language_of_passage[rows][order] == scorer.query.language
    return _BestPassages(
        seed_row=found,
        passage_row=rows[order[first]],
        score=score[order[first]],
        similarity=_largest(similarity, first),
        share=_largest(np.where(own, shares, 0.0), first),
        foreign_share=_largest(np.where(own, 0.0, shares), first),
        words=_largest(scorer.words[rows].astype(np.float64)[order], first),
    )


def _largest(values: FloatArray, first: IntArray) -> FloatArray:
    return np.maximum.reduceat(values, first) if len(first) else values
