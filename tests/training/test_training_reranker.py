"""Training a re-ranker: nothing is measured on what it was fitted on, and the result serves."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matcher.features.definitions import NAMES
from matcher.reranking.reranker import load_reranker, reranker_of
from tests.support.feature_tables import made_table, small_table
from training import boosting
from training import reranker as training_reranker
from training.calibration import SHOWN, Curve, Scored, calibration_error, fit_curve, shown
from training.feature_tables import FeatureTable
from training.reranker import (
    BOOSTING,
    FIRST_STAGE,
    LAMBDAMART,
    LINEAR,
    LINEAR_FEATURES,
    METRIC,
    PENALTIES,
    LeftOut,
    Score,
    choose_kind,
    choose_penalty,
    compare_kinds,
    leave_one_out,
    measure,
    train_reranker,
)

RULE = {"first_stage": 1.0, "coverage": 1.5}
TABLES = [
    made_table("a/1", RULE, group="a", seed=1),
    made_table("a/2", RULE, group="a", needs=10, seed=2),
    made_table("b", RULE, noise=0.5, seed=3),
    made_table("c", RULE, noise=0.5, seed=4),
]


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let boosting learn in a few large steps: these tests need its shape, not its best."""
    monkeypatch.setattr(boosting, "TREES", 12)
    monkeypatch.setattr(boosting, "LEAVES", 5)
    monkeypatch.setattr(boosting, "LEARNING_RATE", 0.5)


def reached(**means: float) -> LeftOut:
    tables = {name: pd.DataFrame({METRIC: [mean, mean]}) for name, mean in means.items()}
    return LeftOut("some", {}, tables)


def test_no_model_is_fitted_on_the_group_that_it_is_measured_on() -> None:
    asked: list[tuple[set[str], str]] = []

    def spy(tables: Sequence[FeatureTable]) -> Score:
        def score(table: FeatureTable) -> np.ndarray:
            asked.append(({t.name for t in tables}, table.name))
            return np.zeros(len(table.rows))

        return score

    left_out = leave_one_out(TABLES, "spy", spy)

    assert asked == [
        ({"b", "c"}, "a/1"),
        ({"b", "c"}, "a/2"),
        ({"a/1", "a/2", "c"}, "b"),
        ({"a/1", "a/2", "b"}, "c"),
    ]
    assert set(left_out.scores) == set(left_out.per_need) == {t.name for t in TABLES}


def test_the_measure_is_that_of_the_list_and_ties_go_by_id() -> None:
    table = small_table("a", [[1.0], [1.0], [3.0]], [1, 0, 1], ["first_stage"])

    right = measure(table, np.array([1.0, 1.0, 3.0]))[METRIC]
    turned = measure(table, np.array([3.0, 9.0, 1.0]))[METRIC]

    ideal = 1 + 1 / np.log2(3)
    assert right.tolist() == [1.0]
    assert turned.tolist() == pytest.approx([(1 / np.log2(3) + 1 / 2) / ideal])


def test_a_relevant_researcher_who_was_not_found_counts_against_the_list() -> None:
    table = small_table("a", [[1.0]], [1], ["first_stage"])
    missed = pd.DataFrame({"need_id": ["a-n"], "researcher_id": ["r9"], "relevance": [1]})
    table = replace(table, qrels=pd.concat([table.qrels, missed], ignore_index=True))

    assert measure(table, np.ones(1))[METRIC].tolist() == pytest.approx([1 / (1 + 1 / np.log2(3))])


def test_the_penalty_is_the_best_on_groups_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def best_at(wanted: Sequence[float]) -> float:
        monkeypatch.setattr(training_reranker, "fits", lambda features, penalty: {LINEAR: penalty})
        monkeypatch.setattr(
            training_reranker,
            "leave_one_out",
            lambda tables, kind, penalty: reached(a=0.9 if penalty in wanted else 0.8),
        )
        return choose_penalty(TABLES)

    assert best_at([1.0]) == 1.0
    assert best_at([2.0, 4.0]) == 4.0  # of equals the one nearer the first stage


def test_one_group_alone_gets_the_penalty_in_the_middle() -> None:
    assert choose_penalty(TABLES[:2]) == PENALTIES[len(PENALTIES) // 2]


def test_fitted_kinds_are_better_than_the_first_stage_where_it_lacks_what_matters() -> None:
    means = {kind: left_out.mean() for kind, left_out in compare_kinds(TABLES).items()}

    assert set(means) == {FIRST_STAGE, LINEAR, BOOSTING, LAMBDAMART}
    assert min(means[LINEAR], means[BOOSTING], means[LAMBDAMART]) > means[FIRST_STAGE] + 0.1


@pytest.mark.parametrize(
    ("trees", "kind"),
    [
        ({"a": 0.5, "b": 0.6}, LAMBDAMART),
        ({"a": 0.5, "b": 0.5}, LAMBDAMART),
        ({"a": 0.9, "b": 0.49}, LINEAR),
    ],
)
def test_trees_are_chosen_only_where_they_lose_nowhere(trees: dict[str, float], kind: str) -> None:
    assert choose_kind({LAMBDAMART: reached(**trees), LINEAR: reached(a=0.5, b=0.5)}) == kind


def scored(curve: Curve, name: str, seed: int, needs: int = 4000) -> Scored:
    """Draw labels by a curve, for lists no longer than what is calibrated."""
    rng = np.random.default_rng(seed)
    numbers = np.repeat(np.arange(needs), SHOWN)
    made = Scored(name, name, 2 * rng.normal(size=len(numbers)), np.zeros(len(numbers)), numbers)
    labels = rng.random(len(numbers)) < curve.probability(made)
    return replace(made, labels=labels.astype(np.float64))


def test_the_curve_that_drew_the_labels_is_found_again() -> None:
    true = Curve(own=0.7, share=0.4, intercept=-0.5)

    found = fit_curve([scored(true, name, i) for i, name in enumerate("abcd")])

    assert [found.own, found.share, found.intercept] == pytest.approx([0.7, 0.4, -0.5], abs=0.1)


def test_a_curve_never_falls_with_the_score() -> None:
    falling = Curve(own=-0.7, share=-0.4, intercept=-0.5)

    found = fit_curve([scored(falling, "a", 1)])

    assert 0 < found.own < 1e-3
    assert found.share == 0


def test_what_lies_behind_the_shown_does_not_bend_the_curve() -> None:
    true = scored(Curve(0.7, 0.4, -0.5), "a", 1, needs=100)
    order = np.random.default_rng(2).permutation(1000)
    among = shown(replace(true, scores=true.scores[order], needs=true.needs[order]))
    many = replace(true, needs=true.needs // 10)

    assert among.all()
    assert np.bincount(many.needs[shown(many)]).tolist() == [SHOWN] * 10
    for need in range(10):
        own = many.needs == need
        assert many.scores[own & shown(many)].min() >= many.scores[own & ~shown(many)].max()


def test_the_calibration_error_is_the_gap_between_saying_and_being() -> None:
    said = np.array([0.05, 0.05, 0.62, 0.64, 0.66, 1.0])
    was = np.array([0, 1, 1, 1, 0, 1.0])

    # bins: two said .05 and were .5, three said .64 and were .667, one said 1 and was 1
    expected = 2 / 6 * 0.45 + 3 / 6 * (2 / 3 - 0.64) + 0
    assert calibration_error(said, was) == pytest.approx(expected)


@pytest.mark.parametrize(("kind", "served"), [(LINEAR, "linear"), (LAMBDAMART, "lambdamart")])
def test_a_trained_document_holds_no_text_and_serves(
    kind: str, served: str, tmp_path: Path
) -> None:
    trained = train_reranker(TABLES[1:], encoder_checksum="abc", kind=kind)
    path = tmp_path / "reranker.json"
    path.write_text(json.dumps(trained.document), "utf-8")

    reranker = load_reranker(path)

    fresh = made_table("d", RULE, seed=8)
    assert (reranker.kind, reranker.encoder_checksum) == (served, "abc")
    assert reranker.features == (LINEAR_FEATURES if kind == LINEAR else NAMES)
    assert reranker.checksum == reranker_of(trained.document).checksum
    assert measure(fresh, reranker.score(fresh.rows))[METRIC].mean() > 0.8
    assert set(trained.errors) == {"a/2", "b", "c"}
    assert all(0 <= error <= 0.3 for error in trained.errors.values())
    assert "r01" not in path.read_text("utf-8")
