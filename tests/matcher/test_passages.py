"""Sentences and passages: nothing of a seed is lost, and everything points back to its place."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matcher.passages import (
    MAX_SENTENCE_CHARS,
    MAX_TITLE_TOKENS,
    OVERLAP_TOKENS,
    Passage,
    Span,
    split_passages,
    split_sentences,
)

MAX_TOKENS = 160


def words(text: str) -> list[Span]:
    return [match.span() for match in re.finditer(r"\S+", text)]


def characters(text: str) -> list[Span]:
    return [(i, i + 1) for i in range(len(text))]


def words_with_the_blank_before(text: str) -> list[Span]:
    return [match.span() for match in re.finditer(r"\s*[^\s]{1,4}", text)]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("膜を作る。水を通す。", ["膜を作る。", "水を通す。"]),
        ("膜を作る．水を通す！本当か？", ["膜を作る．", "水を通す！", "本当か？"]),
        ("「水を通す。」と述べた。", ["「水を通す。」", "と述べた。"]),
        ("測った（図1を見よ。）次に洗う。", ["測った（図1を見よ。）", "次に洗う。"]),
        ("改行で\n切る", ["改行で", "切る"]),
        ("One film. Another film.", ["One film.", "Another film."]),
        ("It works (see Fig. 2). Then we stop.", ["It works (see Fig. 2).", "Then we stop."]),
        ("Made by Dr. Mori et al. Later sold.", ["Made by Dr. Mori et al. Later sold."]),
        ("Grew by 3.5 mm. Then fell.", ["Grew by 3.5 mm.", "Then fell."]),
        ("Uses e.g. Zinc and i.e. Tin.", ["Uses e.g. Zinc and i.e. Tin."]),
        ('He said "no." Then left.', ['He said "no."', "Then left."]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("a line that was\nwrapped by hand", ["a line that was\nwrapped by hand"]),
        ("First item\n\nSecond item", ["First item", "Second item"]),
        ("See www.example.org for more.", ["See www.example.org for more."]),
        ("", []),
        (" \n\t ", []),
        ("。", ["。"]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_sentence_without_any_stop_is_cut_at_a_readable_length() -> None:
    text = "膜" * (2 * MAX_SENTENCE_CHARS + 5)

    assert [len(sentence) for sentence in sentences(text)] == [600, 600, 5]


TEXTS = st.text(
    st.sampled_from("ab Z1 .。．！?」)(「\"'\n\t　%漢字かなｶﾅ①～𠮷e\u0301"), max_size=400
) | st.lists(
    st.sampled_from(
        ["Films are made. ", "膜を作る。", "see Fig. 2 of it", "\n", "x" * 900, "3.5 mm ", "!", " "]
    ),
    max_size=60,
).map("".join)


@given(TEXTS)
@example("a.\n b")
@example("Fig. A. B")
def test_sentences_cover_every_visible_character_once_and_in_order(text: str) -> None:
    spans = split_sentences(text)

    assert all(start < end for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@settings(max_examples=150)
@given(
    st.text(st.sampled_from("ab 題名。"), max_size=150),
    TEXTS,
    st.sampled_from([words, characters, words_with_the_blank_before]),
)
def test_no_part_of_a_text_is_lost_or_altered(
    title: str, text: str, token_spans: Callable[[str], list[Span]]
) -> None:
    passages = split_passages(title, text, token_spans, max_tokens=MAX_TOKENS)

    covered: set[int] = set()
    for passage in passages:
        assert len(token_spans(passage.text)) <= MAX_TOKENS + 1  # the line end after the title
        for sentence in passage.sentences:
            source = title.strip() if sentence.field == "title" else text
            length = sentence.end - sentence.start
            found = source[sentence.source_start : sentence.source_start + length]
            assert passage.text[sentence.start : sentence.end] == found
            if sentence.field == "text":
                covered |= set(range(sentence.source_start, sentence.source_start + length))
    assert all(i in covered for i, character in enumerate(text) if not character.isspace())
    assert bool(passages) == bool(title.strip() or text.strip())


def body_starts(passages: list[Passage]) -> list[int]:
    return [next(s.source_start for s in p.sentences if s.field == "text") for p in passages]


def test_the_title_leads_every_passage() -> None:
    text = " ".join(f"This is sentence number {i}." for i in range(100))

    passages = split_passages("On films", text, words, max_tokens=MAX_TOKENS)

    assert len(passages) > 3
    assert all(passage.text.startswith("On films\nThis is") for passage in passages)
    assert all(passage.sentence_texts()[0] == "On films" for passage in passages)


def test_neighbouring_passages_share_at_most_the_agreed_overlap() -> None:
    text = " ".join(f"This is sentence number {i}." for i in range(100))

    passages = split_passages("", text, words, max_tokens=MAX_TOKENS)

    for before, after in pairwise(passages):
        shared = set(before.sentence_texts()) & set(after.sentence_texts())
        assert 0 < sum(len(sentence.split()) for sentence in shared) <= OVERLAP_TOKENS


def test_tokens_that_begin_with_a_blank_fill_a_passage_and_no_more() -> None:
    text = "Is it so? " * 200

    passages = split_passages("", text, words_with_the_blank_before, max_tokens=MAX_TOKENS)

    sizes = [len(words_with_the_blank_before(passage.text)) for passage in passages]
    assert max(sizes) <= MAX_TOKENS
    assert all(size > MAX_TOKENS - 10 for size in sizes[:-1])


def test_a_sentence_longer_than_a_passage_is_cut_between_tokens() -> None:
    text = " ".join(f"w{i}" for i in range(100)) + "。"

    passages = split_passages("", text, words, max_tokens=50)

    assert [len(words(passage.text)) for passage in passages] == [50, 50]
    assert " ".join(p.text.strip() for p in passages) == text


def test_a_title_of_a_whole_page_is_shortened_and_leaves_room_for_the_text() -> None:
    title = " ".join(f"t{i}" for i in range(500))

    (passage,) = split_passages(title, "The text.", words, max_tokens=MAX_TOKENS)

    assert len(words(passage.text)) == MAX_TITLE_TOKENS + 2
    assert passage.sentence_texts()[1] == "The text."


def test_a_title_alone_is_a_passage_and_blanks_are_none() -> None:
    (passage,) = split_passages(" On films ", " \n", words, max_tokens=MAX_TOKENS)

    assert (passage.text, passage.sentence_texts()) == ("On films", ["On films"])
    assert split_passages("", " ", words, max_tokens=MAX_TOKENS) == []
