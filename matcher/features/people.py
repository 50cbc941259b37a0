"""Gathers the passages of the researchers that the first search brings up, scored for one need.

The search sees a person's passages only where they are near; here a person is seen whole, as far as the
filters allow, and of those with very many seeds a fixed number: the work for a person has a bound.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.ranges import distinct, group_starts, spread_evenly
from matcher.aggregation import OwnedSeeds, best_of_each, largest_of_each, places_in
from matcher.filtering import Allowed
from matcher.retrieval import PassageScorer, ScoredPassages
from matcher.snapshot import Snapshot

# of a person, evenly spaced among all that are allowed; those that the search found come on top
MOST_SEEDS = 32
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SeedsOfPeople:
    """One row a person and seed, grouped by person, the best seed first; arrays of equal length.

    `person` is the position among the people asked for, `place` 0 for a person's best seed.
    `similarity` is the largest of the seed's passages, `share` and `foreign_share` the largest
    lexical share of those in the need's language and in another, `words` the most that words add to
    the fused score, `score` the fused score of `passage_row`, the best one, `lexical` the largest share on
    the common scale. `is_sample` says which rows stand for all of a person's seeds: all of them but for those
    who have very many. `starts` gives each person's first row.
    """

    person: IntArray
    seed_row: IntArray
    passage_row: IntArray
    place: IntArray
    similarity: FloatArray
    share: FloatArray
    foreign_share: FloatArray
    words: FloatArray
    lexical: FloatArray
    score: FloatArray
    is_sample: NDArray[np.bool_]
    starts: IntArray
    counts: IntArray

    def of(self, chosen: NDArray[np.bool_]) -> "SeedsOfPeople":
        """Return the rows of some of the people, who are flagged."""
        kept = chosen[self.person]
        number = np.cumsum(chosen) - 1
        counts = self.counts[chosen]
        rows = {
            name: values[kept]
            for name, values in vars(self).items()
            if name not in ("person", "starts", "counts")
        }
        starts = np.cumsum(counts) - counts
        return SeedsOfPeople(person=number[self.person[kept]], starts=starts, counts=counts, **rows)

    def owned_by(self, people: IntArray) -> OwnedSeeds:
        """Return the rows as seeds of researchers; `people` are the rows of those asked for."""
        return OwnedSeeds(
            researcher_row=people[self.person],
            seed_row=self.seed_row,
            passage_row=self.passage_row,
            score=self.score,
            lexical=self.lexical,
            place=self.place,
        )

    def padded(self, values: FloatArray, depth: int, *, missing: float) -> FloatArray:
        """Return the values of each person's first `depth` rows, shape (people, depth)."""
        table = np.full((len(self.starts), depth), missing)
        shown = self.place < depth
        table[self.person[shown], self.place[shown]] = values[shown]
        return table

    def largest(self, values: FloatArray, depth: int, *, missing: float) -> FloatArray:
        """Return each person's `depth` largest values, descending, shape (people, depth).

        NaN counts as missing, and is allowed for a depth of 1 alone.
        """
        return largest_of_each(values, self.starts, depth, missing=missing)


@dataclass(frozen=True, eq=False)
class _BestPassages:
    """Of each seed, ascending, what its passages reach; fields as in `SeedsOfPeople`."""

    seed_row: IntArray
    passage_row: IntArray
    score: FloatArray
    similarity: FloatArray
    share: FloatArray
    foreign_share: FloatArray
    words: FloatArray
    lexical: FloatArray


def gather_seeds(
    people: IntArray,
    scorer: PassageScorer,
    snapshot: Snapshot,
    allowed: Allowed | None = None,
    found: OwnedSeeds | None = None,
) -> SeedsOfPeople:
    """Return the allowed seeds of `people` (researcher rows, ascending), each of whom has one.

    `found` are seeds that a search brought up; of people with more than MOST_SEEDS they come on top.
    Raises ValueError when one of the people has no allowed seed.
    """
    persons, seeds, is_sample = _looked_at(people, snapshot, allowed, found)
    best = _best_passages(distinct(seeds), scorer, snapshot, allowed)
    at = np.searchsorted(best.seed_row, seeds)
    at[at == len(best.seed_row)] = 0
    kept = best.seed_row[at] == seeds if len(best.seed_row) else np.zeros(len(seeds), dtype=bool)
    at, persons, seeds, is_sample = at[kept], persons[kept], seeds[kept], is_sample[kept]
    # a person's seeds ascend: of equal scores the first stands first
    order = np.lexsort((-best.score[at], persons))
    at, persons = at[order], persons[order]
    counts = np.bincount(persons, minlength=len(people))
    if (counts == 0).any():
        raise ValueError("a researcher without any allowed seed cannot be described")
    values = {name: column[at] for name, column in vars(best).items()}
    return SeedsOfPeople(
        person=persons,
        place=places_in(persons),
        is_sample=is_sample[order],
        starts=np.cumsum(counts) - counts,
        counts=counts,
        **values,
    )


def _looked_at(
    people: IntArray, snapshot: Snapshot, allowed: Allowed | None, found: OwnedSeeds | None
) -> tuple[IntArray, IntArray, NDArray[np.bool_]]:
    """Return pairs of a place in `people` and a seed row, and which of them are of the even sample.

    Seeds that are not allowed may be among those of people who have no more than MOST_SEEDS.
    """
    persons, seeds = _spread(people, snapshot, allowed)
    sampled = np.ones(len(seeds), dtype=bool)
    if found is None:
        return persons, seeds, sampled
    many = np.flatnonzero(snapshot.n_seeds_of(people) > MOST_SEEDS)
    if not len(many):
        return persons, seeds, sampled
    rows = found.rows_of(people[many])
    more = np.searchsorted(people, found.researcher_row[rows])
    n_seeds = len(snapshot.seeds)
    sampled_pairs = persons * n_seeds + seeds
    pairs = distinct(np.r_[sampled_pairs, more * n_seeds + found.seed_row[rows]])
    persons, seeds = np.divmod(pairs, n_seeds)
    return persons, seeds, np.isin(pairs, sampled_pairs, assume_unique=True)


def _spread(
    people: IntArray, snapshot: Snapshot, allowed: Allowed | None
) -> tuple[IntArray, IntArray]:
    """Return pairs of a place in `people` and a seed row: of people with very many a sample, evenly spaced.

    Of what is allowed, so that what a viewer may not see doesn't decide which others are looked at.
    """
    has_many = snapshot.n_seeds_of(people) > MOST_SEEDS
    if allowed is None or allowed.seeds is None or not has_many.any():
        return snapshot.seeds_of(people, MOST_SEEDS)
    few, many = np.flatnonzero(~has_many), np.flatnonzero(has_many)
    persons, seeds = snapshot.seeds_of(people[many])
    kept = allowed.seeds.holds(seeds)
    persons, seeds = persons[kept], seeds[kept]
    counts = np.bincount(persons, minlength=len(many))
    rows, of = spread_evenly(np.cumsum(counts) - counts, counts, MOST_SEEDS)
    of_few, theirs = snapshot.seeds_of(people[few])
    return np.r_[few[of_few], many[of]], np.r_[theirs, seeds[rows]]


def _best_passages(
    seeds: IntArray,
    scorer: PassageScorer,
    snapshot: Snapshot,
    allowed: Allowed | None,
) -> _BestPassages:
    """Return the best values of each seed with an allowed passage."""
    rows = snapshot.passage_rows_of(seeds)
    if allowed is not None:
        rows = allowed.keeps(rows)
    return _by_seed(scorer.score(rows), scorer.query.language, snapshot)


def _by_seed(scored: ScoredPassages, language: str, snapshot: Snapshot) -> _BestPassages:
    languages = snapshot.language_of_passage
    owners = snapshot.seed_of_passage[scored.rows]  # ascending, as the rows are
    first = group_starts(owners)
    found = owners[first]
    own = languages.codes[scored.rows] == languages.code_of(language)
    score = scored.score.astype(np.float64)
    best = best_of_each(score, first) if len(first) else first
    return _BestPassages(
        seed_row=found,
        passage_row=scored.rows[best],
        score=score[best],
        similarity=_largest(scored.similarity, first),
        share=_largest(np.where(own, scored.share, 0.0), first),
        foreign_share=_largest(np.where(own, 0.0, scored.share), first),
        words=_largest(scored.words, first),
        lexical=_largest(scored.lexical, first),
    )


def _largest(values: NDArray[np.floating], first: IntArray) -> FloatArray:
    reached = np.maximum.reduceat(values, first) if len(first) else values
    return reached.astype(np.float64)
