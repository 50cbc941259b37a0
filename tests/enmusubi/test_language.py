"""Telling Japanese from other text, and cleaning what comes in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enmusubi.language import clean_text, detect_language


@pytest.mark.parametrize(
    "text",
    [
        "食品包装の酸素バリア性を高めたい。",
        "ひらがなだけ",
        "ｾﾝｻで測る",
        "CNN と LSTM による MRI 画像の解析",
        "𝐀を測る装置",
    ],
)
def test_text_with_a_fifth_of_kana_or_kanji_is_japanese(text: str) -> None:
    assert detect_language(text) == "ja"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "12345 ①",
        "Soft grippers for fruit.",
        "Le capteur mesure l'humidité.",
        "The word 縁 means a bond between people in Japanese.",
    ],
)
def test_other_text_counts_as_english(text: str) -> None:
    assert detect_language(text) == "en"


def test_letters_that_cannot_be_kept_stand_as_missing() -> None:
    assert clean_text("\ue000田\ud842 花\ufffd") == "〓田〓 花〓"
    assert clean_text("名札\ufffd") == "名札〓"


def test_control_characters_go_and_line_ends_become_one_kind() -> None:
    dirty = "\ufeff a\x00b\u202e\r\nc\rd\te\x1b[31m \n"

    assert clean_text(dirty) == "ab\nc\nd\te[31m"


@given(st.text())
def test_clean_text_stays_as_it_is_and_can_always_be_written(text: str) -> None:
    cleaned = clean_text(text)

    assert clean_text(cleaned) == cleaned
    cleaned.encode("utf-8")
    assert not {unicodedata.category(c) for c in cleaned.replace("\n", "").replace("\t", "")} & {
        "Cc",
        "Cf",
        "Cs",
    }
