"""Documents of re-rankers: what is refused, what a score is made of, and what it is called."""

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from enmusubi.errors import RerankerUnusableError
from matcher.features.definitions import NAMES
from matcher.reranking.calibration import Calibration, log_share
from matcher.reranking.reranker import (
    BASE,
    FORMAT,
    SHIPPED,
    TREES,
    Reranker,
    load_reranker,
    reranker_of,
)
from training.boosting import fit_lambdamart
from training.feature_tables import FeatureTable

FEATURES = ("first_stage", "coverage", "votes")
DOCUMENT: dict[str, Any] = {
    "format": FORMAT,
    "kind": "linear",
    "features": list(FEATURES),
    "weights": [2.0, 0.5, -1.0],
    "means": [1.0, 0.0, 0.05],
    "scales": [0.5, 1.0, 0.01],
    "intercept": -0.25,
    "encoder_checksum": "abc",
    "calibration": {
        "own": 0.8,
        "share": 0.5,
        "intercept": -1.0,
        "strong": 0.5,
        "good": 0.25,
        "possible": 0.1,
        "abstain_feature": "coverage",
        "abstain_below": 0.2,
    },
}
RNG = np.random.default_rng(7)


def changed(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(DOCUMENT) | changes


def calibrated(**changes: Any) -> dict[str, Any]:
    return changed(calibration=DOCUMENT["calibration"] | changes)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in DOCUMENT.items() if key != name}


def random_features(count: int = 40) -> pd.DataFrame:
    rows = RNG.permutation(1000)[:count]
    return pd.DataFrame(RNG.normal(size=(count, len(NAMES))), index=rows, columns=list(NAMES))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (changed(format=2), "its format is 2, this program reads 1"),
        (changed(kind="forest"), "its kind 'forest' is neither linear nor lambdamart"),
        (changed(kind=TREES), "its kind 'lambdamart' is neither"),  # without a booster
        (changed(features=["first_stage", "luck", "age"]), "this program lacks: age, luck"),
        (changed(weights=[1.0, 2.0]), "inhomogeneous shape"),
        (changed(weights=[1.0], means=[0.0], scales=[1.0]), "not one number a feature each"),
        (changed(weights=[1.0, math.nan, 0.0]), "not one number a feature each"),
        (changed(scales=[1.0, math.inf, 1.0]), "not one number a feature each"),
        (changed(weights=[1.0, "much", 0.0]), "could not convert string to float: 'much'"),
        (changed(scales=[1.0, 0.0, 1.0]), "its scales are not above 0"),
        (changed(scales=[1.0, -1.0, 1.0]), "its scales are not above 0"),
        (changed(intercept=None), "real number, not 'NoneType'"),
        (changed(intercept=math.nan), "its intercept is not a finite number"),
        (calibrated(strong=0.2), "the cuts must fall from strong to possible, within 0 and 1"),
        (calibrated(strong=1.2), "the cuts must fall"),
        (calibrated(possible=-0.1), "the cuts must fall"),
        (calibrated(own=-0.1), "falls with the score would reorder lists"),
        (calibrated(share=-0.1), "falls with the score would reorder lists"),
        (calibrated(intercept=math.nan), "a calibration's numbers must be finite"),
        (calibrated(own=math.nan), "a calibration's numbers must be finite"),
        (calibrated(abstain_feature="luck"), "abstains by 'luck', which this program lacks"),
        (calibrated(slope=1.0), "unexpected keyword argument 'slope'"),
        (without("calibration"), "calibration"),
        (without("intercept"), "intercept"),
        (without("format"), "format"),
        ([], "list indices must be integers"),
    ],
)
def test_a_document_that_cannot_serve_is_refused_with_the_reason(
    document: Any, reason: str
) -> None:
    with pytest.raises(RerankerUnusableError, match=reason) as refusal:
        reranker_of(document, "x.json")

    assert str(refusal.value).startswith("The re-ranker x.json cannot be used (")
    assert "Train one with `enmusubi train reranker`" in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe"])
def test_a_file_that_holds_no_json_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "reranker.json"
    path.write_bytes(content)

    with pytest.raises(RerankerUnusableError, match=r"reranker\.json cannot be read \("):
        load_reranker(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RerankerUnusableError, match=r"no\.json cannot be read .*No such file"):
        load_reranker(tmp_path / "no.json")


def test_the_shipped_one_serves_and_grows_with_what_speaks_for_a_person() -> None:
    table = random_features()

    shipped = load_reranker()

    assert shipped.document == json.loads(SHIPPED.read_text("utf-8"))
    assert np.isfinite(shipped.score(table)).all()
    for name in ("profile", "sentence_best", "words_best", "domain"):
        more = shipped.score(table.assign(**{name: table[name] + 1}))
        assert (more > shipped.score(table)).all()
    assert shipped.calibration.strong == 0.8


def test_a_linear_score_is_the_sum_of_weighted_standardised_values() -> None:
    row = pd.DataFrame([{"votes": 0.06, "coverage": 0.4, "first_stage": 2.0}], index=[5])

    parts = reranker_of(DOCUMENT).contributions(row)

    assert parts.columns.tolist() == [*FEATURES, BASE]
    assert parts.index.tolist() == [5]
    assert parts.to_numpy()[0].tolist() == pytest.approx([2 * 2.0, 0.2, -1.0, -0.25])
    assert reranker_of(DOCUMENT).score(row).tolist() == pytest.approx([2.95])


def boosted() -> tuple[Reranker, FeatureTable]:
    """Fit trees to random tables whose relevant rows have a high first_stage."""
    rows = random_features(600).reset_index(drop=True)
    rows.insert(0, "need_id", [f"n{i // 30}" for i in range(600)])
    rows.insert(1, "researcher_id", [f"r{i % 30}" for i in range(600)])
    relevant = rows["first_stage"] + 0.3 * RNG.normal(size=600) > 1.2
    rows.insert(2, "relevance", relevant.astype(int))
    table = FeatureTable("made", "made", rows, rows[["need_id", "researcher_id", "relevance"]])
    text = fit_lambdamart([table], NAMES).text
    return reranker_of(changed(kind=TREES, features=list(NAMES), booster=text)), table


def test_contributions_of_trees_sum_to_what_the_trees_score() -> None:
    reranker, table = boosted()

    parts = reranker.contributions(table.rows)

    direct = fit_lambdamart([table], NAMES).score(table)
    assert parts.columns.tolist() == [*NAMES, BASE]
    assert parts.to_numpy().sum(axis=1) == pytest.approx(direct, abs=1e-6)
    assert reranker.score(table.rows) == pytest.approx(direct, abs=1e-6)
    assert np.abs(parts["first_stage"]).mean() > np.abs(parts["votes"]).mean()
    assert direct[table.labels() == 1].mean() > direct[table.labels() == 0].mean()


def test_the_order_of_columns_does_not_matter() -> None:
    table = random_features()

    scores = reranker_of(DOCUMENT).score(table[list(NAMES)[::-1]])

    assert scores.tolist() == reranker_of(DOCUMENT).score(table).tolist()


def test_a_probability_is_made_of_the_score_and_its_share() -> None:
    scores = np.array([1.0, 2.0, -1.0])
    share = np.exp(scores) / np.exp(scores).sum()

    probability = reranker_of(DOCUMENT).probability(scores)

    expected = 1 / (1 + np.exp(-(0.8 * scores + 0.5 * np.log(share) - 1)))
    assert probability == pytest.approx(expected)
    assert log_share(scores) == pytest.approx(np.log(share))
    assert reranker_of(DOCUMENT).probability(np.zeros(0)).tolist() == []


@pytest.mark.parametrize("spread", [0.01, 1.0, 10.0])
def test_probabilities_order_as_scores_do(spread: float) -> None:
    scores = spread * RNG.normal(size=200)

    probability = reranker_of(DOCUMENT).probability(scores)

    assert np.argsort(probability).tolist() == np.argsort(scores).tolist()


def test_enormous_scores_have_probabilities_too() -> None:
    probability = reranker_of(DOCUMENT).probability(np.array([5000.0, 0.0, -5000.0]))

    assert probability.tolist() == pytest.approx([1, 0, 0])


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (1.0, "strong"),
        (0.5, "strong"),
        (0.4999, "good"),
        (0.25, "good"),
        (0.2499, "possible"),
        (0.1, "possible"),
        (0.0999, "weak"),
        (0.0, "weak"),
    ],
)
def test_a_word_holds_from_its_cut_on(probability: float, word: str) -> None:
    assert reranker_of(DOCUMENT).word(probability) == word


def test_a_list_fits_nobody_where_the_best_has_too_little() -> None:
    reranker = reranker_of(DOCUMENT)

    assert reranker.fits_nobody({"coverage": 0.19}, 0.24)
    assert not reranker.fits_nobody({"coverage": 0.2}, 0.24)


def test_a_list_whose_best_is_called_weak_fits_nobody_whatever_the_features_are() -> None:
    reranker = reranker_of(DOCUMENT)

    assert reranker.fits_nobody({"coverage": 0.9}, 0.0999)
    assert not reranker.fits_nobody({"coverage": 0.9}, 0.1)


def test_whoever_is_called_good_is_not_nobody() -> None:
    assert not reranker_of(DOCUMENT).fits_nobody({"coverage": 0.19}, 0.25)


def test_a_checksum_depends_on_the_content_and_not_on_its_order(tmp_path: Path) -> None:
    path = tmp_path / "reranker.json"
    path.write_text(json.dumps(dict(reversed(DOCUMENT.items())), indent=3), "utf-8")

    assert load_reranker(path).checksum == reranker_of(DOCUMENT).checksum
    assert len(reranker_of(DOCUMENT).checksum) == 16
    assert reranker_of(changed(intercept=0.0)).checksum != reranker_of(DOCUMENT).checksum


def test_a_calibration_is_read_back_as_it_was_written() -> None:
    calibration = reranker_of(DOCUMENT).calibration

    assert Calibration.of(calibration.document()) == calibration
