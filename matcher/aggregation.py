"""From passages to seeds to researchers: the best seeds, softly, the whole profile, and breadth.

    score(seed)       = max over its passages
    score(researcher) = T ln(sum over the best 5 seeds of exp(s / T))
                        + 0.4 cos(need, profile) + 3 breadth

The first term (log-sum-exp, T = 0.12) is the best seed's score, raised by at most T ln 5 where four
more seeds are as good: a researcher does not win by volume. The profile is the unit mean of all the person's
seeds' vectors, so that one lucky seed of an outsider doesn't win. Breadth is the mean of the three
largest lexical shares of the person's seeds (missing ones count 0): the need's words come back in
more than one piece of work. docs/quality.md compares the rule with others.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from indexes.ranges import group_starts, spread_ranges
from indexes.stored_rows import products
from matcher.retrieval import ScoredPassages
from matcher.snapshot import Snapshot

TEMPERATURE = 0.12  # in units of the fused score: seeds that differ by less weigh nearly the same
POOLED_SEEDS = 5
PROFILE_WEIGHT = 0.4
BREADTH_SEEDS = 3
BREADTH_WEIGHT = 3.0
DECIMALS = 6  # scores are rounded, so that ranks do not hang on the last bit of a sum
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoredSeeds:
    """Seeds, ascending by row: arrays of equal length.

    `passage_row` is the seed's best passage, `score` that passage's, `lexical` the largest share of all of
    its passages.
    """

    seed_row: IntArray
    passage_row: IntArray
    score: FloatArray
    lexical: FloatArray


@dataclass(frozen=True, eq=False)
class OwnedSeeds:
    """A row a person and seed, ascending by person, a person's best seed first; arrays of equal length.

    `place` is 0 for a person's best seed; the other fields are those of `ScoredSeeds`.
    """

    researcher_row: IntArray
    seed_row: IntArray
    passage_row: IntArray
    score: FloatArray
    lexical: FloatArray
    place: IntArray

    def of(self, researcher_row: int) -> slice:
        """Return where the rows of one person are."""
        first, end = np.searchsorted(self.researcher_row, [researcher_row, researcher_row + 1])
        return slice(int(first), int(end))

    def rows_of(self, people: IntArray) -> IntArray:
        """Return the rows of these people, person by person."""
        first = np.searchsorted(self.researcher_row, people, side="left")
        return spread_ranges(first, np.searchsorted(self.researcher_row, people, side="right"))[0]

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "OwnedSeeds":
        """Return some of the rows."""
        return OwnedSeeds(*(getattr(self, field.name)[rows] for field in fields(self)))

    def merged(self, other: "OwnedSeeds") -> "OwnedSeeds":
        """Return the rows of both, of people whom only one of them has."""
        order = np.argsort(np.r_[self.researcher_row, other.researcher_row], kind="stable")
        return OwnedSeeds(
            *(np.r_[getattr(self, f.name), getattr(other, f.name)][order] for f in fields(self))
        )


@dataclass(frozen=True, eq=False)
class ScoredPeople:
    """People and their scores, the best first; ties stand in the order of the researcher ids."""

    researcher_row: IntArray
    score: FloatArray

    @classmethod
    def of(cls, rows: IntArray, scores: FloatArray) -> "ScoredPeople":
        """Return people in any order as a list; rows stand in the order of the ids."""
        order = np.lexsort((rows, -scores))
        return cls(rows[order], scores[order])


def score_seeds(candidates: ScoredPassages, snapshot: Snapshot) -> ScoredSeeds:
    """Return the seeds of the passages, which ascend by row."""
    rows = candidates.rows
    owners = snapshot.seed_of_passage[rows]
    first = group_starts(owners)
    seeds = owners[first]
    if not len(seeds):
        return ScoredSeeds(seeds, rows, np.zeros(0), np.zeros(0))
    score = candidates.score.astype(np.float64)
    best = best_of_each(score, first)
    return ScoredSeeds(
        seeds,
        rows[best],
        score[best],
        np.maximum.reduceat(candidates.lexical.astype(np.float64), first),
    )


def best_of_each(values: FloatArray, starts: IntArray) -> IntArray:
    """Return where the largest value of each group stands, the first of equal ones.

    Groups follow each other and begin at `starts`; none is empty.
    """
    counts = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=counts[:-1])
    counts[-1] = len(values) - starts[-1]
    where = (values == np.maximum.reduceat(values, starts).repeat(counts)).nonzero()[0]
    # the first of them that stands at a group's beginning or behind it
    return np.asarray(where[where.searchsorted(starts)], dtype=np.int64)


def rank_researchers(
    owned: OwnedSeeds, vector: NDArray[np.float32], snapshot: Snapshot
) -> ScoredPeople:
    """Return the people of the seeds by their scores; `vector` is the need's."""
    first = owned.place < POOLED_SEEDS
    people = owned.researcher_row[first]
    starts = group_starts(people)
    rows, person = (
        people[starts],
        np.repeat(np.arange(len(starts)), np.diff(starts, append=len(people))),
    )
    # log-sum-exp pooling. No maximum is subtracted first: scores are about 1 + 12 at most, and
    # exp(13 / 0.12) is far from the largest float
    powers = np.exp(owned.score[first] / TEMPERATURE)
    seeds = TEMPERATURE * np.log(np.bincount(person, weights=powers, minlength=len(rows)))
    nearness = products(snapshot.profiles[rows], vector)
    breadth = _breadth(owned)
    totals = seeds + PROFILE_WEIGHT * nearness + BREADTH_WEIGHT * breadth
    return ScoredPeople.of(rows, np.round(totals, DECIMALS))


def _breadth(owned: OwnedSeeds) -> FloatArray:
    """Return the mean of each person's three largest shares, ascending by researcher row."""
    starts = np.flatnonzero(owned.place == 0)
    largest = largest_of_each(owned.lexical, starts, BREADTH_SEEDS, missing=0.0)
    return np.asarray(largest.sum(axis=1) / BREADTH_SEEDS)


def largest_of_each(
    values: FloatArray, starts: IntArray, depth: int, *, missing: float
) -> FloatArray:
    """Return the `depth` largest values of each group, falling, shape (groups, depth).

    Groups follow each other and begin at `starts`; none is empty. `missing` stands where a group has fewer.
    """
    table = np.full((len(starts), depth), missing)
    if not len(starts):
        return table
    counts = np.diff(starts, append=len(values))
    if depth == 1:
        table[:, 0] = np.fmax.reduceat(values, starts)
        return table
    left = values.astype(np.float64)
    for place in range(depth):
        best = best_of_each(left, starts)
        has = counts > place
        table[has, place] = left[best][has]
        left[best] = -np.inf
    return table


def owned_seeds(seeds: ScoredSeeds, owners: tuple[IntArray, IntArray]) -> OwnedSeeds:
    """Return the seeds by person; `owners` are pairs of a place among the seeds and a researcher row."""
    found, people = owners
    order = np.lexsort((found, -seeds.score[found], people))
    people, found = people[order], found[order]
    return OwnedSeeds(
        researcher_row=people,
        seed_row=seeds.seed_row[found],
        passage_row=seeds.passage_row[found],
        score=seeds.score[found],
        lexical=seeds.lexical[found],
        place=places_in(people),
    )


def places_in(groups: IntArray) -> IntArray:
    """Return for each row its place in its group, from 0; rows of a group follow each other."""
    if not len(groups):
        return np.zeros(0, dtype=np.int64)
    starts = group_starts(groups)
    lengths = np.diff(starts, append=len(groups))
    return np.asarray(np.arange(len(groups)) - np.repeat(starts, lengths), dtype=np.int64)
