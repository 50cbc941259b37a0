"""Cells become values, or a reason that never holds the value."""

import contextlib
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importers import values
from catalogue.records.drafts import BadValueError, shape_of


@pytest.mark.parametrize(
    ("parse", "given", "expected"),
    [
        (values.year, "2021", 2021),
        (values.year, 2021.0, 2021),
        (values.year, "２０２１年", 2021),
        (values.year, "2021-04-01", 2021),
        (values.year, datetime(2020, 1, 2), 2020),
        (values.year, " ", None),
        (values.year, "2021年度", 2021),
        (values.year, "令和３年度", 2021),
        (values.year, "㋿元年", 2019),
        (values.year, "平成元年度", 1989),
        (values.year, "平成30(2018)年", 2018),
        (values.year, "平成35年度", 2023),
        (values.year, "昭和64年1月7日", 1989),
        (values.year, "大正 15年", 1926),
        (values.year, "明治45", 1912),
        (values.year, "H30", 2018),
        (values.year, "ｒ３", 2021),
        (values.year, "S63/4/1", 1988),
        (values.day, "令和３年４月１日", date(2021, 4, 1)),
        (values.day, "令和元年5月1日 10時", date(2019, 5, 1)),
        (values.day, "R3.4.1", date(2021, 4, 1)),
        (values.day, "H31-04-30", date(2019, 4, 30)),
        (values.day, "昭和 39 年 10 月 10 日", date(1964, 10, 10)),
        (values.day, "2024/4/1 10:00", date(2024, 4, 1)),
        (values.day, "2024年4月1日", date(2024, 4, 1)),
        (values.day, date(2024, 4, 1), date(2024, 4, 1)),
        (values.yen, "¥5,000,000", 5_000_000),
        (values.yen, "5000000円", 5_000_000),
        (values.yen, "300万円程度", 3_000_000),
        (values.yen, "１．２億円", 120_000_000),
        (values.yen, "100〜300万円", 3_000_000),
        (values.yen, "1億2,000万円以内", 120_000_000),
        (values.yen, "約五百万円", 5_000_000),
        (values.yen, "未定", None),
        (
            values.email,
            "mori@example.ac.jp、hana@example.ac.jp",
            "mori@example.ac.jp; hana@example.ac.jp",
        ),
        (values.orcid, "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        (values.orcid, "000000021694233x", "0000-0002-1694-233X"),
        (values.ror, "https://ror.org/05hz8m414", "05hz8m414"),
        (values.doi, "https://doi.org/10.5555/ABC", "10.5555/abc"),
        (values.openalex, "https://openalex.org/a99", "A99"),
        (values.link, "https://example.org/a?b=c", "https://example.org/a?b=c"),
        (values.identifier, " ＨＵ－０１\x00 ", "HU-01"),
        (values.identifier, 101.0, "101"),
        (values.need_identifier, "New", "New"),
        (values.need_identifier, "a new/closed 1", "a new/closed 1"),
        (values.keywords, "鋼、腐食；塗膜", "鋼; 腐食; 塗膜"),
        (values.keywords, "steel, rust, steel", "steel; rust"),
        (values.keywords, ["steel", "rust, red"], "steel; rust, red"),
        (values.line, "A <i>title</i>\nin two lines", "A title in two lines"),
        (values.line, float("nan"), None),
        (values.prose, "one\r\n\r\n\r\ntwo\x00", "one\n\ntwo"),
        (values.one_of(("paper", "")), "Ｐａｐｅｒ", "paper"),
    ],
)
def test_a_value_is_read(parse, given, expected):
    assert parse(given) == expected


@pytest.mark.parametrize(
    ("parse", "given", "reason"),
    [
        (values.year, "soon", "not a year"),
        (values.year, "99999", "not a year"),
        (values.year, "0021", "not a year"),
        (values.year, "昭和65年", "not a year"),
        (values.year, "令和0年", "not a year"),
        (values.year, "慶応3年", "not a year"),
        (values.year, "R2D2", "not a year"),
        (values.year, "令和", "not a year"),
        (values.day, "2024-13-01", "not a date"),
        (values.day, "令和3年度", "not a date"),
        (values.day, "平成99年4月1日", "not a date"),
        (values.yen, "数百万円", "amount in yen"),
        (values.yen, "9" * 40, "amount in yen"),
        (values.orcid, "0000-0002-1825-0098", "check digit"),
        (values.ror, "05hz8m4!", "not a ROR id"),
        (values.doi, "10.5555", "not a DOI"),
        (values.link, "javascript:alert(1)", "http://"),
        (values.identifier, "a;b", "semicolon"),
        (values.identifier, "x" * 201, "more than 200"),
        (values.need_identifier, "a;b", "semicolon"),
        (values.need_identifier, " ｎｅｗ ", "addresses use: `new`"),
        (values.need_identifier, "2024/close", "addresses use"),
        (values.need_identifier, "a/guests/kato", "addresses use"),
        (values.identifier, {"id": 1}, "an object where text is expected"),
        (values.line, [{"a": 1}], "a list of objects"),
        (values.name, "名" * 301, "longer than 300"),
        (values.line, "x" * 1_001, "longer than 1,000"),
        (values.prose, "x" * 10_000_000, "longer than 200,000"),
        (values.one_of(("paper", "patent")), "poem", "not one of paper, patent"),
    ],
)
def test_a_value_that_cannot_be_taken_says_why_and_not_what_it_was(parse, given, reason):
    with pytest.raises(BadValueError, match=reason) as refusal:
        parse(given)
    assert str(given) not in str(refusal.value)


def test_the_shape_of_a_value_is_told_in_words():
    shapes = [
        str(shape_of(v)) for v in (None, "", "abc", 3, 2.5, True, [1, 2], {"a": 1}, date.today())
    ]
    assert shapes == [
        "empty",
        "empty",
        "text of 3 characters",
        "number",
        "number",
        "true or false",
        "list of 2 entries",
        "object of 1 entries",
        "date",
    ]


@given(st.integers(1, 82), st.integers(1, 12), st.integers(1, 28))
def test_a_day_of_an_era_is_the_same_in_every_spelling(year, month, day):
    expected = date(2018 + year, month, day)
    spellings = (
        f"令和{year}年{month}月{day}日",
        f"R{year}.{month}.{day}",
        f"r{year:02}/{month}/{day}",
    )
    assert {values.day(spelling) for spelling in spellings} == {expected}
    assert {values.year(spelling) for spelling in spellings} == {expected.year}


@given(st.text())
def test_no_text_breaks_the_parsers_of_dates(text):
    for parse in (values.year, values.day):
        with contextlib.suppress(BadValueError):
            parse(text)
