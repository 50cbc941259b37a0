"""Lexical scores on tables small enough to compute by hand."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes.lexical import K1, B, LexicalIndex, LexicalIndexes, LinkedTerm

ROWS = np.array([2, 5, 7], dtype=np.int64)
TABLE = (("robot", "arm"), ("film", "coating"), ("robot", "leg"))


@pytest.fixture
def index() -> LexicalIndex:
    return LexicalIndex.build(TABLE, ROWS)


def scores_of(index: LexicalIndex, *tokens: str) -> list[float]:
    rows, scores = index.score_rows(tokens)
    assert rows.tolist() == sorted(rows.tolist())
    return [float(score) for score in scores]


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
    rows, scores = index.score_linked(terms)
    assert rows.tolist() == sorted(rows.tolist())
    return [float(score) for score in scores]


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


def test_rows_outside_the_statistics_score_by_them_where_words_are_linked() -> None:
    index = LexicalIndex.build(TABLE, ROWS, np.array([True, True, False]))
    term = LinkedTerm(1, (("robot", 1.0),))

    rows, scores = index.score_linked([term])
    straight = index.score_rows(["robot"])

    assert rows.tolist() == straight[0].tolist() == [2, 5, 7]
    assert scores.tolist() == pytest.approx(straight[1].tolist())
    assert scores[2] > 0


def test_the_rarer_token_carries_more(index: LexicalIndex) -> None:
    with_robot, with_film, _ = scores_of(index, "robot", "film")

    assert 0 < with_robot < with_film


def test_tokens_that_no_row_has_count_as_the_rarest(index: LexicalIndex) -> None:
    beside_known = scores_of(index, "film", "arm")[1]
    beside_unknown = scores_of(index, "film", "nowhere")[1]

    assert 0 < beside_unknown < beside_known


def test_long_rows_score_less_for_the_same_token() -> None:
    index = LexicalIndex.build([["film"], ["film", "a", "b"]], np.array([0, 1]))
    short, long = scores_of(index, "film")

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
    index = LexicalIndex.build(table, np.arange(len(table)))

    for row, score in enumerate(scores_of(index, *need)):
        assert 0 <= score < 1
        assert (score > 0) == bool(set(table[row]) & set(need))


def test_a_saved_index_scores_as_before(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "en")

    loaded = LexicalIndex.load(tmp_path / "en")

    assert scores_of(loaded, "robot", "film", "x") == scores_of(index, "robot", "film", "x")


@pytest.fixture
def indexes() -> LexicalIndexes:
    japanese = LexicalIndex.build([["膜"], ["robot", "腕"]], np.array([1, 3]))
    english = LexicalIndex.build([["robot"], ["film"]], np.array([0, 2]))
    return LexicalIndexes({"ja": japanese, "en": english})


def test_each_language_is_searched_with_its_own_tokens(indexes: LexicalIndexes) -> None:
    scores = indexes.score_rows({"ja": ["腕"], "en": ["robot"]}, 5)

    assert indexes.languages == ("en", "ja")
    assert np.flatnonzero(scores).tolist() == [0, 3]


def test_saved_languages_come_back(indexes: LexicalIndexes, tmp_path: Path) -> None:
    indexes.save(tmp_path)

    loaded = LexicalIndexes.load(tmp_path)

    tokens = {"ja": ["膜", "腕"], "en": ["film"]}
    assert loaded.score_rows(tokens, 4).tolist() == indexes.score_rows(tokens, 4).tolist()


def test_an_index_without_any_language_scores_every_row_zero(tmp_path: Path) -> None:
    LexicalIndexes({}).save(tmp_path)

    assert LexicalIndexes.load(tmp_path).score_rows({}, 2).tolist() == [0, 0]


def test_a_loaded_index_leaves_its_postings_on_disk_and_outlives_its_files(
    index: LexicalIndex, tmp_path: Path
) -> None:
    before = scores_of(index, "film", "arm")
    index.save(tmp_path / "en")

    loaded = LexicalIndex.load(tmp_path / "en")
    shutil.rmtree(tmp_path / "en")

    postings = loaded._bm25.scores
    assert all(isinstance(postings[part], np.memmap) for part in ("data", "indices", "indptr"))
    assert scores_of(loaded, "film", "arm") == before


def test_rows_that_do_not_count_are_scored_by_the_others_and_change_nothing() -> None:
    table = [["film", "thin"], ["film", "arm"], ["film", "thin"], ["zeppelin", "film", "film"]]
    counted = np.array([True, True, False, False])
    alone = LexicalIndex.build(table[:2], np.array([0, 1]))
    index = LexicalIndex.build(table, np.arange(4), counted)

    rows, scores = index.score_rows(["film", "thin", "zeppelin"])
    assert rows.tolist() == [0, 1, 2, 3]
    assert scores[:2].tolist() == alone.score_rows(["film", "thin", "zeppelin"])[1].tolist()
    assert scores[2] == pytest.approx(scores[0])
    found, told = index.postings("film")
    assert (found.tolist(), told) == ([0, 1, 2, 3], alone.postings("film")[1])
    assert index.postings("zeppelin")[1] == alone.postings("zeppelin")[1]


def test_rows_that_do_not_count_are_saved_with_the_others(tmp_path: Path) -> None:
    table = [["film", "thin"], ["film", "膜"], ["arm"]]
    index = LexicalIndex.build(table, np.array([1, 4, 6]), np.array([False, True, False]))
    index.save(tmp_path / "en")

    loaded = LexicalIndex.load(tmp_path / "en")
    for token in ("film", "膜", "arm", "unknown"):
        assert np.array_equal(index.score_rows([token]), loaded.score_rows([token]))
