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

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.snapshot import Snapshot

TEMPERATURE = 0.12  # in units of the fused score: seeds that differ by less weigh nearly the same
POOLED_SEEDS = 5
PROFILE_WEIGHT = 0.4
BREADTH_SEEDS = 3
BREADTH_WEIGHT = 3.0
DECIMALS = 6  # scores are rounded, so that ranks do not hang on the last bit of a sum


def score_seeds(candidates: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """Return seed_row, passage_row (its best passage), score and lexical, ascending by seed_row.

    `lexical` is the largest share of the seed's passages.
    """
    rows = candidates["passage_row"].to_numpy(np.int64)
    scores = candidates["score"].to_numpy(np.float64)
    seeds = snapshot.seed_of_passage[rows]
    order = np.lexsort((rows, -scores, seeds))
    first = np.unique(seeds[order], return_index=True)[1]
    best = order[first]
    lexical = candidates["lexical"].to_numpy(np.float64)[order]
    shares = np.maximum.reduceat(lexical, first) if len(first) else lexical
    return pd.DataFrame(
        {
            "seed_row": seeds[best],
            "passage_row": rows[best],
            "score": scores[best],
            "lexical": shares,
        }
    )


def rank_researchers(
    owned: pd.DataFrame, vector: NDArray[np.float32], snapshot: Snapshot
) -> pd.DataFrame:
    """Return researcher_row, rank and score, the best first; ties are broken by researcher id.

    `owned` is the table of `owned_seeds`, `vector` the need's; rows stand in the order of the ids.
    """
    pooled = owned[owned["place"] < POOLED_SEEDS]
    rows, person = np.unique(pooled["researcher_row"].to_numpy(np.int64), return_inverse=True)
    # log-sum-exp pooling. No maximum is subtracted first: scores are about 1 + 12 at most, and
    # exp(13 / 0.12) is far from the largest float
    powers = np.exp(pooled["score"].to_numpy(np.float64) / TEMPERATURE)
    seeds = TEMPERATURE * np.log(np.bincount(person, weights=powers, minlength=len(rows)))
    nearness = snapshot.profiles[rows] @ vector
    breadth = _breadth(owned)
    totals = seeds + PROFILE_WEIGHT * nearness + BREADTH_WEIGHT * breadth
    totals = np.round(totals, DECIMALS)
    order = np.lexsort((rows, -totals))
    return pd.DataFrame(
        {
            "researcher_row": rows[order],
            "rank": np.arange(1, len(rows) + 1),
            "score": totals[order],
        }
    )


def _breadth(owned: pd.DataFrame) -> NDArray[np.float64]:
    """Return the mean of each person's three largest shares, ascending by researcher row."""
    people = owned["researcher_row"].to_numpy(np.int64)
    shares = owned["lexical"].to_numpy(np.float64)
    order = np.lexsort((-shares, people))
    _, starts, person = np.unique(people[order], return_index=True, return_inverse=True)
    largest = np.arange(len(order)) - starts[person] < BREADTH_SEEDS
    sums = np.bincount(person[largest], weights=shares[order][largest], minlength=len(starts))
    return sums / BREADTH_SEEDS


def owned_seeds(
    seed_scores: pd.DataFrame, snapshot: Snapshot, allowed: NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """Return researcher_row, seed_row, passage_row, score, lexical and place (0 = the best).

    `allowed` says for each researcher row whether it may appear; None allows all.
    """
    seed_rows, researcher_rows = snapshot.authorship_rows
    position = np.full(len(snapshot.seeds), -1, dtype=np.int64)
    position[seed_scores["seed_row"].to_numpy(np.int64)] = np.arange(len(seed_scores))
    kept = position[seed_rows] >= 0
    if allowed is not None:
        kept &= allowed[researcher_rows]
    found, owners = position[seed_rows[kept]], researcher_rows[kept]
    scores = seed_scores["score"].to_numpy(np.float64)[found]
    order = np.lexsort((found, -scores, owners))
    owners, found = owners[order], found[order]
    starts = np.r_[0, np.flatnonzero(np.diff(owners)) + 1] if len(owners) else np.zeros(0, int)
    lengths = np.diff(np.r_[starts, len(owners)])
    return pd.DataFrame(
        {
            "researcher_row": owners,
            "seed_row": seed_scores["seed_row"].to_numpy(np.int64)[found],
            "passage_row": seed_scores["passage_row"].to_numpy(np.int64)[found],
            "score": scores[order],
            "lexical": seed_scores["lexical"].to_numpy(np.float64)[found],
            "place": np.arange(len(owners)) - np.repeat(starts, lengths),
        }
    )
