"""Tokens of both languages: words in one normal form, compounds with their parts."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from matcher.tokens import (
    SUDACHI_MAX_BYTES,
    TOKENIZERS,
    Tokenize,
    english_tokens,
    japanese_tokens,
    wished_act,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("機械学習", ["機械学習", "機械", "学習"]),
        ("画像処理装置", ["画像", "処理", "装置"]),
        ("走って測った", ["走る", "測る"]),
        ("", []),
        ("、。！", []),
    ],
)
def test_japanese_words_come_with_the_parts_of_compounds(text: str, expected: list[str]) -> None:
    assert japanese_tokens(text) == expected


@pytest.mark.parametrize(
    "variants", [("ｾﾝｻｰ", "センサ", "センサー"), ("ＡＩ技術", "AI技術", "ai技術"), ("①", "1", "１")]
)
def test_ways_to_write_a_word_give_the_same_tokens(variants: tuple[str, ...]) -> None:
    assert len({tuple(japanese_tokens(text)) for text in variants}) == 1


def test_english_words_become_stems_without_stop_words() -> None:
    text = "Long-life coatings for the robots’ hands, measured with a ５ mm probe"

    assert english_tokens(text) == [
        *("long", "life", "coat", "robot", "hand", "measur", "5", "mm", "probe")
    ]
    assert english_tokens("of the a x !") == []


def test_a_text_longer_than_sudachi_takes_is_cut_without_losing_words() -> None:
    sentence = "燃料電池の膜を測る。"
    form_deduplicator = 3 * SUDACHI_MAX_BYTES // len(sentence.encode())

    assert (
        japanese_tokens(sentence * form_deduplicator)
        == japanese_tokens(sentence) * form_deduplicator
    )


def test_a_text_without_any_stop_is_cut_all_the_same() -> None:
    assert set(japanese_tokens("膜" * SUDACHI_MAX_BYTES)) == {"膜"}


@pytest.mark.parametrize("tokenize", TOKENIZERS.values())
def test_several_threads_cut_texts_at_once(tokenize: Tokenize) -> None:
    text = "深層学習による欠陥検出 with soft robots and their hands。" * 30
    expected = tokenize(text)

    with ThreadPoolExecutor(8) as pool:
        assert all(tokens == expected for tokens in pool.map(tokenize, [text] * 60))


@pytest.mark.parametrize(
    ("wish", "act"),
    [
        ("膜の寿命を知りたい", "膜の寿命を知ること"),
        ("廃棄を減らしたいです。", "廃棄を減らすこと"),
        ("装置を借りたい", "装置を借りること"),
        ("新しい分野に参入したい", "新しい分野に参入すること"),
        ("匂いが残らないようにしたい。", "匂いが残らないようにすること"),
        ("冷たい飲み物", "冷たい飲み物"),
    ],
)
def test_a_wish_is_said_as_what_is_to_be_done(wish: str, act: str) -> None:
    assert wished_act(wish) == act
