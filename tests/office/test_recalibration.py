"""Probabilities follow the office's own judgements: a little after a few, wholly after hundreds."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalogue.judgements.judgements import Judgement, record_judgement
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from matcher.recommender import Recommender
from matcher.records import Need
from matcher.reranking.calibration import sigmoid
from office.configured import open_recommender, reranker_stamp
from office.recalibration import fit_recalibration, refresh_recalibration
from tests.support.worlds import indexed

# Sudachi's old name for making a tokenizer still stands in matcher.tokens
pytestmark = [
    pytest.mark.exhaustive("postgresql"),  # its SQL is the same on both
    pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning"),
]
NEED = Need("n-1", "A hand for ripe fruit")


def judged(shift: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and what an office says whose log-odds lie that much higher."""
    rng = np.random.default_rng(4)
    logits = rng.normal(-1, 1.5, count)
    return sigmoid(logits), (rng.random(count) < sigmoid(logits + shift)).astype(float)


def test_nothing_changes_without_judgements() -> None:
    assert fit_recalibration(np.zeros(0), np.zeros(0)) == (1.0, 0.0)


@pytest.mark.parametrize("shift", [-1.5, 1.5])
def test_few_judgements_move_little_and_many_decide(shift: float) -> None:
    one, few, many = (fit_recalibration(*judged(shift, count))[1] for count in (1, 12, 3000))

    assert abs(one) < 0.8
    assert few * shift > 0
    assert abs(few - shift) < abs(shift)
    assert many == pytest.approx(shift, abs=0.2)


def test_judgements_against_the_order_never_turn_it_round() -> None:
    slope, _ = fit_recalibration(np.tile([0.1, 0.9], 500), np.tile([1.0, 0.0], 500))

    assert slope > 0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, cache_dir=tmp_path / indexed.CACHE)


@pytest.fixture
def office(catalogue: Catalogue, settings: Settings) -> Catalogue:
    indexed.furnish(catalogue, settings.data_dir)
    return catalogue


def judge(office: Catalogue, person: str, verdict: str, reason: str = "") -> None:
    with office.writing() as connection:
        record_judgement(connection, Judgement("n-1", person, verdict, reason))


def listed(recommender: Recommender) -> dict[str, float | None]:
    matches = recommender.match(NEED).matches
    return {match.researcher.researcher_id: match.probability for match in matches}


def refresh(office: Catalogue, settings: Settings, encoder: Any) -> Recommender:
    return refresh_recalibration(office, open_recommender(settings, encoder), settings)


def test_what_was_judged_is_served_and_said(
    office: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    before, stamp = open_recommender(settings, word_encoder), reranker_stamp(settings)
    judge(office, "r-mori", "suitable")
    judge(office, "r-sato", "suitable")

    refreshed = refresh(office, settings, word_encoder)

    served = open_recommender(settings, word_encoder)
    assert reranker_stamp(settings) != stamp
    assert listed(served) == listed(refreshed)
    assert list(listed(served)) == list(listed(before))
    assert all(listed(served)[person] > p for person, p in listed(before).items())
    assert served.reranker != before.reranker
    assert (before.match(NEED).own_judgements, served.match(NEED).own_judgements) == (0, 2)


def test_what_says_nothing_of_the_fit_changes_nothing(
    office: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    judge(office, "r-mori", "not_suitable", "conflict")

    refreshed = refresh(office, settings, word_encoder)

    assert refreshed.match(NEED).own_judgements == 0
    assert not settings.recalibration_path.exists()


def test_a_judgement_taken_back_is_forgotten(
    office: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    judge(office, "r-mori", "suitable")
    refresh(office, settings, word_encoder)
    judge(office, "r-mori", "not_suitable", "conflict")

    assert refresh(office, settings, word_encoder).match(NEED).own_judgements == 0
    assert open_recommender(settings, word_encoder).match(NEED).own_judgements == 0


def test_it_is_fitted_to_the_shipped_probabilities_not_to_its_own(
    office: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    judge(office, "r-mori", "suitable")
    first = refresh(office, settings, word_encoder)
    written = settings.recalibration_path.stat()

    again = refresh(office, settings, word_encoder)

    assert listed(again) == listed(first)
    assert settings.recalibration_path.stat() == written  # nothing is to be loaded anew


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"reranker": "another", "slope": 1, "shift": 3}', '{"slope": 1, "shift": 3}'],
)
def test_a_file_that_is_damaged_or_of_another_reranker_is_passed_over(
    content: str, office: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    before = listed(open_recommender(settings, word_encoder))
    settings.recalibration_path.parent.mkdir()
    settings.recalibration_path.write_text(content)

    assert listed(open_recommender(settings, word_encoder)) == before
