"""From passages to researchers on a table that can be checked by hand."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.aggregation import (
    BREADTH_SEEDS,
    BREADTH_WEIGHT,
    DECIMALS,
    POOLED_SEEDS,
    PROFILE_WEIGHT,
    TEMPERATURE,
    owned_seeds,
    rank_researchers,
    score_seeds,
)
from matcher.snapshot import Snapshot

NEED = np.array([1, 0], dtype=np.float32)
AWAY, NEAR = (0, 1), (1, 0)


def snapshot_of(
    seed_of_passage: list[int],
    authorships: list[tuple[int, int]],
    profiles: list[tuple[int, int]],
) -> Snapshot:
    """A snapshot of rows alone: aggregation reads no text and no index."""
    nothing: Any = None
    n_seeds = 1 + max(seed for seed, _ in authorships)
    return Snapshot(
        version="v000001",
        manifest={},
        dense=nothing,
        lexical=nothing,
        sentence_vectors=nothing,
        profiles=np.array(profiles, dtype=np.float32),
        means={},
        passages=pd.DataFrame({"seed_row": seed_of_passage}),
        seeds=pd.DataFrame({"seed_id": [f"s{row}" for row in range(n_seeds)]}),
        researchers=pd.DataFrame({"researcher_id": [f"r{row}" for row in range(len(profiles))]}),
        authorships=pd.DataFrame(sorted(authorships), columns=["seed_row", "researcher_row"]),
    )


def candidates(scores: dict[int, float], lexical: dict[int, float] | None = None) -> pd.DataFrame:
    shares = [(lexical or {}).get(row, 0.0) for row in scores]
    return pd.DataFrame(
        {"passage_row": list(scores), "score": list(scores.values()), "lexical": shares}
    )


def test_a_seed_scores_as_its_best_passage() -> None:
    snapshot = snapshot_of([0, 0, 1], [(0, 0), (1, 0)], [AWAY])

    seeds = score_seeds(candidates({0: 0.2, 1: 0.5, 2: 0.3}), snapshot)

    assert seeds["seed_row"].tolist() == [0, 1]
    assert seeds["passage_row"].tolist() == [1, 2]
    assert seeds["score"].tolist() == [0.5, 0.3]


def test_of_equal_passages_the_first_carries_the_seed() -> None:
    snapshot = snapshot_of([0, 0], [(0, 0)], [AWAY])

    assert score_seeds(candidates({1: 0.5, 0: 0.5}), snapshot)["passage_row"].tolist() == [0]


def test_every_researcher_gets_their_seeds_best_first() -> None:
    snapshot = snapshot_of([0, 1, 2], [(0, 1), (1, 0), (1, 1), (2, 0)], [AWAY, AWAY])
    seeds = score_seeds(candidates({0: 0.1, 1: 0.9, 2: 0.4}), snapshot)

    owned = owned_seeds(seeds, snapshot)

    rows = owned[["researcher_row", "seed_row", "place"]].to_numpy().tolist()
    assert rows == [[0, 1, 0], [0, 2, 1], [1, 1, 0], [1, 0, 1]]
    assert owned["score"].tolist() == [0.9, 0.4, 0.9, 0.1]


def test_researchers_whom_the_filters_leave_out_own_nothing() -> None:
    snapshot = snapshot_of([0, 1], [(0, 0), (0, 1), (1, 1)], [AWAY, AWAY])
    seeds = score_seeds(candidates({0: 0.1, 1: 0.9}), snapshot)

    owned = owned_seeds(seeds, snapshot, np.array([False, True]))

    assert set(owned["researcher_row"]) == {1}


def ranked(
    snapshot: Snapshot, scores: dict[int, float], lexical: dict[int, float] | None = None
) -> dict[int, float]:
    seeds = score_seeds(candidates(scores, lexical), snapshot)
    ranking = rank_researchers(owned_seeds(seeds, snapshot), NEED, snapshot)
    assert ranking["rank"].tolist() == list(range(1, len(ranking) + 1))
    return dict(zip(ranking["researcher_row"], ranking["score"], strict=True))


def test_scores_follow_the_documented_rule() -> None:
    snapshot = snapshot_of([0, 1, 2], [(0, 0), (1, 1), (2, 1)], [NEAR, AWAY])

    scores = ranked(snapshot, {0: 0.5, 1: 0.6, 2: 0.6})

    # r0 has one seed and a profile that is the need; r1 two equal seeds, nothing else in common
    assert scores[0] == pytest.approx(0.5 + PROFILE_WEIGHT, abs=10**-DECIMALS)
    assert scores[1] == pytest.approx(0.6 + TEMPERATURE * math.log(2), abs=10**-DECIMALS)


def test_breadth_is_the_mean_of_the_largest_shares_and_missing_seeds_count_nothing() -> None:
    others = BREADTH_SEEDS + 1
    snapshot = snapshot_of(
        [*range(others + 1)], [(0, 0), *((seed, 1) for seed in range(1, others + 1))], [AWAY, AWAY]
    )
    flat = dict.fromkeys(range(others + 1), 0.5)

    plain = ranked(snapshot, flat)
    scores = ranked(snapshot, flat, {0: 0.3, **dict.fromkeys(range(1, others), 0.3), others: 0.1})

    assert scores[0] - plain[0] == pytest.approx(BREADTH_WEIGHT * 0.3 / BREADTH_SEEDS, abs=1e-5)
    assert scores[1] - plain[1] == pytest.approx(BREADTH_WEIGHT * 0.3, abs=1e-5)


def test_nobody_wins_by_the_number_of_seeds() -> None:
    many = [(seed, 0) for seed in range(50)]
    snapshot = snapshot_of([*range(50), 50], [*many, (50, 1)], [AWAY, AWAY])
    ceiling = TEMPERATURE * math.log(POOLED_SEEDS)

    scores = ranked(snapshot, {**dict.fromkeys(range(50), 0.5), 50: 0.5 + 1.01 * ceiling})

    assert list(scores) == [1, 0]
    assert scores[0] == pytest.approx(0.5 + ceiling, abs=10**-DECIMALS)


def test_ties_are_broken_by_the_researchers_id() -> None:
    snapshot = snapshot_of([0, 1, 2], [(0, 2), (1, 1), (2, 0)], [AWAY, AWAY, AWAY])

    assert list(ranked(snapshot, {0: 0.5, 1: 0.5 + 1e-9, 2: 0.5})) == [0, 1, 2]


def test_no_candidates_rank_nobody() -> None:
    snapshot = snapshot_of([0], [(0, 0)], [AWAY])

    assert ranked(snapshot, {}) == {}
