"""Figures of graded lists, against values worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from matcher.tables import Corpus
from training.feature_tables import FeatureTable
from training.graded_lists import (
    calibrated,
    languages_of_evidence,
    list_figures,
    ordered_lists,
)

EVIDENCE = {"a": "ja", "b": "ja", "c": "en", "d": "en"}


def graded(grades: dict[str, dict[str, int]]) -> FeatureTable:
    rows = pd.DataFrame(
        [(need, person, grade) for need, own in grades.items() for person, grade in own.items()],
        columns=["need_id", "researcher_id", "relevance"],
    )
    qrels = rows[rows["relevance"] > 0].reset_index(drop=True)
    return FeatureTable("graded", "graded", rows, qrels)


def test_lists_are_worth_what_a_hand_works_out() -> None:
    table = graded({"n": {"a": 3, "b": 1, "c": 2, "d": 0}, "m": {"a": 1, "b": 0, "c": 0, "d": 0}})
    lists = ordered_lists(table, np.array([0.0, 3.0, 2.0, 2.0, 4.0, 3.0, 2.0, 1.0]))

    figures = list_figures(lists, table, EVIDENCE)

    assert lists["n"] == ["b", "c", "d", "a"]  # a tie goes by id
    assert list(figures.index) == ["n"]  # nobody suits the other need
    row = figures.loc["n"]
    dcg = 1 / np.log2(2) + 3 / np.log2(3) + 7 / np.log2(5)
    ideal = 7 / np.log2(2) + 3 / np.log2(3) + 1 / np.log2(4)
    assert row["ndcg"] == pytest.approx(dcg / ideal)
    assert row["precision"] == pytest.approx(2 / 5)
    assert row["found"] == 1.0
    assert (row["recall_ja"], row["recall_en"]) == (1.0, 1.0)


def test_a_suitable_person_below_the_tenth_is_missed_in_the_language_of_the_evidence() -> None:
    people = {f"p{i:02d}": 0 for i in range(10)}
    table = graded({"n": {**people, "a": 3, "c": 2}})
    lists = ordered_lists(table, np.r_[np.ones(10), 0.0, 2.0])

    row = list_figures(lists, table, EVIDENCE).loc["n"]

    assert (row["recall_ja"], row["recall_en"], row["found"]) == (0.0, 1.0, 1.0)


def test_evidence_is_in_the_language_of_most_seeds() -> None:
    seeds = pd.DataFrame({"seed_id": ["1", "2", "3", "4"], "lang": ["en", "ja", "ja", "en"]})
    authorships = pd.DataFrame(
        {"seed_id": ["1", "2", "3", "4"], "researcher_id": ["a", "a", "a", "b"]}
    )
    corpus = Corpus(seeds, pd.DataFrame({"researcher_id": ["a", "b"]}), authorships, "state")

    assert languages_of_evidence(corpus) == {"a": "ja", "b": "en"}


def test_nobody_fits_is_said_of_lists_whose_suitable_people_are_taken_out() -> None:
    needs, scores = {}, []
    for number in range(22):
        # one clearly suitable person above nine strangers, and a list's own grades, so its own topic
        needs[f"n{number:02d}"] = {f"s{number}": 3} | {f"x{number}-{i}": 0 for i in range(9)}
        scores += [4.0 + 0.01 * number] + [-4.0] * 9
    table = graded(needs)

    held = calibrated(table, np.array(scores))

    assert held.silent == {1: (1.0, 1.0), 2: (1.0, 1.0)}
    assert held.error < 0.05
    words = held.words.set_index("word")
    assert words.loc["strong", "pairs"] == 22
    assert words.loc["strong", "suitable"] == 1.0
    assert words.loc["weak", "of_all"] == 0.0
