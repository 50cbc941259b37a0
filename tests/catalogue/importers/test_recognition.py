"""Offices' tables are recognised: what they are about, and what each column holds."""

import time

import pytest

from catalogue.importers.recognition.headers import folded, nearness, without_script, yen_in
from catalogue.importers.recognition.reading_rows import person_fields
from catalogue.importers.recognition.recognising import recognise
from tests.support.office_tables import MORE_TABLES, TABLES, OfficeTable

LEAST_SHARE = 0.95
LONG = 30_000  # nearly what a cell of a workbook holds
ALL = (*TABLES, *MORE_TABLES)


def recognised(table: OfficeTable):
    return recognise(table.filled_rows, called=f"{table.sheet} {table.name}")


def test_there_are_twenty_tables_and_more():
    assert len(TABLES) == 20
    assert len({table.id for table in ALL}) == len(ALL) >= 60


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.id)
def test_what_a_table_is_about_is_told(table):
    found = recognised(table)
    assert found is not None
    assert found.kind == table.kind


@pytest.mark.parametrize("tables", [TABLES, ALL], ids=["the twenty", "all"])
def test_at_least_ninety_five_columns_of_a_hundred_are_right_without_help(tables):
    wrong, columns = [], 0
    for table in tables:
        found = recognised(table)
        roles = {column.label: column.role for column in found.columns}
        columns += len(table.roles)
        wrong += [(table.id, n) for n, role in table.roles.items() if roles.get(n) != role]
    assert len(wrong) <= (1 - LEAST_SHARE) * columns, wrong


def test_notes_and_numbers_are_no_table():
    assert recognise([["These", "are", "notes"], [1, 2, 3]]) is None
    assert recognise([]) is None
    assert recognise([["霞野大学"], ["ご案内"], ["本文です。"]]) is None


def test_names_of_columns_are_compared_without_marks_numbers_and_advice():
    same = [
        "氏　名",
        "氏名（必須）",
        "1. 氏名",
        "※氏名",
        "【氏名】",
        "氏 名 (全角で入力してください)",
        "氏\n名",
    ]
    assert {folded(name) for name in same} == {"氏名"}
    assert folded("フリガナ") == "フリガナ"
    assert folded("E-Mail") == folded("ｅ－ｍａｉｌ") == "email"
    assert folded("メールアドレス") == "メールアドレス"


@pytest.mark.parametrize(
    ("written", "known"),
    [
        *(("相談の内容", "相談内容"), ("想定する用途", "想定用途"), ("企業ご担当者", "企業担当者")),
        *(
            ("貴学整理番号", "整理番号"),
            ("本学の担当者", "担当者"),
            ("Areas of Interest", "areasinterest"),
        ),
    ],
)
def test_what_only_joins_words_or_says_whose_it_is_makes_no_difference(written, known):
    assert nearness(written, (known,)) == 1


def test_the_last_word_says_what_a_column_is_about():
    inventors = ("発明者",)
    assert nearness("発明者（◎は代表）", inventors) > 0.9
    assert nearness("発明者所属", inventors) < 0.45
    assert nearness("Office Ext.", ("ext",)) > 0.6
    assert nearness("Extra", ("ext",)) == 0


def test_the_script_of_a_name_stands_at_either_end_of_its_column_s_name():
    assert without_script("研究者氏名（英字）") == ("研究者氏名", "en")
    assert without_script("カナ氏名") == ("氏名", "kana")
    assert without_script("氏名") == ("氏名", "")


def test_codes_years_and_flags_are_not_told_by_their_values():
    rows = [
        ["職員番号", "氏名", "職名", "職種CD", "入職", "責任者の経験"],
        ["A0101", "森 花", "教授", "110", "2015", "あり"],
        ["A0102", "佐藤 次郎", "講師", "120", "2019", "なし"],
    ]
    found = recognise(rows)
    assert [column.role for column in found.columns] == ["number", "name", "position", "", "", ""]


def test_a_name_that_ends_with_a_known_one_is_near_it():
    assert nearness("氏名", ("氏名",)) == 1
    assert 1 > nearness("担当教員氏名", ("氏名",)) > nearness("氏名の公開", ("氏名",)) > 0
    assert nearness("orgname", ("name",)) == 0


@pytest.mark.parametrize(
    ("header", "yen"),
    [
        ("予算", 1),
        ("予算（円）", 1),
        ("予算（千円）", 1000),
        ("予算 [単位：百万円]", 10**6),
        ("万円", 10**4),
    ],
)
def test_the_unit_stands_in_the_name_of_the_column(header, yen):
    assert yen_in(header) == yen


@pytest.mark.parametrize(
    ("role", "cell"),
    [
        ("name", f"森{' ' * LONG}花"),
        ("name", f"森{chr(10) * LONG}花"),
        ("name", f"森{'(' * LONG}花"),
        ("department", f"工学部{'・' * LONG}甲"),
        ("email", f"a{' ' * LONG}b"),
    ],
)
def test_a_person_s_cell_takes_time_that_grows_with_its_length(role, cell):
    started = time.perf_counter()
    person_fields({role: [cell]})
    assert time.perf_counter() - started < 1


def test_a_post_behind_a_department_and_a_spelled_address_are_told():
    told = {"department": ["工学部 ・ 特任准教授"], "email": ["mori (at) kasumino.example.jp"]}
    assert person_fields(told) == {
        "department_ja": "工学部",
        "position_ja": "特任准教授",
        "email": "mori@kasumino.example.jp",
    }
