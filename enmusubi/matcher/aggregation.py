"""From passages to seeds to researchers: the best seeds, softly, and the whole profile.

    score(seed)       = max over its passages
    score(researcher) = T ln(sum over the best 5 seeds of exp(s / T)) + 0.3 cos(need, profile)

The first term (log-sum-exp, T = 0.08) is the best seed's score, raised by at most T ln 5 where four
more seeds are as good; nobody wins by volume. The second is how near the person's work as a whole
is: the unit mean of all their seeds' vectors, so that one lucky seed of an outsider doesn't win.
docs/quality.md compares the rule with others.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.matcher.snapshot import Snapshot

TEMPERATURE = 0.08
COUNTED_SEEDS = 5
PROFILE_WEIGHT = 0.3
DECIMALS = 6  # scores are rounded, so that ranks do not hang on the last bit of a sum


def score_seeds(candidates: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """Return seed_row, passage_row (its best passage) and score, ascending by seed_row."""
    rows = candidates["passage_row"].to_numpy(np.int64)
    scores = candidates["score"].to_numpy(np.float64)
    seeds = snapshot.seed_of_passage[rows]
    order = np.lexsort((rows, -scores, seeds))
    first = np.unique(seeds[order], return_index=True)[1]
    best = order[first]
    return pd.DataFrame({"seed_row": seeds[best], "passage_row": rows[best], "score": scores[best]})


def rank_researchers(
    owned: pd.DataFrame, vector: NDArray[np.float32], snapshot: Snapshot
) -> pd.DataFrame:
    """Return researcher_row, rank and score, the best first; ties are broken by researcher id.

    `owned` is the table of `owned_seeds`, `vector` the need's; rows stand in the order of the ids.
    """
    counted = owned[owned["place"] < COUNTED_SEEDS]
    rows, person = np.unique(counted["researcher_row"].to_numpy(np.int64), return_inverse=True)
    powers = np.exp(counted["score"].to_numpy(np.float64) / TEMPERATURE)
    seeds = TEMPERATURE * np.log(np.bincount(person, weights=powers, minlength=len(rows)))
    nearness = snapshot.profiles[rows] @ vector
    totals = np.round(seeds + PROFILE_WEIGHT * nearness, DECIMALS)
    order = np.lexsort((rows, -totals))
    return pd.DataFrame(
        {
            "researcher_row": rows[order],
            "rank": np.arange(1, len(rows) + 1),
            "score": totals[order],
        }
    )


def owned_seeds(
    seed_scores: pd.DataFrame, snapshot: Snapshot, allowed: NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """Return researcher_row, seed_row, passage_row, score and place (0 = the person's best seed).

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
            "place": np.arange(len(owners)) - np.repeat(starts, lengths),
        }
    )
