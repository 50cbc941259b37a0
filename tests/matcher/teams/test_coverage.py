"""Which wishes a team should meet, how likely somebody meets one, and who becomes a candidate."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.encoder.encoder import Encoder
from matcher.explaining.need_parts import NeedParts
from matcher.indexing import build_index
from matcher.need_roles.classifier import BACKGROUND, CONSTRAINT, PROBLEM, WISH
from matcher.recommender import Recommender
from matcher.records import Need, NeedPart
from matcher.tables import Corpus
from matcher.teams.coverage import (
    SPREAD,
    TeamWish,
    WishCoverage,
    newest_joint,
    public_work,
    wish_chances,
    wishes_of,
)
from matcher.version_files import read_snapshot

FILM = "We look for a thin film that keeps oxygen out of fresh food."
CLEANING = "It must survive cleaning with hot steam every evening."
NEED = Need(f"{FILM} {CLEANING}", "n-film")
OXYGEN = "A thin film of cellulose keeps oxygen out of fresh food for weeks."
STEAM = "The coating survives cleaning with hot steam every evening in a dairy."
SHARED = "Thin film and steam were studied together by two laboratories in a shared pilot plant."
FILLER = [f"Report {n} tells of walls, floors and bridges in a distant town." for n in range(24)]


def needed_of(*roles: str) -> NeedParts:
    parts = tuple(NeedPart(f"part {n}", n, n + 1) for n in range(len(roles)))
    return NeedParts(parts, np.eye(len(roles), dtype=np.float32), roles)


def test_wishes_weigh_most_and_background_counts_only_where_nothing_else_is_said() -> None:
    places, wishes = wishes_of(needed_of(WISH, BACKGROUND, PROBLEM, CONSTRAINT))
    told = [(w.role, round(w.importance, 3)) for w in wishes]

    assert places == [0, 2, 3]
    assert told == [(WISH, 0.435), (PROBLEM, 0.348), (CONSTRAINT, 0.217)]
    assert wishes_of(needed_of(BACKGROUND, BACKGROUND, WISH))[0] == [0, 1, 2]


def test_a_long_need_has_twelve_wishes_at_most_and_loses_the_lightest() -> None:
    places, wishes = wishes_of(needed_of(CONSTRAINT, *[WISH] * 9, *[PROBLEM] * 4))

    assert (len(places), 0 in places) == (12, False)
    assert sum(w.importance for w in wishes) == pytest.approx(1)


def test_somebody_equally_near_to_all_wishes_meets_each_as_likely_as_the_need() -> None:
    near = np.array([[0.6, 0.5], [0.4, 0.3], [0.6, 0.3], [0.4, 0.5]])
    chances = wish_chances(np.array([0.7, 0.2, 0.3, 0.3]), near, np.array([0.5, 0.5]))

    assert chances[:2] == pytest.approx(np.array([[0.7, 0.7], [0.2, 0.2]]))
    odds = np.log(chances / (1 - chances))
    assert odds[2, 0] - odds[2, 1] == pytest.approx(2 * SPREAD)
    assert odds[2].mean() == pytest.approx(np.log(0.3 / 0.7))
    assert chances[3] == pytest.approx(chances[2][::-1])


def test_a_candidate_without_any_near_sentence_is_as_far_as_the_farthest() -> None:
    near = np.array([[0.6, 0.5], [0.2, 0.1], [np.nan, np.nan]])
    chances = wish_chances(np.array([0.5, 0.5, 0.5]), near, np.array([0.5, 0.5]))

    assert chances[2] == pytest.approx(chances[1])


def test_candidates_are_taken_by_turns_for_the_need_and_each_wish() -> None:
    chances = np.array([[0.6, 0.6], [0.5, 0.6], [0.0, 0.7], [0.7, 0.0], [0.05, 0.09]])
    part = NeedPart("part", 0, 4)
    coverage = WishCoverage(
        rows=np.arange(10, 15),
        probabilities=chances.mean(axis=1),
        wishes=tuple(TeamWish(part, WISH, 0.5) for _ in range(2)),
        chances=chances,
        main=0,
    )

    assert coverage.chosen(3).tolist() == [0, 2, 3]
    assert coverage.chosen(9).tolist() == [0, 1, 2, 3]
    assert coverage.chosen(3, also=[14]).tolist() == [0, 2, 3, 4]


@pytest.fixture
def indexed(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> tuple[Recommender, Any]:
    seeds = [
        {"seed_id": "a", "text": OXYGEN, "people": ["film"], "year": 2024},
        {"seed_id": "b", "text": STEAM, "people": ["steam"], "year": 2024},
        {"seed_id": "c", "text": SHARED, "people": ["film", "steam"], "year": 2020},
        {"seed_id": "d", "text": SHARED, "people": ["film", "steam"], "visibility": "internal"},
        *({"seed_id": f"x{n}", "text": t, "people": [f"x{n:02}"]} for n, t in enumerate(FILLER)),
    ]
    version = build_index(corpus_of(seeds), [], word_encoder, None, tmp_path / "i", keep=1)
    return Recommender.from_parts(version, word_encoder), read_snapshot(version)


def test_a_pool_has_the_parts_the_sentences_and_the_joint_work(indexed: Any) -> None:
    recommender, _ = indexed
    pool = recommender.team_pool(NEED, besides=["film", "steam", "nobody"])
    film, steam = (pool.ids.index(one) for one in ("film", "steam"))

    assert [wish.part.text for wish in pool.wishes] == [FILM, CLEANING]
    assert pool.told_by(film, 0).sentence == OXYGEN
    assert pool.told_by(steam, 1).sentence == STEAM
    assert pool.chances[film, 0] > pool.chances[film, 1]
    assert pool.chances[steam, 1] > pool.chances[steam, 0]
    joint = pool.joint[min(film, steam), max(film, steam)]
    assert (joint.seed_id, joint.year) == ("c", 2020)


def test_what_a_list_says_of_somebody_is_what_their_place_in_a_pool_says(indexed: Any) -> None:
    recommender, _ = indexed
    listed = {m.researcher.researcher_id: m for m in recommender.match(NEED, top=99).matches}
    pool = recommender.team_pool(NEED, besides=["film", "steam", "x03"])

    assert {"film", "steam", "x03"} <= set(pool.ids)
    assert all(match == listed[match.researcher.researcher_id] for match in pool.candidates)


def test_a_sentence_that_says_nothing_of_a_wish_halves_the_chance(indexed: Any) -> None:
    recommender, _ = indexed
    pool = recommender.team_pool(NEED, besides=["film", "steam", "x03"])
    place = pool.ids.index("x03")
    problem = pool.problem({"x03": 0.25})

    assert problem.chances[place] == pytest.approx(0.5 * pool.chances[place])
    assert problem.costs[place] == pytest.approx(1.75 * problem.weights.member)


def test_joint_work_is_public_work_alone(indexed: Any) -> None:
    _, snapshot = indexed
    rows = np.array(
        [snapshot.researchers.texts("researcher_id").row_of(n) for n in ("film", "steam")]
    )

    joint = newest_joint(rows, [public_work(rows, snapshot)])

    assert {pair: seed_id for pair, (seed_id, *_) in joint.items()} == {(0, 1): "c"}
    # of each alone, as two shards have it
    apart = [public_work(rows[at : at + 1], snapshot) for at in (0, 1)]
    assert str(newest_joint(rows, apart)) == str(joint)
