"""Candidates and their scores: both views of nearness, one scale, filters that change nothing."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from indexes.dense import DenseIndex
from indexes.lexical import LexicalIndex, LexicalIndexes
from matcher import retrieval
from matcher.retrieval import (
    CROSS_LANGUAGE_WEIGHT,
    HALF_WEIGHT_WORDS,
    SAME_LANGUAGE_WEIGHT,
    NeedQuery,
    PassageScorer,
    retrieve,
)
from matcher.snapshot import MIN_SAMPLE, Snapshot
from matcher.tokens import TOKENIZERS

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
        lexical[language] = LexicalIndex.build([tokens[row] for row in rows], rows)
    nothing: Any = None
    return Snapshot(
        version="v000001",
        manifest={},
        dense=DenseIndex.build(unit_rows(count, 1)),
        lexical=LexicalIndexes(lexical),
        sentence_vectors=nothing,
        profiles=nothing,
        means={},
        passages=pd.DataFrame({"seed_row": range(count), "lang": languages}),
        seeds=pd.DataFrame({"visibility": ["public"] * count}),
        researchers=nothing,
        authorships=nothing,
    )


QUERY = NeedQuery("n", "A robot and a film", "en", unit_rows(1, 2)[0])


def found_for(snapshot: Snapshot, allowed: NDArray[np.int64] | None = None) -> pd.DataFrame:
    return retrieve(PassageScorer(QUERY, snapshot), snapshot, allowed)


def shares(snapshot: Snapshot) -> NDArray[np.float32]:
    tokens = {language: tokenize(QUERY.text) for language, tokenize in TOKENIZERS.items()}
    return snapshot.lexical.score_rows(tokens, len(snapshot.passages))


def test_a_score_is_the_cosine_and_the_weighted_share_of_words() -> None:
    snapshot = snapshot_of(["en"] * 20 + ["ja"] * 10)

    found = found_for(snapshot)

    rows = np.arange(30)
    cosine = snapshot.dense.similarities(QUERY.vector, rows)
    words = len(set(TOKENIZERS["en"](QUERY.text)))
    within = SAME_LANGUAGE_WEIGHT * words / (words + HALF_WEIGHT_WORDS)
    weights = np.array([within] * 20 + [CROSS_LANGUAGE_WEIGHT] * 10)
    assert found["passage_row"].tolist() == rows.tolist()
    assert found["similarity"].to_numpy() == pytest.approx(cosine)
    assert found["score"].to_numpy() == pytest.approx(cosine + weights * shares(snapshot), abs=1e-5)


def test_two_languages_with_enough_passages_have_scores_of_one_level_and_spread() -> None:
    snapshot = snapshot_of(["en"] * 2 * MIN_SAMPLE + ["ja"] * 2 * MIN_SAMPLE)

    found = found_for(snapshot)["score"].to_numpy()

    english, japanese = found[: 2 * MIN_SAMPLE], found[2 * MIN_SAMPLE :]
    assert japanese.mean() == pytest.approx(english.mean(), abs=1e-4)
    assert japanese.std() == pytest.approx(english.std(), rel=1e-3)


@pytest.mark.parametrize("other", [10, 2 * MIN_SAMPLE])
def test_a_filter_leaves_its_passages_with_their_scores(other: int) -> None:
    snapshot = snapshot_of(["en"] * 2 * MIN_SAMPLE + ["ja"] * other)
    allowed = np.array([3, 7, 61, 62], dtype=np.int64)

    everything = found_for(snapshot).set_index("passage_row")
    some = found_for(snapshot, allowed).set_index("passage_row")

    assert some.index.tolist() == allowed.tolist()
    pd.testing.assert_frame_equal(some, everything.loc[allowed], check_exact=True)


def test_the_best_by_words_are_candidates_though_their_vectors_are_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retrieval, "CANDIDATES", 3)
    snapshot = snapshot_of(["en"] * 40)

    found = set(found_for(snapshot)["passage_row"])

    by_vector = set(snapshot.dense.search(QUERY.vector, 3).tolist())
    by_words = set(np.lexsort((np.arange(40), -shares(snapshot)))[:3].tolist())
    assert found == by_vector | by_words
    assert not by_words <= by_vector


def test_nothing_allowed_gives_a_table_without_rows() -> None:
    found = found_for(snapshot_of(["en"] * 5), np.zeros(0, dtype=np.int64))

    assert found.columns.tolist() == ["passage_row", "similarity", "lexical", "score"]
    assert found.empty
