"""From which cosine on a sentence is said to answer: nearer for the unlikely, never without a probability."""

import numpy as np
import pytest

from matcher.explaining.claims import (
    INTERCEPT,
    LEAST_ANSWER,
    NEARNESS_WEIGHT,
    PERSON_WEIGHT,
    WANTED_WEIGHT,
    least_nearness,
)

BOTH = np.array([True, False])


def test_at_the_cosine_an_answer_is_as_likely_as_not() -> None:
    for cosine, wanted in zip(least_nearness(0.5, BOTH), BOTH, strict=True):
        logit = NEARNESS_WEIGHT * cosine + WANTED_WEIGHT * wanted + INTERCEPT
        assert logit == pytest.approx(0)


def test_the_less_likely_the_person_the_nearer_the_sentence_must_be() -> None:
    strong, good, possible = (least_nearness(p, BOTH) for p in (0.85, 0.6, 0.3))

    assert (strong < good).all()
    assert (good < possible).all()
    odds = np.log(0.6 / 0.4) - np.log(0.3 / 0.7)
    assert possible - good == pytest.approx([odds * PERSON_WEIGHT / NEARNESS_WEIGHT] * 2)


def test_a_wish_is_answered_sooner_than_what_stands_around_it() -> None:
    wish, background = least_nearness(0.7, BOTH)

    assert background - wish == pytest.approx(WANTED_WEIGHT / NEARNESS_WEIGHT)


def test_what_is_far_answers_nothing_however_likely_the_person() -> None:
    assert least_nearness(1.0, BOTH)[0] == LEAST_ANSWER


def test_without_a_probability_nothing_is_answered() -> None:
    assert np.isinf(least_nearness(None, BOTH)).all()
