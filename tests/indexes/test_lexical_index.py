"""Lexical scores on tables small enough to compute by hand."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexes.columns import Categories
from indexes.lexical import (
    K1,
    B,
    LexicalIndex,
    LinkedTerm,
    as_terms,
)
from indexes.lexical_query import LexicalIndexes, LexicalQuery
from indexes.selection import Selection
from tests.support.lexical import lexical_index

ROWS = np.array([2, 5, 7], dtype=np.int64)
TABLE = (("robot", "arm"), ("film", "coating"), ("robot", "leg"))


@pytest.fixture
def index() -> LexicalIndex:
    return lexical_index(TABLE, ROWS)


def scores_of(index: LexicalIndex, *tokens: str, rows: NDArray[np.int64] = ROWS) -> list[float]:
    return index.shares(index.weigh(as_terms(tokens)), rows).tolist()


def test_a_row_that_repeats_the_whole_need_once_scores_the_share_that_k1_allows(
    index: LexicalIndex,
) -> None:
    # all rows are as long as the mean, so that a token that occurs once counts 1 / (1 + K1)
    assert scores_of(index, "film", "coating") == pytest.approx([0, 1 / (1 + K1), 0])


def test_half_of_the_need_scores_half(index: LexicalIndex) -> None:
    half = 1 / 2 * 1 / (1 + K1)

    assert scores_of(index, "film", "arm") == pytest.approx([half, half, 0])


def test_a_need_twice_as_long_scores_the_same(index: LexicalIndex) -> None:
    once, twice = (scores_of(index, *("robot", "film") * times) for times in (1, 2))

    assert twice == pytest.approx(once)


def linked(index: LexicalIndex, *terms: LinkedTerm) -> list[float]:
    return index.shares(index.weigh(terms), ROWS).tolist()


def test_a_word_that_is_linked_to_one_token_scores_as_the_token(index: LexicalIndex) -> None:
    terms = (LinkedTerm(2, (("robot", 1.0),)), LinkedTerm(1, (("film", 1.0),)))

    assert linked(index, *terms) == pytest.approx(scores_of(index, "robot", "robot", "film"))


def test_translations_share_what_their_word_would_score(index: LexicalIndex) -> None:
    # all rows are as long as the mean, and both tokens stand in one row of three
    found = linked(index, LinkedTerm(1, (("film", 0.75), ("arm", 0.25))))

    assert found == pytest.approx([0.25 / (1 + K1), 0.75 / (1 + K1), 0])
    assert linked(index) == [0, 0, 0]
    assert index.holds("film")
    assert not index.holds("zeppelin")


def test_the_rarer_token_carries_more(index: LexicalIndex) -> None:
    with_robot, with_film, _ = scores_of(index, "robot", "film")

    assert 0 < with_robot < with_film


def test_tokens_that_no_row_has_count_as_the_rarest(index: LexicalIndex) -> None:
    beside_known = scores_of(index, "film", "arm")[1]
    beside_unknown = scores_of(index, "film", "nowhere")[1]

    assert 0 < beside_unknown < beside_known


def test_long_rows_score_less_for_the_same_token() -> None:
    index = lexical_index([["film"], ["film", "a", "b"]], np.array([0, 1]))
    short, long = scores_of(index, "film", rows=np.arange(2))

    assert short == pytest.approx(1 / (1 + K1 * (1 - B + B * 1 / 2)))
    assert long == pytest.approx(1 / (1 + K1 * (1 - B + B * 3 / 2)))


def test_a_need_without_a_known_token_scores_nothing(index: LexicalIndex) -> None:
    assert scores_of(index, "nowhere") == [0, 0, 0]
    assert scores_of(index) == [0, 0, 0]


WORDS = st.sampled_from(["a", "b", "c", "d", "e"])


@settings(max_examples=40)
@given(
    st.lists(st.lists(WORDS, max_size=12), min_size=1, max_size=6).filter(any),
    st.lists(WORDS, max_size=12),
)
def test_scores_lie_from_zero_to_below_one(table: list[list[str]], need: list[str]) -> None:
    index = lexical_index(table, np.arange(len(table)))

    for row, score in enumerate(scores_of(index, *need, rows=np.arange(len(table)))):
        assert 0 <= score < 1
        assert (score > 0) == bool(set(table[row]) & set(need))


def test_the_best_rows_are_found_and_no_row_without_a_word_of_the_need(index: LexicalIndex) -> None:
    words = index.weigh(as_terms(["robot", "leg"]))

    assert index.search(words, 2).tolist() == [7, 2]
    assert index.search(words, 9).tolist() == [7, 2]
    assert index.search(index.weigh(as_terms(["nowhere"])), 9).tolist() == []


@pytest.mark.parametrize("random_state", range(5))
def test_what_is_found_has_the_largest_shares(random_state: int) -> None:
    rng = np.random.default_rng(random_state)
    frequent = 1 / np.arange(1, 301)
    table = [
        [f"w{n}" for n in rng.choice(300, rng.integers(20, 60), p=frequent / frequent.sum())]
        for _ in range(2000)
    ]
    index = lexical_index(table, np.arange(2000))
    words = index.weigh(as_terms([f"w{n}" for n in rng.choice(300, 25)]))

    best = np.argsort(-index.shares(words, np.arange(2000)), kind="stable")[:20]

    assert len(np.intersect1d(best, index.search(words, 200))) >= 19


def test_a_filter_leaves_the_best_of_those_that_it_lets_pass() -> None:
    table = [["film", *["thin"] * (row % 7)] for row in range(100)]
    index = lexical_index(table, np.arange(100))
    words, allowed = index.weigh(as_terms(["film"])), np.arange(100) % 10 == 3

    found = index.search(words, 4, Selection.of(allowed))

    assert len(found) == 4
    assert allowed[found].all()
    assert sorted(found) == sorted(
        np.flatnonzero(allowed)[np.argsort(np.flatnonzero(allowed) % 7)][:4]
    )


def test_which_words_stand_in_which_rows(index: LexicalIndex) -> None:
    there = index.tokens_of(ROWS, ["robot", "film", "nowhere"])

    assert index.having({"robot"}).tolist() == [2, 7]
    assert index.having({"robot", "leg"}).tolist() == [7]
    assert index.having({"robot", "nowhere"}).tolist() == index.having(()).tolist() == []

    assert there.tolist() == [[True, False, True], [False, True, False], [False] * 3]


def test_a_word_with_a_blank_is_one_word() -> None:
    index = lexical_index([["new york", "film"], ["new", "york"]], np.arange(2))

    assert index.search(index.weigh(as_terms(["new york"])), 5).tolist() == [0]
    assert index.frequency("new york") == 1


def test_a_saved_index_scores_and_finds_as_before(index: LexicalIndex, tmp_path: Path) -> None:
    lexical_index(TABLE, ROWS, folder=tmp_path / "en")

    loaded = LexicalIndex.load(tmp_path / "en")
    words = loaded.weigh(as_terms(["robot", "film", "x"]))

    assert scores_of(loaded, "robot", "film", "x") == scores_of(index, "robot", "film", "x")
    assert loaded.search(words, 3).tolist() == index.search(words, 3).tolist()


def test_each_language_is_searched_with_its_own_tokens(tmp_path: Path) -> None:
    folder = tmp_path / "lexical"
    folder.mkdir()
    lexical_index([["膜"], ["robot", "腕"]], np.array([1, 3]), folder=folder / "ja")
    lexical_index([["robot"], ["film"]], np.array([0, 2]), folder=folder / "en")
    indexes = LexicalIndexes.load(tmp_path)
    words = LexicalQuery.of(indexes, {"ja": ["腕"], "en": ["robot"]})
    languages = Categories.of(["en", "ja", "en", "ja", "xx"])

    assert indexes.languages == ("en", "ja")
    assert sorted(words.search(5)) == [0, 3]
    assert np.flatnonzero(words.shares(np.arange(5), languages)).tolist() == [0, 3]


def test_an_index_without_any_language_scores_every_row_zero(tmp_path: Path) -> None:
    (tmp_path / "lexical").mkdir()
    words = LexicalQuery.of(LexicalIndexes.load(tmp_path), {})

    assert words.shares(np.arange(2), Categories.of(["ja", "en"])).tolist() == [0, 0]
    assert words.search(5).tolist() == []


def test_a_loaded_index_leaves_its_tokens_on_disk_and_outlives_its_files(tmp_path: Path) -> None:
    index = lexical_index(TABLE, ROWS, folder=tmp_path / "en")
    before = scores_of(index, "film", "arm")

    loaded = LexicalIndex.load(tmp_path / "en")
    words = loaded.weigh(as_terms(["film", "arm"]))
    shutil.rmtree(tmp_path / "en")

    assert all(isinstance(values.base, np.memmap) for values in vars(loaded._arrays).values())
    assert scores_of(loaded, "film", "arm") == before
    assert sorted(loaded.search(words, 3)) == [2, 5]


def test_rows_that_do_not_count_are_scored_by_the_others_and_change_nothing(tmp_path: Path) -> None:
    table = [["film", "thin"], ["film", "arm"], ["film", "thin"], ["zeppelin", "film", "film"]]
    counted = np.array([True, True, False, False])
    alone = lexical_index(table[:2], np.array([0, 1]))
    lexical_index(table, np.arange(4), counted, folder=tmp_path / "en")
    index = LexicalIndex.load(tmp_path / "en")

    need = ("film", "thin", "zeppelin")
    scores = scores_of(index, *need, rows=np.arange(4))
    assert scores[:2] == scores_of(alone, *need, rows=np.arange(2))
    assert scores[2] == pytest.approx(scores[0])
    assert sorted(index.search(index.weigh(as_terms(need)), 9)) == [0, 1, 2, 3]
    assert index.idf("film") == alone.idf("film")
    assert index.idf("zeppelin") == alone.idf("zeppelin") == index.idf("nowhere")
    assert not index.holds("zeppelin")
