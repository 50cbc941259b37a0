"""The re-ranker that is fitted to grades: its score is the log-odds that a reader calls a person suitable."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from enmusubi.errors import InputError
from matcher.reranking.calibration import sigmoid
from matcher.reranking.reranker import reranker_of
from tests.support.feature_tables import made_table, table_of
from training.calibration import equal_count_error, left_out_by_topic
from training.feature_tables import FeatureTable
from training.reranker import (
    FOLDS,
    LINEAR,
    SUITABILITY,
    Score,
    leave_one_out,
    scored_tables,
    train_reranker,
)
from training.suitability import SET_WEIGHTS, SUITABILITY_FEATURES, fit_suitability

RULE = {"dense_soft": 1.5, "sentence_best": 0.8, "ja_to_en": 0.7}
USED = tuple(RULE)
INTERCEPT = -2.0


def drawn(
    name: str, *, needs: int = 40, seed: int = 0, graded: bool = True, known: float = 1.0
) -> FeatureTable:
    """Draw who suits by RULE; of the suitable the share `known` was judged at all.

    Needs come in pairs, the versions of a topic, whose judgements are the same.
    """
    table = made_table(name, RULE, needs=needs, people=60, seed=seed)
    rng = np.random.default_rng(seed + 100)
    rows = table.rows
    rows["ja_to_en"] = rng.integers(0, 2, len(rows)).astype(float)
    half = len(rows) // 2
    for column in [c for c in rows.columns if c not in {"need_id", "researcher_id"}]:
        values = rows[column].to_numpy().copy()
        values[half:] = values[:half]
        rows[column] = values
    odds = sum(weight * rows[feature] for feature, weight in RULE.items()) + INTERCEPT
    suits = rng.random(half) < sigmoid(odds.to_numpy()[:half])
    suits &= rng.random(half) < known
    rows["relevance"] = np.tile(suits, 2) * (3 if graded else 1)
    return table_of(name, name, rows)


def test_the_score_is_the_log_odds_that_drew_the_grades() -> None:
    table = drawn("a", needs=200)

    found = fit_suitability([table], USED, penalty=1e-6)

    raw = found.weights / found.scales
    assert raw.tolist() == pytest.approx(list(RULE.values()), abs=0.12)
    drawn_odds = table.rows[list(USED)].to_numpy() @ np.array(list(RULE.values())) + INTERCEPT
    assert np.abs(found.score(table) - drawn_odds).mean() < 0.15


def test_people_whom_nobody_judged_lower_no_probability() -> None:
    graded = drawn("a", needs=100, seed=1)
    sparse = drawn("b", needs=100, seed=2, graded=False, known=0.1)

    together = fit_suitability([graded, sparse], USED, penalty=1e-6)

    assert sparse.is_suitable().mean() < 0.2 * graded.is_suitable().mean()
    said = sigmoid(together.score(graded)).mean()
    assert said == pytest.approx(graded.is_suitable().mean(), abs=0.02)


def test_collections_without_grades_still_teach_who_stands_above_whom() -> None:
    # the graded collection is small, and knows nothing of one feature
    graded = drawn("a", needs=4, seed=1)
    graded = table_of("a", "a", graded.rows.assign(sentence_best=0.0))
    sparse = drawn("b", needs=100, seed=2, graded=False, known=0.3)

    alone = fit_suitability([graded], USED)
    together = fit_suitability([graded, sparse], USED)

    assert alone.weights[1] == 0
    raw = together.weights / together.scales
    assert raw[1] / raw[0] == pytest.approx(0.8 / 1.5, abs=0.15)


@pytest.mark.parametrize("share", [0.01, 0.5, 100.0])
def test_a_collection_teaches_by_its_share(share: float) -> None:
    # what the two say of a feature differs, so that the weight tells whom the fit believes
    graded = drawn("a", needs=60, seed=1)
    other = drawn("b", needs=60, seed=2, graded=False)
    other = replace(other, rows=other.rows.assign(sentence_best=0.0))

    weights = [
        fit_suitability([graded, replace(other, share=s)], USED).weights[1] for s in (share, 1.0)
    ]

    assert (weights[0] > weights[1]) == (share < 1)


def test_without_any_grade_there_is_no_scale_to_learn() -> None:
    with pytest.raises(InputError, match="None of the collections has grades from 0 to 3"):
        fit_suitability([drawn("a", graded=False)], USED)


def test_known_directions_bound_the_weights() -> None:
    table = drawn("a")
    rows = table.rows.assign(
        dense_soft=-table.rows["dense_soft"], usual_best=table.rows["dense_soft"]
    )

    found = fit_suitability([table_of("a", "a", rows)], ("dense_soft", "usual_best"))

    assert found.weights.tolist() == [0, 0]


def test_two_versions_of_a_need_are_one_topic() -> None:
    table = drawn("a", needs=6)

    assert table.graded
    assert table.topics().reshape(6, 60)[:, 0].tolist() == [0, 1, 2, 0, 1, 2]
    assert table.of(table.topics() == 1).rows["need_id"].unique().tolist() == ["a-n01", "a-n04"]


def test_grades_say_how_far_a_person_suits_and_relevance_alone_says_yes() -> None:
    rows = drawn("a", needs=2).rows.head(5)
    grades = table_of("a", "a", rows.assign(relevance=[0, 1, 2, 3, 3]))
    known = table_of("b", "b", rows.assign(relevance=[0, 1, 2, 1, 0]))

    assert grades.suitability().tolist() == [0, 0.2, 0.8, 1, 1]
    assert grades.is_suitable().tolist() == [0, 0, 1, 1, 1]
    assert known.suitability().tolist() == known.is_suitable().tolist() == [0, 1, 1, 1, 0]


def test_nothing_of_a_topic_is_fitted_on_when_it_is_measured() -> None:
    graded, other = drawn("a", needs=2 * FOLDS + 4), drawn("b", seed=3, graded=False)
    asked: list[tuple[str, set[int], set[int]]] = []
    topics = dict(zip(graded.rows["need_id"], graded.topics(), strict=True))

    def spy(tables: Sequence[FeatureTable]) -> Score:
        def score(table: FeatureTable) -> np.ndarray:
            fitted = {
                int(topics[need]) for t in tables if t.name == "a" for need in t.rows["need_id"]
            }
            measured = {int(topics.get(need, -1)) for need in table.rows["need_id"]}
            asked.append((table.name, fitted, measured))
            return np.zeros(len(table.rows))

        return score

    leave_one_out([graded, other], SUITABILITY, spy)

    own = [(fitted, measured) for name, fitted, measured in asked if name == "a"]
    assert len(own) == FOLDS
    assert all(not fitted & measured for fitted, measured in own)
    assert set().union(*(measured for _, measured in own)) == set(topics.values())
    assert [measured for name, _, measured in asked if name == "b"] == [{-1}]


def test_grades_of_one_need_alone_cannot_be_held_out_from_themselves() -> None:
    one, other = drawn("a", needs=2), drawn("b", seed=3, graded=False)

    with pytest.raises(InputError, match="All grades of a are of one need"):
        train_reranker([one, other], encoder_checksum="abc")


def test_probabilities_of_topics_left_out_can_be_believed() -> None:
    table = drawn("a", needs=120)
    left_out = leave_one_out([table], SUITABILITY, lambda t: fit_suitability(t, USED).score)
    (scored,) = scored_tables([table], left_out)

    probabilities, outcomes = left_out_by_topic(scored, FOLDS)

    assert equal_count_error(probabilities, outcomes) < 0.06
    assert probabilities.max() > 0.8
    assert equal_count_error(probabilities / 10, outcomes) > 0.3


def test_graded_judgements_make_the_document_and_its_scale() -> None:
    tables = [drawn("a"), drawn("b", seed=5, graded=False), made_table("c", RULE, seed=6)]

    trained = train_reranker(tables, encoder_checksum="abc")

    served = reranker_of(trained.document)
    assert (trained.chosen, served.kind) == (SUITABILITY, "linear")
    assert served.features == (*SUITABILITY_FEATURES, *SET_WEIGHTS)
    assert trained.document["weights"][-len(SET_WEIGHTS) :] == list(SET_WEIGHTS.values())
    assert trained.document["intercept"] < 0
    assert set(trained.errors) == {"a"}
    assert {LINEAR, SUITABILITY} <= set(trained.compared)


def test_without_grades_the_kind_is_not_compared() -> None:
    tables = [replace(made_table(name, RULE, seed=n)) for n, name in enumerate("ab")]

    assert SUITABILITY not in train_reranker(tables, encoder_checksum="abc").compared
