"""Orders researchers for a need: the first stage over all of them, the re-ranker over its best.

The order of the stages between a centred need and a ranked list; what is shown of it, and why, is
made of the tables that this returns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.aggregation import (
    DECIMALS,
    OwnedSeeds,
    ScoredPeople,
    owned_seeds,
    places_in,
    rank_researchers,
    score_seeds,
)
from matcher.features.definitions import NAMES, OF_SCALE
from matcher.features.extraction import Described, extract_features
from matcher.features.people import gather_seeds
from matcher.features.records import PeopleRecords
from matcher.filtering import Allowed
from matcher.reranking.calibration import logit
from matcher.reranking.reranker import BASE, Reranker
from matcher.retrieval import PassageScorer, ScoredPassages, retrieve
from matcher.snapshot import Snapshot

RERANKED = 200  # researchers whom the first stage puts forward
OF_A_LANGUAGE = 100  # of them by language of evidence, however far down they are among all
# who are seen whole before it is decided who is put forward: by what was found of them a few stand too low
SEEN_WHOLE = 2.0
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Candidates:
    """What the first stage found, and the features of the best of them.

    `first` are all people found, `owned` their seeds: all allowed ones of those who were seen whole, of the
    others those that were found. `described` are the features of those put forward: the RERANKED best, and of
    each language of evidence the OF_A_LANGUAGE best.
    """

    scorer: PassageScorer
    first: ScoredPeople
    owned: OwnedSeeds
    described: Described


@dataclass(frozen=True, eq=False)
class RankedPeople:
    """The people of a list, the first of rank 1; arrays of equal length.

    Below the re-ranked there is no probability (NaN).
    """

    researcher_row: IntArray
    score: FloatArray
    probability: FloatArray

    def __len__(self) -> int:
        return len(self.researcher_row)


@dataclass(frozen=True, eq=False)
class Ranking:
    """The order of the researchers and what made it.

    `contributions` has what each of `contributing` adds to the score of each of those described.
    """

    people: RankedPeople
    contributions: FloatArray
    contributing: tuple[str, ...]
    candidates: Candidates
    fits_nobody: bool


def find_candidates(
    scorer: PassageScorer, snapshot: Snapshot, allowed: Allowed, records: PeopleRecords
) -> Candidates:
    """Run the first stage and describe its best by their features.

    The people of the passages found are ordered by these; the best are then seen whole and ordered anew.
    """
    found = owned_by_those_left(retrieve(scorer, snapshot, allowed), snapshot, allowed)
    rough = rank_researchers(found, scorer.query.vector, snapshot)
    chosen = are_best(evidence_languages(rough, found, snapshot), SEEN_WHOLE)
    seen = np.sort(rough.researcher_row[chosen])
    gathered = gather_seeds(seen, scorer, snapshot, allowed, found)
    whole = gathered.owned_by(seen)
    exact = rank_researchers(whole, scorer.query.vector, snapshot)
    others = found.take(~np.isin(found.researcher_row, seen))
    owned = whole.merged(others)
    first = ScoredPeople.of(
        np.r_[exact.researcher_row, rough.researcher_row[~chosen]],
        np.r_[exact.score, rough.score[~chosen]],
    )
    forward = put_forward(first, owned, snapshot) & np.isin(first.researcher_row, seen)
    order = np.argsort(first.researcher_row[forward])
    best = first.researcher_row[forward][order]
    described = extract_features(
        (best, first.score[forward][order]),
        gathered.of(np.isin(seen, best)),
        scorer,
        snapshot,
        records,
    )
    return Candidates(scorer, first, owned, described)


def owned_by_those_left(
    passages: ScoredPassages, snapshot: Snapshot, allowed: Allowed
) -> OwnedSeeds:
    """Return the seeds of passages by those of their people who are left."""
    seeds = score_seeds(passages, snapshot)
    of, people = snapshot.owners_of(seeds.seed_row)
    kept = allowed.lets(people)
    return owned_seeds(seeds, (of[kept], people[kept]))


def put_forward(first: ScoredPeople, owned: OwnedSeeds, snapshot: Snapshot) -> NDArray[np.bool_]:
    """Say of each row of the first stage's list whether it is re-ranked.

    The first stage compares languages only roughly; within one its order is good.
    """
    return are_best(evidence_languages(first, owned, snapshot), 1.0)


def evidence_languages(
    people: ScoredPeople, owned: OwnedSeeds, snapshot: Snapshot
) -> NDArray[np.integer]:
    """Return the language of each person's best passage, as codes of `snapshot.language_of_passage`."""
    best = owned.take(owned.place == 0)
    at = np.searchsorted(best.researcher_row, people.researcher_row)
    return np.asarray(snapshot.language_of_passage.codes[best.passage_row[at]])


def are_best(languages: NDArray[np.integer], times: float) -> NDArray[np.bool_]:
    """Say of each row of a list whether it is among so many times as many as are re-ranked.

    `languages` are those of the people's evidence, in the order of the list.
    """
    by_language = np.argsort(languages, kind="stable")
    place = np.empty(len(languages), dtype=np.int64)
    place[by_language] = places_in(languages[by_language].astype(np.int64))
    overall = np.arange(len(place))
    return np.asarray((overall < times * RERANKED) | (place < times * OF_A_LANGUAGE))


def rank_candidates(
    candidates: Candidates, reranker: Reranker, everyone: Candidates | None = None
) -> Ranking:
    """Return the re-ranked list; ties are broken by researcher id, whose order rows have.

    `everyone` are the candidates without filters, where there are filters: probabilities are calibrated
    among them, so that leaving others out makes no candidate more likely. Those behind the re-ranked
    keep the order of the first stage, and their distance to its last.
    """
    described, first = candidates.described, candidates.first
    contributing = (*reranker.features, BASE)
    if not len(described.people):
        unknown = np.full(len(first.score), np.nan)
        people = RankedPeople(first.researcher_row, first.score, unknown)
        nothing = np.zeros((0, len(contributing)))
        return Ranking(people, nothing, contributing, candidates, fits_nobody=True)
    added = reranker.parts(described.values)
    scores = added.sum(axis=1)
    # trees cannot score a table without rows
    others = everyone is not None and len(everyone.described.people)
    among = reranker.parts(everyone.described.values).sum(axis=1) if everyone and others else None
    probabilities = reranker.probability(scores, among)
    # the shown score is the probability's log-odds: it means the same for every need
    shown = np.round(logit(probabilities), DECIMALS)
    order = np.lexsort((described.people, -scores.round(DECIMALS)))
    rest = ~np.isin(first.researcher_row, described.people)
    last = float(first.score[min(RERANKED, len(described.people)) - 1])
    behind = np.round(shown.min() + first.score[rest] - last, DECIMALS)
    people = RankedPeople(
        np.r_[described.people[order], first.researcher_row[rest]],
        np.r_[shown[order], behind],
        np.r_[probabilities[order], np.full(len(behind), np.nan)],
    )
    values = described.values[order[0]].tolist()
    best = dict(zip(NAMES, values, strict=True))
    nobody = reranker.fits_nobody(best, float(probabilities[order[0]]))
    levelled = _levelled(added, contributing)
    return Ranking(people, levelled, contributing, candidates, fits_nobody=nobody)


def _levelled(contributions: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Return the contributions with what the scale gives to all candidates alike moved to the base.

    It is a reason only where it tells candidates apart; the sums stay.
    """
    scale = [place for place, name in enumerate(names) if name in OF_SCALE]
    if not scale:
        return contributions
    usual = np.median(contributions[:, scale], axis=0)
    levelled = contributions.copy()
    levelled[:, scale] -= usual
    levelled[:, names.index(BASE)] += usual.sum()
    return levelled
