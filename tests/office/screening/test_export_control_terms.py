"""Terms are found whatever the spelling, and not inside other words."""

import pytest

from office.screening.export_control_terms import Spellings, TermFinder

SPELLINGS = Spellings([("fibre", "fiber"), ("けい素", "ケイ素"), ("レーザー", "レーザ")])


def found(terms: list[str], text: str, harmless: tuple[str, ...] = ()) -> tuple[str, ...]:
    return TermFinder(terms, harmless, SPELLINGS).find(text)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("carbon fiber", "Carbon-Fibres of PAN"),
        ("carbon fiber", "ＣＡＲＢＯＮ\nfibre"),
        ("炭化ケイ素", "炭化けい素の結晶"),
        ("レーザー発振器", "ﾚｰｻﾞｰ発振器"),
        ("uav", "長距離のUAVを"),
        ("lithograph*", "nanolithographic? no, lithographic"),
        ("bsl-3", "a BSL 3 suite"),
        ("c c複合材", "C/C複合材"),
        ("ソナー", "水中・ソナー"),
        ("glass", "two glasses"),
    ],
)
def test_a_term_is_found_in_every_spelling(term: str, text: str) -> None:
    assert found([term], text) == (term,)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("ロケット", "スプロケットの歯"),
        ("ウラン", "ブラウランの色"),
        ("rov", "we improve and prove"),
        ("sonar", "sonarity"),
        ("radar", "unradared"),
        ("imu", "minimum"),
    ],
)
def test_a_term_inside_another_word_is_not_found(term: str, text: str) -> None:
    assert found([term], text) == ()


def test_what_lies_in_a_harmless_phrase_is_not_found_but_beside_it() -> None:
    assert found(["laser"], "A laser pointer.", ("laser pointer",)) == ()
    assert found(["laser"], "A laser pointer and a laser.", ("laser pointer",)) == ("laser",)


def test_overlapping_terms_are_all_found_once_each() -> None:
    terms = ["固体推進薬", "推進薬", "推進"]

    assert found(terms, "固体推進薬と推進薬") == ("固体推進薬", "推進薬", "推進")


def test_spellings_of_one_term_are_said_as_the_first_was_written() -> None:
    finder = TermFinder(["レーザー", "レーザ"], (), SPELLINGS)

    assert finder.find("レーザの光") == ("レーザー",)
    assert finder.as_found("レーザ") == "レーザー"


def test_a_term_of_one_letter_is_refused() -> None:
    with pytest.raises(ValueError, match="1 letters"):
        TermFinder(["核"])


def test_without_terms_nothing_is_found() -> None:
    assert found([], "anything") == ()
