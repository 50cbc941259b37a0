"""Needs that nobody of a catalogue can meet: how often that is said."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from matcher.tables import Corpus
from training.collections import Collection
from training.feature_tables import FeatureTable
from training.foreign_needs import answered_in, silence

NEEDS = Path(__file__).parents[1] / "quality" / "foreign_needs.jsonl"


def table_of(grades: dict[str, dict[str, int]], name: str) -> FeatureTable:
    rows = pd.DataFrame(
        [(need, person, grade) for need, own in grades.items() for person, grade in own.items()],
        columns=["need_id", "researcher_id", "relevance"],
    )
    return FeatureTable(name, name, rows, rows[rows["relevance"] > 0].reset_index(drop=True))


def collection(name: str) -> Collection:
    nothing = pd.DataFrame()
    return Collection(name, [], Corpus(nothing, nothing, nothing, ""), nothing, {}, {}, [])


def test_nobody_fits_is_said_of_needs_whose_nearest_people_are_strangers() -> None:
    known = {f"n{n:02d}": {f"s{n}": 3} | {f"x{n}-{i}": 0 for i in range(9)} for n in range(22)} | {
        "none": {f"y{i}": 0 for i in range(10)}
    }
    scores = np.r_[np.tile([4.0] + [-4.0] * 9, 22), np.full(10, -4.0)]
    abroad = table_of({name: {"a": 0, "b": 0} for name in ("far", "near", "met")}, "foreign")
    its_scores = np.array([-5.0, -4.0, 4.0, -4.0, 4.0, -4.0])

    every = silence(table_of(known, "graded"), scores, (abroad, its_scores))
    but_met = silence(table_of(known, "graded"), scores, (abroad, its_scores), {"met"})

    assert every == (4, 2 / 4, 1.0)
    assert but_met == (3, 2 / 3, 1.0)


def test_forty_needs_of_foreign_fields_stand_in_both_languages_and_are_made_up() -> None:
    needs = [json.loads(line) for line in NEEDS.read_text("utf-8").splitlines()]

    topics = {need["need_id"].rpartition("-")[0] for need in needs}
    assert len(topics) == 40
    assert {need["need_id"] for need in needs} == {
        f"{t}-{lang}" for t in topics for lang in ("ja", "en")
    }
    assert all(need["made_up"] and need["title"] and need["text"] for need in needs)


def test_what_a_catalogue_answers_after_all_is_marked_in_both_languages() -> None:
    answered = answered_in(collection("office-dev"), NEEDS)

    assert len(answered) == 10
    assert answered_in(collection("another"), NEEDS) == set()
