"""Whoever a filter leaves out, those left keep every number of theirs, to the last digit."""

from pathlib import Path
from typing import Any

import numpy as np

from cli.measuring.made_up_version import generate
from matcher.features.coverage import sentence_nearness
from matcher.features.people import gather_seeds
from matcher.recommender import Recommender
from matcher.records import Filters, MatchList, Need
from matcher.retrieval import NeedQuery, PassageScorer
from matcher.version_files import read_snapshot
from tests.support.near_passages import NearPassages

# what a filter of people leaves as it is; `votes` counts places among those who are left
PERSONAL = (
    "dense_soft",
    "profile",
    "sentence_best",
    "lexical_coverage",
    "words_best",
    "long_words",
    "domain",
)


def numbers(listed: MatchList) -> dict[str, Any]:
    return {
        match.researcher.researcher_id: (
            match.score,
            match.probability,
            {c.feature: c.value for c in match.contributions if c.feature in PERSONAL},
        )
        for match in listed.matches
        if match.probability is not None
    }


def test_people_keep_their_numbers_whoever_is_left_out(tmp_path: Path) -> None:
    snapshot = read_snapshot(generate(tmp_path / "version", 2_500))
    encoder: Any = NearPassages()
    recommender = Recommender(snapshot, encoder)
    for row in (0, 700, 1400):
        text = snapshot.passages.texts("text")[row]
        encoder.vectors[text] = snapshot.dense.vectors(np.array([row]))[0]
        everyone = numbers(recommender.match(Need(text), top=200))
        for department in (3, 17):
            filters = Filters(departments=(f"Department {department}",))
            some = numbers(recommender.match(Need(text), top=200, filters=filters))
            shared = everyone.keys() & some.keys()
            assert shared
            assert {one: some[one] for one in shared} == {one: everyone[one] for one in shared}


def test_sentences_are_as_near_whoever_is_beside(tmp_path: Path) -> None:
    snapshot = read_snapshot(generate(tmp_path / "version", 2_500))
    vectors = snapshot.dense.vectors(np.arange(0, 2_500, 250))
    scorer = PassageScorer(NeedQuery("", "Film", "en", vectors[0], vectors[1:]), snapshot)
    owners = np.unique(snapshot.authorship_rows[1])
    together = sentence_nearness(gather_seeds(owners, scorer, snapshot), scorer, snapshot, 5)
    for first in range(0, 60, 3):
        some = gather_seeds(owners[first : first + 2], scorer, snapshot)
        apart = sentence_nearness(some, scorer, snapshot, 5)
        assert np.array_equal(apart, together[:, first : first + 2])
