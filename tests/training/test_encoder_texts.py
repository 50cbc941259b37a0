"""Texts before they are trained on: without names and addresses, and cut differently each time."""

from random import Random

import pytest

from training.encoder.augmentation import Text, crop_long, crop_short, join_translations
from training.encoder.privacy import Redactor

# made-up people
NAMES = [
    "山田 花子",
    "田中次郎",
    "ジョン・ドウ",
    "Hanako Yamada",
    "NAKAMURA Ichiro",
    "Doe, Jane Ann",
]


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor(NAMES)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Write to h.yamada+lab@example.ac.jp today.", "Write to today."),
        ("Write to hanako [at] example [dot] jp today.", "Write to today."),
        ("連絡はhanako＠example.ac.jpまで。", "連絡は まで。"),
        ("See https://example.org/~yamada/ for more.", "See for more."),
        ("See www.example.org、例である。", "See 、例である。"),
        ("ORCID 0000-0002-1825-0097 is known.", "ORCID is known."),
    ],
)
def test_addresses_are_removed(redactor: Redactor, text: str, left: str) -> None:
    assert redactor.clean(text) == left


@pytest.mark.parametrize(
    "line",
    [
        "Instructor: Nobody Known",
        "Lecturer(s): A. Nobody, B. Noone",
        "Principal Investigator: Nobody Known, Ph.D.",
        "E-mail: ask at the office",
        "Office hours: Monday",
        "担当教員：無名 太郎",
        "担当教員名（所属）：無名 太郎",
        "研究代表者: 無名太郎",
        "連絡先：内線 1234",
        "・氏名： 無名太郎",
    ],
)
def test_lines_that_name_a_person_are_removed(redactor: Redactor, line: str) -> None:
    assert redactor.clean(f"Films for food.\n{line}\nThey keep oxygen out.") == (
        "Films for food.\nThey keep oxygen out."
    )


def test_a_labelled_sentence_goes_without_its_neighbours(redactor: Redactor) -> None:
    text = "膜の研究を行う。担当教員：無名太郎。酸素を通さない膜である。"

    assert redactor.clean(text) == "膜の研究を行う。酸素を通さない膜である。"


@pytest.mark.parametrize(
    "name",
    [
        "Hanako Yamada",
        "YAMADA Hanako",
        "Yamada, H.",
        "H. Yamada",
        "Ichiro Nakamura",
        "Nakamura Ichiro",
        "Jane Ann Doe",
        "J. A. Doe",
        "Jane Doe",
        "Prof. Unknown",
        "Dr. U. N. Known",
    ],
)
def test_known_names_in_latin_letters_are_removed(redactor: Redactor, name: str) -> None:
    left = {"The sensor by works.", "The sensor by . works."}  # an initial's stop may stay

    assert redactor.clean(f"The sensor by {name} works.") in left


@pytest.mark.parametrize("name", ["Yamada", "Yamada's", "Doe", "Nakamura"])
def test_family_names_are_removed_beside_a_laboratory(redactor: Redactor, name: str) -> None:
    assert redactor.clean(f"The {name} laboratory works.") == "The laboratory works."


def test_lists_of_names_may_hold_anything() -> None:
    assert (
        Redactor(["", ",", ", A B", "-", "；", "山", "X"]).clean("山はXである。") == "山はXである。"
    )


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("山田花子は膜を作る。", "は膜を作る。"),
        ("山田　花子と田中次郎の膜。", "との膜。"),
        ("山田・花子の膜。", "の膜。"),
        ("山田教授の膜。", "の膜。"),
        ("山田研究室の膜。", "の膜。"),
        ("ジョン・ドウの膜。", "の膜。"),
    ],
)
def test_known_names_in_japanese_are_removed(redactor: Redactor, text: str, left: str) -> None:
    assert redactor.clean(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "A group of yamada strains was grown.",
        "Hanako alone, or Yamada alone, may be a word.",
        "山田の地形は棚田である。",
        "教授法の研究：授業の改善。",
        "Professor of chemistry is a title.",
        "Contact angles: 30 to 90 degrees.",
        "J. of Doe is none of them.",
        "The precision@k is 3 @ 1.5 V at RoboCup@Home.",
        "Anti-tamper (AT) devices. They are kept.",
    ],
)
def test_what_is_no_name_stays(redactor: Redactor, text: str) -> None:
    assert redactor.clean(text) == text


def test_a_text_that_is_nothing_but_names_becomes_empty(redactor: Redactor) -> None:
    assert redactor.clean("Instructor: Hanako Yamada") == ""


BODY = "First we measure. Then we compute. Third comes a model. At last we compare. Then we end."
SEED = Text("A title", BODY, "en")


def test_short_cuts_are_neighbouring_sentences_of_the_text() -> None:
    cuts = {crop_short(SEED, Random(n)) for n in range(200)}

    bodies = {cut.removeprefix("A title\n") for cut in cuts}
    assert all(body in BODY for body in bodies)
    assert len(bodies) > 8
    assert {"First we measure.", "At last we compare."} <= bodies


def test_titles_are_dropped_more_often_from_short_cuts_than_from_long_ones() -> None:
    def titled(crop: object) -> int:
        return sum(crop(SEED, Random(n)).startswith("A title") for n in range(400))  # type: ignore[operator]

    assert 20 < titled(crop_short) < 100
    assert 180 < titled(crop_long) < 300


def test_long_cuts_reach_to_the_end() -> None:
    assert all(crop_long(SEED, Random(n)).endswith("Then we end.") for n in range(50))


@pytest.mark.parametrize("crop", [crop_short, crop_long])
def test_a_seed_without_text_is_its_title_and_one_without_title_its_text(crop: object) -> None:
    for n in range(20):
        assert crop(Text("Only a title", "", "en"), Random(n)) == "Only a title"  # type: ignore[operator]
        assert crop(Text("", "One sentence.", "en"), Random(n)) == "One sentence."  # type: ignore[operator]


def test_translations_are_joined_as_sentences_or_as_a_list_of_terms() -> None:
    assert join_translations([("雨だ。", "It rains."), ("晴れた！", "Sun!")]) == (
        "雨だ。晴れた！",
        "It rains. Sun!",
    )
    assert join_translations([("発酵", "fermentation"), ("膜", "membrane")]) == (
        "発酵、膜",
        "fermentation, membrane",
    )
