"""Orders researchers for a need: the first stage over all of them, the re-ranker over its best.

The order of the stages between a centred need and a ranked list; what is shown of it, and why, is
made of the tables that this returns.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.aggregation import DECIMALS, owned_seeds, rank_researchers, score_seeds
from matcher.features.definitions import OF_SCALE
from matcher.features.extraction import extract_features
from matcher.features.records import PeopleRecords
from matcher.filtering import Allowed
from matcher.reranking.calibration import logit
from matcher.reranking.reranker import BASE, Reranker
from matcher.retrieval import NeedQuery, PassageScorer, retrieve
from matcher.snapshot import Snapshot

RERANKED = 200  # researchers whom the first stage puts forward
OF_A_LANGUAGE = 100  # of them by language of evidence, however far down they are among all


@dataclass(frozen=True)
class Candidates:
    """What the first stage found, and the features of the best of them.

    `first` has researcher_row, rank and score, `owned` the seeds of each researcher (see
    `aggregation.owned_seeds`), `features` one row for each of those put forward (index: researcher
    row, ascending): the RERANKED best, and of each language of evidence the OF_A_LANGUAGE best.
    """

    scorer: PassageScorer
    first: pd.DataFrame
    owned: pd.DataFrame
    features: pd.DataFrame


@dataclass(frozen=True)
class Ranking:
    """The order of the researchers and what made it.

    `people` has researcher_row, rank, score and probability, the best first; below the re-ranked
    there is no probability (NaN). `contributions` has a row for each re-ranked researcher, ascending.
    """

    people: pd.DataFrame
    contributions: pd.DataFrame
    candidates: Candidates
    fits_nobody: bool


def find_candidates(
    query: NeedQuery, snapshot: Snapshot, allowed: Allowed, records: PeopleRecords
) -> Candidates:
    """Run the first stage and describe its best by their features."""
    scorer = PassageScorer(query, snapshot)
    first, owned = first_stage(scorer, snapshot, allowed)
    best = first[put_forward(first, owned, snapshot)]
    features = extract_features(best, scorer, snapshot, records, allowed.passages)
    return Candidates(scorer, first, owned, features)


def put_forward(first: pd.DataFrame, owned: pd.DataFrame, snapshot: Snapshot) -> NDArray[np.bool_]:
    """Say of each row of the first stage's list whether it is re-ranked.

    The first stage compares languages only roughly; within one its order is good.
    """
    best = owned[owned["place"] == 0]
    languages = pd.Series(
        snapshot.language_of_passage[best["passage_row"].to_numpy(np.int64)],
        index=best["researcher_row"].to_numpy(np.int64),
    ).reindex(first["researcher_row"])
    place = first.groupby(languages.to_numpy()).cumcount().to_numpy()
    return np.asarray((np.arange(len(first)) < RERANKED) | (place < OF_A_LANGUAGE))


def first_stage(
    scorer: PassageScorer, snapshot: Snapshot, allowed: Allowed
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables `first` and `owned` of `Candidates`."""
    found = retrieve(scorer, snapshot, allowed.passages, narrowed=allowed.is_narrowed)
    seeds = score_seeds(found, snapshot)
    owned = owned_seeds(seeds, snapshot, allowed.researchers)
    return rank_researchers(owned, scorer.query.vector, snapshot), owned


def rank_candidates(
    candidates: Candidates, reranker: Reranker, everyone: Candidates | None = None
) -> Ranking:
    """Return the re-ranked list; ties are broken by researcher id, whose order rows have.

    `everyone` are the candidates without filters, where there are filters: probabilities are calibrated
    among them, so that leaving others out makes no candidate more likely. Those behind the re-ranked
    keep the order of the first stage, and their distance to its last.
    """
    features, first = candidates.features, candidates.first
    if features.empty:
        people = first.assign(probability=np.nan)
        return Ranking(people, pd.DataFrame(), candidates, fits_nobody=True)
    added = reranker.contributions(features)
    scores = added.to_numpy(np.float64).sum(axis=1)
    # trees cannot score a table without rows
    others = everyone is not None and not everyone.features.empty
    among = reranker.score(everyone.features) if everyone and others else None
    probabilities = reranker.probability(scores, among)
    # the shown score is the probability's log-odds: it means the same for every need
    shown = np.round(logit(probabilities), DECIMALS)
    order = np.lexsort((features.index.to_numpy(), -scores.round(DECIMALS)))
    rest = first[~first["researcher_row"].isin(features.index)]
    last = float(first["score"].iloc[min(RERANKED, len(features)) - 1])
    behind = rest["score"].to_numpy(np.float64) - last
    people = pd.DataFrame(
        {
            "researcher_row": np.r_[features.index.to_numpy()[order], rest["researcher_row"]],
            "rank": np.arange(1, len(first) + 1),
            "score": np.r_[shown[order], np.round(shown.min() + behind, DECIMALS)],
            "probability": np.r_[probabilities[order], np.full(len(rest), np.nan)],
        }
    )
    values = features.iloc[int(order[0])]
    best = dict(zip(features.columns, values.to_numpy(np.float64).tolist(), strict=True))
    nobody = reranker.fits_nobody(best, float(probabilities[order[0]]))
    return Ranking(people, _levelled(added), candidates, fits_nobody=nobody)


def _levelled(contributions: pd.DataFrame) -> pd.DataFrame:
    """Return the contributions with what the scale gives to all candidates alike moved to the base.

    It is a reason only where it tells candidates apart; the sums stay.
    """
    scale = [name for name in OF_SCALE if name in contributions]
    if not scale:
        return contributions
    usual = contributions[scale].median()
    levelled = contributions.copy()
    levelled[scale] -= usual
    levelled[BASE] += usual.sum()
    return levelled
