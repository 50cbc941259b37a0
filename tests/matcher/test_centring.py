"""Means by language: how they are estimated, drawn together, and taken away."""

import json
from pathlib import Path

import numpy as np
import pytest

from matcher import centring
from matcher.centring import MIN_OWN, SHIPPED_WEIGHT, centre, estimate_means, shipped_means
from matcher.encoder.encoder import PASSAGE, QUERY

EAST = np.array([1, 0, 0], dtype=np.float32)
NORTH = np.array([0, 1, 0], dtype=np.float32)
UP = np.array([0, 0, 1], dtype=np.float32)


def many(vector: np.ndarray, count: int) -> np.ndarray:
    return np.repeat(vector[None, :], count, axis=0)


def test_enough_texts_have_the_mean_of_their_own() -> None:
    vectors = np.vstack([many(EAST, MIN_OWN), many(NORTH, MIN_OWN), many(UP, MIN_OWN)])
    languages = ["ja"] * (2 * MIN_OWN) + ["en"] * MIN_OWN

    means = estimate_means(PASSAGE, vectors, languages, {})

    assert means["passage_ja"] == pytest.approx((EAST + NORTH) / 2)
    assert means["passage_en"] == pytest.approx(UP)


def test_few_texts_of_another_model_have_no_mean() -> None:
    assert estimate_means(QUERY, many(EAST, MIN_OWN - 1), ["ja"] * (MIN_OWN - 1), {}) == {}
    assert estimate_means(QUERY, np.zeros((0,), dtype=np.float32), [], {}) == {}


def test_few_texts_are_drawn_towards_the_mean_that_ships() -> None:
    shipped = {"query_ja": NORTH}

    means = estimate_means(QUERY, many(EAST, SHIPPED_WEIGHT), ["ja"] * SHIPPED_WEIGHT, shipped)
    without = estimate_means(QUERY, np.zeros((0,), dtype=np.float32), [], shipped)

    assert means["query_ja"] == pytest.approx((EAST + NORTH) / 2)
    assert without["query_ja"] == pytest.approx(NORTH)


def test_centring_takes_each_languages_mean_away_and_leaves_unit_vectors() -> None:
    means = {"passage_ja": EAST, "passage_en": NORTH}
    vectors = np.array([EAST + 2 * UP, NORTH - 3 * UP], dtype=np.float32)

    centred = centre(vectors, ["ja", "en"], PASSAGE, means)

    assert centred == pytest.approx(np.array([UP, -UP]))
    assert vectors[0] == pytest.approx(EAST + 2 * UP)


def test_needs_without_a_mean_take_that_of_the_passages() -> None:
    means = {"passage_ja": EAST, "passage_en": NORTH, "query_en": UP}
    vectors = np.array([EAST + NORTH, EAST + UP], dtype=np.float32)

    centred = centre(vectors, ["ja", "en"], QUERY, means)

    assert centred == pytest.approx(np.array([NORTH, EAST]))


def test_a_vector_that_is_its_languages_mean_becomes_zero_and_not_a_number() -> None:
    assert centre(EAST[None, :], ["ja"], PASSAGE, {"passage_ja": EAST}).tolist() == [[0, 0, 0]]


def test_means_ship_for_the_default_model_only() -> None:
    stored = json.loads(
        (Path(centring.__file__).parent / "encoder/language_means.json").read_text()
    )

    means = shipped_means(stored["model_checksum"])

    assert sorted(means) == ["passage_en", "passage_ja", "query_en", "query_ja"]
    assert all(0 < np.linalg.norm(mean) < 1 for mean in means.values())
    assert shipped_means("another model") == {}
