"""Offices' tables are recognised: what they are about, and what each column holds."""

import time

import pytest

from catalogue.importers.recognition.headers import folded, nearness, yen_in
from catalogue.importers.recognition.reading_rows import person_fields
from catalogue.importers.recognition.recognising import recognise
from tests.support.office_tables import TABLES, OfficeTable, read_tables

LEAST_SHARE = 0.95
LONG = 30_000  # nearly what a cell of a workbook holds
ALL = (*TABLES, *read_tables("office_tables_2.json"), *read_tables("office_tables_3.json"))


def recognised(table: OfficeTable):
    return recognise(table.filled_rows, called=f"{table.sheet} {table.name}")


def test_there_are_twenty_tables_and_more():
    assert len(TABLES) == 20
    assert len({table.id for table in ALL}) == len(ALL) >= 34


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
