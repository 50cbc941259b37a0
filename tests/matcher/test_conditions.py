"""Conditions of a need, told from its text in both languages."""

import time

import pytest

from matcher.conditions import (
    BUDGET,
    HORIZON,
    INDUSTRY,
    PLACE,
    SECRECY,
    SINCE,
    Condition,
    find_conditions,
)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("予算は年300万円です。", BUDGET, "予算は年300万円です"),
        ("費用は500万円まで。", BUDGET, "500万円"),
        ("We have 3 million yen for it.", BUDGET, "3 million yen"),
        ("6か月以内に試作したい。", HORIZON, "6か月以内"),
        ("A prototype is due within six months.", HORIZON, "within six months"),
        ("秘密保持契約を結べること。", SECRECY, "秘密保持"),
        ("An NDA is needed.", SECRECY, "NDA"),
        ("企業との共同研究の実績がある方。", INDUSTRY, "企業との共同研究の実績"),
        ("Who has worked with companies?", INDUSTRY, "worked with companies"),
        ("関西の大学だと助かります。", PLACE, "関西の大学"),
    ],
)
def test_a_condition_is_found_with_the_words_that_say_it(text: str, kind: str, said: str) -> None:
    assert find_conditions(text) == (Condition(kind, said),)


@pytest.mark.parametrize(
    ("text", "year"), [("2018年以降の研究に限る。", "2018"), ("Work since 2019 only.", "2019")]
)
def test_a_year_is_a_value_to_filter_by(text: str, year: str) -> None:
    assert [(one.kind, one.value) for one in find_conditions(text)] == [(SINCE, year)]


def test_a_place_is_one_that_the_list_has() -> None:
    found = find_conditions("できれば星見野大学で。県内の大学でも。", ["星見野大学", "霞野大学"])

    assert found == (Condition(PLACE, "星見野大学", "星見野大学"),)


@pytest.mark.parametrize(
    "text",
    [
        "薄い膜を探しています。",
        "We look for a thin film for fresh food.",
        "150 ℃以上に耐えること。",
    ],
)
def test_a_subject_alone_has_no_conditions(text: str) -> None:
    assert find_conditions(text) == ()


def test_what_was_said_stays_out_of_repr() -> None:
    assert "300" not in repr(find_conditions("予算は300万円です。"))


def test_a_need_of_digits_alone_takes_a_moment():
    began = time.process_time()
    for repeated in ("0", "0.", "三", "1 ", "within a "):
        list(find_conditions((repeated * 20_000)[:20_000]))
    assert time.process_time() - began < 1
