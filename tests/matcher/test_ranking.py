"""The order of a list: the re-ranked first, the others behind them as the first stage had them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexes.selection import Selection
from matcher import ranking
from matcher.aggregation import ScoredPeople
from matcher.features.definitions import FEATURES, NAMES
from matcher.features.extraction import Described
from matcher.features.records import PeopleRecords
from matcher.filtering import Allowed
from matcher.ranking import Candidates, Ranking, find_candidates, rank_candidates
from matcher.reranking.reranker import BASE, Reranker, load_reranker, reranker_of
from matcher.retrieval import PassageScorer
from tests.support.feature_snapshots import Made, need, seed, snapshot_of

nothing: Any = None


def by(feature: str, weight: float = 1.0) -> Reranker:
    """Return a re-ranker that looks at one feature alone."""
    shipped = load_reranker().document
    one = {"kind": "linear", "features": [feature], "weights": [weight], "intercept": 0.0}
    never = {"abstain_feature": "coverage", "abstain_below": 0.2}
    calibration = {**shipped["calibration"], **never, "own": 1.0, "share": 0.5}
    return reranker_of(
        {**shipped, **one, "means": [0.0], "scales": [1.0], "calibration": calibration}
    )


def candidates(first: Sequence[tuple[int, float]], coverage: dict[int, float]) -> Candidates:
    """Return a first stage's rows and scores, the best first, and the coverage of the re-ranked."""
    rows = np.array(sorted(coverage), dtype=np.int64)
    values = np.tile([float(feature.missing) for feature in FEATURES], (len(rows), 1))
    described = Described(rows, values, np.zeros((2, len(rows))))
    described.column("coverage")[:] = [coverage[row] for row in rows.tolist()]
    people = np.array([row for row, _ in first], dtype=np.int64)
    scores = np.array([score for _, score in first], dtype=np.float64)
    return Candidates(nothing, ScoredPeople(people, scores), nothing, described)


def order_of(ranked: Ranking) -> list[int]:
    return ranked.people.researcher_row.tolist()


def probabilities_of(ranked: Ranking) -> dict[int, float]:
    people = ranked.people
    return dict(zip(people.researcher_row.tolist(), people.probability.tolist(), strict=True))


def falls(values: NDArray[np.float64]) -> bool:
    return bool((np.diff(values) <= 0).all())


def test_the_re_ranked_come_first_and_the_rest_follow_in_their_order() -> None:
    first = [(4, 3.0), (2, 2.5), (7, 2.4), (0, 2.0), (9, 2.0), (5, -1.0)]

    ranked = rank_candidates(candidates(first, {4: 0.1, 2: 0.9, 7: 0.5}), by("coverage", 3.0))

    people = ranked.people
    assert order_of(ranked) == [2, 7, 4, 0, 9, 5]
    assert falls(people.probability[:3])
    assert np.isnan(people.probability[3:]).all()
    assert falls(people.score)
    # their distance to the last re-ranked is the first stage's
    assert (people.score[3:] - people.score[2]).tolist() == pytest.approx([-0.4, -0.4, -3.4])


def test_a_list_that_is_re_ranked_as_a_whole_has_nobody_behind() -> None:
    ranked = rank_candidates(candidates([(1, 2.0), (0, 1.0)], {0: 0.9, 1: 0.1}), by("coverage"))

    assert order_of(ranked) == [0, 1]
    assert np.isfinite(ranked.people.probability).all()


def test_equal_scores_are_ordered_by_id() -> None:
    first = [(8, 3.0), (3, 2.0), (5, 1.0), (1, 0.5)]
    same = dict.fromkeys((8, 3, 5, 1), 0.5) | {5: 0.5 + 1e-9}

    ranked = rank_candidates(candidates(first, same), by("coverage"))

    assert order_of(ranked) == [1, 3, 5, 8]  # differences in the ninth place are none


def test_contributions_sum_to_what_orders_the_list() -> None:
    coverage = {0: 0.3, 1: 0.8, 2: 0.5}

    ranked = rank_candidates(candidates([(0, 3), (1, 2), (2, 1)], coverage), by("coverage", 2.0))

    assert ranked.contributing == ("coverage", BASE)
    assert ranked.contributions.sum(axis=1).tolist() == pytest.approx([0.6, 1.6, 1.0])


@pytest.mark.parametrize(("best", "nobody"), [(0.19, True), (0.2, False)])
def test_the_best_alone_says_whether_the_list_fits_nobody(best: float, nobody: bool) -> None:
    # the best by first_stage is row 0; that another is covered better does not help
    found = candidates([(0, -3.0), (1, -5.0)], {0: best, 1: 0.9})
    found.described.column("first_stage")[:] = [-3.0, -5.0]

    assert rank_candidates(found, by("first_stage")).fits_nobody is nobody


@pytest.mark.parametrize(("below", "nobody"), [(0.5, True), (0.1, False)])
def test_a_probability_may_say_whether_the_list_fits_nobody(below: float, nobody: bool) -> None:
    document = by("coverage").document
    calibration = {**document["calibration"], "own": 1.0, "share": 0.0, "intercept": -1.0}
    calibration |= {"strong": 0.9, "good": 0.8, "abstain_feature": "probability"}
    reranker = reranker_of({**document, "calibration": {**calibration, "abstain_below": below}})

    found = rank_candidates(candidates([(0, 3.0), (1, 2.0)], {0: 0.2, 1: 0.1}), reranker)

    assert found.people.probability[0] == pytest.approx(1 / (1 + np.exp(0.8)))
    assert found.fits_nobody is nobody


def test_nobody_found_is_a_list_without_rows_that_fits_nobody() -> None:
    ranked = rank_candidates(candidates([], {}), by("coverage"))

    assert (len(ranked.people), len(ranked.contributions)) == (0, 0)
    assert ranked.fits_nobody is True


def made(count: int) -> list[Made]:
    return [seed(row, cosine=0.9 - 0.1 * row) for row in range(count)]


def find(seeds: list[Made], n_people: int, allowed: Allowed) -> Candidates:
    records = PeopleRecords(np.zeros((n_people, 2)), np.zeros(n_people))
    snapshot = snapshot_of(seeds, n_people)
    return find_candidates(PassageScorer(need(), snapshot), snapshot, allowed, records)


def test_only_the_best_of_the_first_stage_are_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "RERANKED", 3)
    monkeypatch.setattr(ranking, "OF_A_LANGUAGE", 2)

    found = find(made(6), 6, Allowed(np.ones(6, dtype=bool), None))

    assert found.first.researcher_row.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.described.people.tolist() == [0, 1, 2]
    assert found.described.column("first_stage") == pytest.approx(found.first.score[:3])
    assert order_of(rank_candidates(found, by("seeds_log", -1.0)))[3:] == [3, 4, 5]


def test_the_best_of_each_language_are_described_however_far_down_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ranking, "RERANKED", 2)
    monkeypatch.setattr(ranking, "OF_A_LANGUAGE", 1)
    seeds = [*made(4), seed(4, cosine=-0.5, lang="ja"), seed(5, cosine=-0.6, lang="ja")]

    found = find(seeds, 6, Allowed(np.ones(6, dtype=bool), None))
    people = rank_candidates(found, by("seeds_log", -1.0)).people

    assert found.first.researcher_row.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.described.people.tolist() == [0, 1, 4]
    assert people.researcher_row.tolist() == [0, 1, 4, 2, 3, 5]
    assert falls(people.score)


def test_what_a_language_gives_to_all_alike_is_no_reason() -> None:
    found = candidates([(0, 3.0), (1, 2.0), (2, 1.0)], {0: 0.3, 1: 0.8, 2: 0.5})
    found.described.column("ja_to_en")[:] = [1.0, 1.0, 0.0]

    ranked = rank_candidates(found, by("ja_to_en", 2.0))

    assert ranked.contributions[:, 0].tolist() == [0, 0, -2]
    assert ranked.contributions.sum(axis=1).tolist() == [2, 2, 0]


def test_whom_a_filter_left_out_is_neither_listed_nor_described() -> None:
    allowed = Allowed(np.array([False, True, False, True]), Selection.of_rows(np.array([1, 3]), 4))

    found = find(made(4), 4, allowed)

    assert found.first.researcher_row.tolist() == found.described.people.tolist() == [1, 3]


def test_a_filter_changes_nobodys_probability() -> None:
    coverage = {0: 0.3, 1: 0.8, 2: 0.5}
    everyone = candidates([(0, 3.0), (1, 2.0), (2, 1.0)], coverage)
    some = candidates([(0, 3.0), (2, 1.0)], {0: 0.3, 2: 0.5})
    nobody = candidates([], {})

    whole = probabilities_of(rank_candidates(everyone, by("coverage")))
    left = probabilities_of(rank_candidates(some, by("coverage"), everyone))
    alone = rank_candidates(some, by("coverage"), nobody)

    assert left == {row: probability for row, probability in whole.items() if row != 1}
    assert order_of(alone) == [2, 0]  # nobody without the filter: those left are all there are


def test_a_filter_that_leaves_nobody_gives_an_empty_list() -> None:
    allowed = Allowed(np.zeros(4, dtype=bool), Selection.of(np.zeros(4, dtype=bool)))

    found = find(made(4), 4, allowed)

    assert found.described.values.shape == (0, len(NAMES))
    assert len(rank_candidates(found, load_reranker()).people) == 0
