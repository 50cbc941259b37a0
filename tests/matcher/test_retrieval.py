"""Candidates and their scores: both views of nearness, one scale, filters that change nothing."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexes.dense import DenseIndex
from indexes.lexical_query import LexicalIndexes, LexicalQuery
from indexes.selection import Selection
from matcher import retrieval
from matcher.filtering import Allowed
from matcher.retrieval import (
    CROSS_LANGUAGE_WEIGHT,
    HALF_WEIGHT_WORDS,
    SAME_LANGUAGE_WEIGHT,
    NeedQuery,
    PassageScorer,
    ScoredPassages,
    retrieve,
)
from matcher.snapshot import MIN_SAMPLE, Snapshot
from matcher.tables import PASSAGE_KINDS, STORED_SEED_KINDS, table_of
from matcher.tokens import TOKENIZERS
from tests.support.lexical import lexical_index

DIMENSION = 8
WORDS = {"en": ("robot", "film", "fruit", "steel"), "ja": ("ロボット", "フィルム", "果物", "鋼")}


def unit_rows(count: int, random_state: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(random_state).standard_normal((count, DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def snapshot_of(languages: list[str]) -> Snapshot:
    """Random vectors; each row has one of its language's words, every third the first besides."""
    count = len(languages)
    tokens = [
        [WORDS[language][row % 4], *WORDS[language][: int(row % 3 == 0)]]
        for row, language in enumerate(languages)
    ]
    lexical = {}
    for language in sorted(set(languages)):
        rows = np.flatnonzero(np.array(languages) == language)
        lexical[language] = lexical_index([tokens[row] for row in rows], rows)
    nothing: Any = None
    return Snapshot(
        version="v000001",
        manifest={},
        dense=DenseIndex.build(unit_rows(count, 1)),
        lexical=LexicalIndexes(lexical),
        sentence_vectors=nothing,
        profiles=nothing,
        means={},
        passages=table_of(PASSAGE_KINDS, {"seed_row": range(count), "lang": languages}),
        sentences=nothing,
        seeds=table_of(STORED_SEED_KINDS, {"visibility": ["public"] * count}),
        researchers=nothing,
        authorships=nothing,
    )


QUERY = NeedQuery("n", "A robot and a film", "en", unit_rows(1, 2)[0])


def found_for(snapshot: Snapshot, rows: NDArray[np.int64] | None = None) -> ScoredPassages:
    count = len(snapshot.passages)
    allowed = None
    if rows is not None:
        allowed = Allowed(np.ones(count, dtype=bool), Selection.of_rows(rows, count))
    return retrieve(PassageScorer(QUERY, snapshot), snapshot, allowed)


def shares(snapshot: Snapshot) -> NDArray[np.float32]:
    tokens = {language: tokenize(QUERY.text) for language, tokenize in TOKENIZERS.items()}
    rows = np.arange(len(snapshot.passages))
    words = LexicalQuery.of(snapshot.lexical, tokens)
    return words.shares(rows, snapshot.language_of_passage)


def test_a_score_is_the_cosine_and_the_weighted_share_of_words() -> None:
    snapshot = snapshot_of(["en"] * 20 + ["ja"] * 10)

    found = found_for(snapshot)

    rows = np.arange(30)
    cosine = snapshot.dense.similarities(QUERY.vector, rows)
    words = len(set(TOKENIZERS["en"](QUERY.text)))
    within = SAME_LANGUAGE_WEIGHT * words / (words + HALF_WEIGHT_WORDS)
    weights = np.array([within] * 20 + [CROSS_LANGUAGE_WEIGHT] * 10)
    assert found.rows.tolist() == rows.tolist()
    assert found.similarity == pytest.approx(cosine)
    assert found.score == pytest.approx(cosine + weights * shares(snapshot), abs=1e-5)


def test_two_languages_with_enough_passages_have_scores_of_one_level_and_spread() -> None:
    snapshot = snapshot_of(["en"] * 2 * MIN_SAMPLE + ["ja"] * 2 * MIN_SAMPLE)

    found = found_for(snapshot).score

    english, japanese = found[: 2 * MIN_SAMPLE], found[2 * MIN_SAMPLE :]
    assert japanese.mean() == pytest.approx(english.mean(), abs=1e-4)
    assert japanese.std() == pytest.approx(english.std(), rel=1e-3)


@pytest.mark.parametrize("other", [10, 2 * MIN_SAMPLE])
def test_a_filter_leaves_its_passages_with_their_scores(other: int) -> None:
    snapshot = snapshot_of(["en"] * 2 * MIN_SAMPLE + ["ja"] * other)
    allowed = np.array([3, 7, 61, 62], dtype=np.int64)

    everything, some = found_for(snapshot), found_for(snapshot, allowed)

    assert some.rows.tolist() == allowed.tolist()
    for name, values in vars(everything.take(allowed)).items():
        assert values.tolist() == getattr(some, name).tolist()


def test_what_was_scored_before_has_the_same_scores_again() -> None:
    snapshot = snapshot_of(["en"] * 2 * MIN_SAMPLE + ["ja"] * 40)
    fresh, again = PassageScorer(QUERY, snapshot), PassageScorer(QUERY, snapshot)
    rows = np.arange(20, 90)

    again.score(np.array([10, 40, 70]))
    again.score(np.arange(60, 80))

    for name, values in vars(fresh.score(rows)).items():
        assert values.tolist() == getattr(again.score(rows), name).tolist()


def test_the_best_by_words_are_candidates_though_their_vectors_are_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retrieval, "BY_VECTOR", 3)
    monkeypatch.setattr(retrieval, "BY_WORDS", 3)
    snapshot = snapshot_of(["en"] * 40)

    found = set(found_for(snapshot).rows.tolist())

    by_vector = set(snapshot.dense.search(QUERY.vector, 3).tolist())
    by_words = sorted(found - by_vector)
    assert by_vector <= found
    assert 0 < len(by_words) <= 3
    assert shares(snapshot)[by_words].min() > 0


def test_nothing_allowed_gives_a_table_without_rows() -> None:
    found = found_for(snapshot_of(["en"] * 5), np.zeros(0, dtype=np.int64))

    assert {len(values) for values in vars(found).values()} == {0}
