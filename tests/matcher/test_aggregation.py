"""From passages to researchers on a table that can be checked by hand."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.aggregation import (
    BREADTH_SEEDS,
    BREADTH_WEIGHT,
    DECIMALS,
    POOLED_SEEDS,
    PROFILE_WEIGHT,
    TEMPERATURE,
    OwnedSeeds,
    ScoredSeeds,
    best_of_each,
    largest_of_each,
    owned_seeds,
    rank_researchers,
    score_seeds,
)
from matcher.retrieval import ScoredPassages
from matcher.snapshot import Snapshot
from matcher.tables import (
    AUTHORSHIP_KINDS,
    PASSAGE_KINDS,
    RESEARCHER_KINDS,
    STORED_SEED_KINDS,
    table_of,
)

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
        passages=table_of(PASSAGE_KINDS, {"seed_row": seed_of_passage}),
        sentences=nothing,
        seeds=table_of(STORED_SEED_KINDS, {"seed_id": [f"s{row}" for row in range(n_seeds)]}),
        researchers=table_of(
            RESEARCHER_KINDS, {"researcher_id": [f"r{row}" for row in range(len(profiles))]}
        ),
        authorships=table_of(
            AUTHORSHIP_KINDS,
            {
                "seed_row": [seed for seed, _ in sorted(authorships)],
                "researcher_row": [person for _, person in sorted(authorships)],
            },
        ),
    )


def candidates(scores: dict[int, float], lexical: dict[int, float] | None = None) -> ScoredPassages:
    rows = np.array(sorted(scores), dtype=np.int64)
    score = np.array([scores[row] for row in rows.tolist()])
    shares = np.array([(lexical or {}).get(row, 0.0) for row in rows.tolist()])
    return ScoredPassages(rows, score, shares, shares, shares, score)


def owned_of(seeds: ScoredSeeds, snapshot: Snapshot) -> OwnedSeeds:
    return owned_seeds(seeds, snapshot.owners_of(seeds.seed_row))


def test_a_seed_scores_as_its_best_passage() -> None:
    snapshot = snapshot_of([0, 0, 1], [(0, 0), (1, 0)], [AWAY])

    seeds = score_seeds(candidates({0: 0.2, 1: 0.5, 2: 0.3}), snapshot)

    assert seeds.seed_row.tolist() == [0, 1]
    assert seeds.passage_row.tolist() == [1, 2]
    assert seeds.score.tolist() == [0.5, 0.3]


def test_of_equal_passages_the_first_carries_the_seed() -> None:
    snapshot = snapshot_of([0, 0], [(0, 0)], [AWAY])

    assert score_seeds(candidates({1: 0.5, 0: 0.5}), snapshot).passage_row.tolist() == [0]


def test_every_researcher_gets_their_seeds_best_first() -> None:
    snapshot = snapshot_of([0, 1, 2], [(0, 1), (1, 0), (1, 1), (2, 0)], [AWAY, AWAY])
    seeds = score_seeds(candidates({0: 0.1, 1: 0.9, 2: 0.4}), snapshot)

    owned = owned_of(seeds, snapshot)

    rows = np.stack([owned.researcher_row, owned.seed_row, owned.place], axis=1).tolist()
    assert rows == [[0, 1, 0], [0, 2, 1], [1, 1, 0], [1, 0, 1]]
    assert owned.score.tolist() == [0.9, 0.4, 0.9, 0.1]
    assert owned.seed_row[owned.of(1)].tolist() == [1, 0]
    assert owned.rows_of(np.array([1])).tolist() == [2, 3]


def test_seeds_of_different_people_are_put_together_by_person() -> None:
    snapshot = snapshot_of([0, 1, 2], [(0, 1), (1, 0), (1, 1), (2, 0)], [AWAY, AWAY])
    owned = owned_of(score_seeds(candidates({0: 0.1, 1: 0.9, 2: 0.4}), snapshot), snapshot)
    first, second = (owned.take(owned.researcher_row == person) for person in (0, 1))

    for name, values in vars(second.merged(first)).items():
        assert values.tolist() == getattr(owned, name).tolist()


VALUES = st.floats(-1, 1, width=32)


@given(st.lists(st.lists(VALUES, min_size=1, max_size=6), min_size=1, max_size=5))
def test_the_largest_of_each_group_are_those_that_sorting_gives(groups: list[list[float]]) -> None:
    values = np.array([value for group in groups for value in group])
    starts = np.cumsum([0, *map(len, groups[:-1])])

    found = largest_of_each(values, starts, 3, missing=-9.0)

    assert found.tolist() == [
        [*sorted(g, reverse=True)[:3], *[-9.0] * (3 - len(g))] for g in groups
    ]
    best = best_of_each(values, starts) - starts
    assert best.tolist() == [group.index(max(group)) for group in groups]


def ranked(
    snapshot: Snapshot, scores: dict[int, float], lexical: dict[int, float] | None = None
) -> dict[int, float]:
    seeds = score_seeds(candidates(scores, lexical), snapshot)
    ranking = rank_researchers(owned_of(seeds, snapshot), NEED, snapshot)
    assert ranking.score.tolist() == sorted(ranking.score.tolist(), reverse=True)
    return dict(zip(ranking.researcher_row.tolist(), ranking.score.tolist(), strict=True))


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
