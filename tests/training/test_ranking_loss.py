"""The linear re-ranker's loss: by hand, its gradient, its bounds, and what weighs how much."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

from matcher.features.definitions import FEATURES
from tests.support.feature_tables import made_table, small_table
from training import ranking_loss
from training.feature_tables import FeatureTable
from training.ranking_loss import ANCHOR_PENALTY, fit_linear

USED = ("first_stage", "coverage", "age_of_last", "seeds_log")
KNOWN = {"first_stage": 1.0, "coverage": 2.0, "age_of_last": -1.0, "seeds_log": 0.5}


def loss_at(
    tables: list[FeatureTable], features: tuple[str, ...], weights: list[float], penalty: float
) -> tuple[float, np.ndarray]:
    means, scales = ranking_loss.standard(tables, features)
    blocks = [ranking_loss.block_of(t, features, tables, means, scales) for t in tables]
    penalties = np.array(
        [ANCHOR_PENALTY if name == "first_stage" else penalty for name in features]
    )
    return ranking_loss._loss(np.array(weights), [b for b in blocks if b], penalties)


def test_the_loss_is_the_softmax_over_a_needs_candidates_and_the_penalty() -> None:
    # mean 0 and spread 1: already standard
    table = small_table(
        "a", [[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]], [1, 0, 1, 0], USED[:2]
    )

    value, _ = loss_at([table], USED[:2], [0.5, 2.0], 3.0)

    scores = [2.5, 1.5, -1.5, -2.5]
    log_sum = log(sum(exp(s) for s in scores))
    expected = -((scores[0] - log_sum) + (scores[2] - log_sum)) / 2
    assert value == pytest.approx(expected + 0.5 * (ANCHOR_PENALTY * 0.25 + 3.0 * 4))


def test_the_gradient_is_the_numerical_one() -> None:
    tables = [
        made_table("a/1", KNOWN, group="a", seed=1),
        made_table("a/2", KNOWN, group="a", needs=5, people=7, seed=2),
        made_table("b", {"votes": 1.0}, relevant=1, seed=3),
    ]
    at = np.array([0.3, -0.2, 0.7, 0.1])

    _, gradient = loss_at(tables, USED, at.tolist(), 0.5)

    numerical = approx_fprime(at, lambda w: loss_at(tables, USED, w.tolist(), 0.5)[0], 1e-7)
    assert gradient == pytest.approx(numerical, abs=1e-5)


def test_a_known_order_is_found_again() -> None:
    tables = [made_table(name, KNOWN, seed=i) for i, name in enumerate("abc")]

    fitted = fit_linear(tables, USED, penalty=0.001)

    fresh = made_table("d", KNOWN, seed=9)
    known = fresh.rows[list(USED)].to_numpy() @ np.array(list(KNOWN.values()))
    assert fitted.features == USED
    assert np.corrcoef(fitted.score(fresh), known)[0, 1] > 0.99


def test_known_directions_bound_the_weights() -> None:
    turned = [made_table("a", {name: -weight for name, weight in KNOWN.items()})]

    weights = dict(zip(USED, fit_linear(turned, USED, penalty=0.01).weights, strict=True))

    directions = {feature.name: feature.direction for feature in FEATURES}
    assert [directions[name] for name in USED] == [1, 1, -1, 0]
    assert (weights["first_stage"], weights["coverage"], weights["age_of_last"]) == (0, 0, 0)
    assert weights["seeds_log"] < -0.1  # free


def test_a_strong_penalty_leaves_the_first_stage_alone() -> None:
    fitted = fit_linear([made_table("a", KNOWN)], USED, penalty=1e4)

    assert fitted.weights[0] > 0.3
    assert np.abs(fitted.weights[1:]).max() < 1e-3


def test_groups_weigh_the_same_however_many_tables_and_needs_they_have() -> None:
    one = made_table("a", {"coverage": 1.0}, noise=1.0, seed=1)
    other = made_table("b", {"seeds_log": 1.0}, noise=1.0, seed=2)
    copies = [replace(one, name=f"a/{i}", group="a") for i in range(3)]
    doubled = pd.concat([one.rows, one.rows.assign(need_id=one.rows["need_id"] + "x")])
    longer = replace(one, rows=doubled.reset_index(drop=True))

    alone = fit_linear([one, other], USED, penalty=0.1)

    for tables in ([*copies, other], [longer, other]):
        again = fit_linear(tables, USED, penalty=0.1)
        assert again.means == pytest.approx(alone.means)
        assert again.scales == pytest.approx(alone.scales)
        assert again.weights == pytest.approx(alone.weights, abs=1e-3)


def test_needs_without_a_relevant_candidate_teach_nothing() -> None:
    table = made_table("a", KNOWN, noise=1.0)
    empty = table.rows.assign(need_id=table.rows["need_id"] + "-none", relevance=0)
    with_empty = replace(table, rows=pd.concat([table.rows, empty], ignore_index=True))
    nobody = replace(table, name="n", group="n", rows=empty)

    fitted = [
        fit_linear(t, USED, penalty=0.1).weights for t in ([table], [with_empty], [table, nobody])
    ]

    assert fitted[1] == pytest.approx(fitted[0], abs=1e-4)
    assert fitted[2] == pytest.approx(fitted[0], abs=1e-4)


def test_a_feature_that_is_always_the_same_has_no_weight() -> None:
    table = made_table("a", KNOWN)
    same = replace(table, rows=table.rows.assign(coverage=0.3))

    fitted = fit_linear([same], USED, penalty=0.1)

    assert fitted.weights[1] == 0
    assert np.isfinite(fitted.score(same)).all()
