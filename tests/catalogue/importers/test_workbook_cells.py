"""What spreadsheet programs put into cells and files, and what is meant by it."""

import io
import time
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from sqlalchemy import select

from catalogue.database.models import Researcher, StoredNeed
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.sheets import SheetLayout
from catalogue.importers.reading.workbooks import list_sheets
from catalogue.importers.reading.xlsx_cells import unescaped
from catalogue.importers.reading.xlsx_layout import scan_layout
from enmusubi.errors import UnreadableFileError

HEADER = ["researcher_id", "name_ja", "department_ja", "profile_ja"]


def book_of(*rows, header=HEADER):
    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(row)
    return book


def saved(book, path, **parts):
    """Save a workbook; in the named part of its XML the first text is replaced by the second."""
    packed = io.BytesIO()
    book.save(packed)
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            for old, new in parts.get("replacing", {}).get(name, ()):
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            target.writestr(name, content)
    return path


def cells_of(path):
    return [row.cells for sheet in list_sheets(InputFile(path)) for row in sheet.rows()]


def profile_of(catalogue, researcher_id):
    query = select(Researcher.profile_ja).where(Researcher.researcher_id == researcher_id)
    with catalogue.reading() as connection:
        return connection.execute(query).scalar_one()


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("一行目_x000D_\n二行目_x0009_三列", "一行目\r\n二行目\t三列"),
        ("file_x005F_x000D_name", "file_x000D_name"),
        ("_xD842__xDFB7_田", "𠮷田"),
        ("max_x_y and _x12_", "max_x_y and _x12_"),
    ],
)
def test_escapes_of_cells_are_undone(stored, text):
    assert unescaped(stored) == text


def test_a_line_end_of_excel_is_one_in_the_catalogue(catalogue, tmp_path, load):
    row = ["r1", "森 花", "", "一行目_x000D_\n二行目_x0009_三列"]
    load(saved(book_of(row), tmp_path / "people.xlsx"))
    assert profile_of(catalogue, "r1") == "一行目\n二行目 三列"


def test_merged_cells_count_for_each_row_that_they_reach_over(tmp_path):
    book = book_of(
        ["r1", "森 花", "工学部", "x"],
        ["r2", "佐藤", None, "y"],
        ["r3", "林", "理学部", "z"],
        ["r4", "辻"],
    )
    sheet = book.active
    sheet.merge_cells("C2:C3")
    sheet.merge_cells("A9:B9")  # in one row alone: nothing reaches down
    sheet.merge_cells("D4:D9")  # reaches over blank rows, which stay blank
    found = cells_of(saved(book, tmp_path / "people.xlsx"))
    assert [cells["department_ja"] for cells in found] == ["工学部", "工学部", "理学部", None]
    assert [cells["profile_ja"] for cells in found] == ["x", "y", "z", "z"]


def test_an_offices_own_table_has_merged_cells_and_errors_as_well(catalogue, tmp_path, load):
    header = ["職員番号", "氏名", "所属", "職名", "メールアドレス"]
    rows = [
        ["00123", "森 花", "工学部", "教授", "mori@example.org"],
        ["00124", "佐藤 健", None, "#N/A", "sato@example.org"],
        ["00125", "林 葵", "工学部", "助教", "hayashi@example.org"],
    ]
    book = book_of(*rows, header=header)
    book.active.merge_cells("C2:C3")
    book.active["D3"].data_type = "e"
    report = load(saved(book, tmp_path / "研究者一覧.xlsx"))
    told = [(note.row, note.field, note.scope) for note in report.rejections]
    assert told == [(3, "職名", "value")]
    people = [catalogue.researcher(row) for row in ("00123", "00124", "00125")]
    assert [person.department_ja for person in people] == ["工学部"] * 3


def test_hidden_rows_and_sheets_are_read_and_told(catalogue, tmp_path, load):
    book = book_of(["r1", "森 花"], ["r2", "佐藤 健"], ["r3", "林 葵"])
    book.active.row_dimensions[3].hidden = True
    other = book.create_sheet("退職者")
    other.append(HEADER)
    other.append(["r9", "辻 一"])
    other.sheet_state = "veryHidden"
    report = load(saved(book, tmp_path / "people.xlsx"))
    assert report.added == 4
    assert [(note.file, note.scope) for note in report.rejections] == [
        ("people.xlsx [Sheet]", "note"),
        ("people.xlsx [退職者]", "note"),
    ]
    assert "1, from row 3; they were read" in report.rejections[0].reason
    assert "the sheet is hidden" in report.rejections[1].reason


def test_hidden_columns_are_read_and_told_where_they_hold_something(catalogue, tmp_path, load):
    book = book_of(*([f"r{n}", f"Name {n}", "x"] for n in range(3)))
    for letter in ("B", "C", "F", "XFD"):
        book.active.column_dimensions[letter].hidden = True
    path = tmp_path / "people.xlsx"
    book.save(path)
    report = load(path)
    assert report.added == 3
    assert [r.reason for r in report.rejections if "columns" in r.reason] == [
        "columns that are hidden in the sheet: 2, from column B; they were read like the others"
    ]


def test_hidden_columns_of_other_workbooks_are_found():
    layout = SheetLayout()
    layout.hide_columns(2, 16_383)
    layout.hide_columns(5, 4)
    assert layout.hidden_within(4) == [2, 3]
    xml = b'<cols><col min="3" max="4" hidden="1"/><col hidden="true" max="9" min="9"/><col min="1" max="2"/>'
    assert scan_layout(io.BytesIO(xml)).hidden_columns == [(2, 3), (8, 8)]


def test_an_error_in_a_cell_is_told_and_takes_nothing_back(catalogue, tmp_path, load):
    path = tmp_path / "people.xlsx"
    load(saved(book_of(["r1", "森 花", "工学部", "x"]), path))
    book = book_of(["r1", "森 花", "#N/A", "y"], ["#REF!", "林 葵", "", ""])
    for place in ("C2", "A3"):
        book.active[place].data_type = "e"
    report = load(saved(book, path))
    told = [(note.row, note.field, note.scope) for note in report.rejections]
    assert told == [(2, "department_ja", "value"), (3, "researcher_id", "row")]
    assert "the error #N/A" in report.rejections[0].reason
    assert catalogue.researcher("r1").department_ja == "工学部"
    assert profile_of(catalogue, "r1") == "y"


def test_formulas_that_were_never_computed_are_told(tmp_path, load):
    report = load(saved(book_of(["r1", "=A1&B1"], ["r2", "林 葵"]), tmp_path / "people.xlsx"))
    assert report.added == 1
    told = [note.reason for note in report.rejections if note.scope == "note"]
    assert told[0].startswith("formulas that have no value yet: 1")


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_days_are_days_whatever_they_are_counted_from(catalogue, tmp_path, load, epoch):
    header = ["need_id", "text", "posted_on"]
    days = 45_383 - (1_462 if epoch else 0)
    book = book_of(header=header)
    if epoch:
        book.epoch = epoch
    for row in (["n1", "a", datetime(2024, 4, 1)], ["n2", "b", days], ["n3", "c", "令和6年4月1日"]):
        book.active.append(row)
    book.active["C2"].number_format = '[$-411]ggge"年"m"月"d"日"'
    assert load(saved(book, tmp_path / "needs.xlsx")).rejections == ()
    with catalogue.reading() as connection:
        found = connection.execute(select(StoredNeed.posted_on)).scalars()
        assert list(found) == [date(2024, 4, 1)] * 3


def test_ids_that_a_format_shows_with_zeros_keep_them(tmp_path):
    book = book_of([123, "森"], [45.5, "林"], [7, "辻"])
    for row in (2, 3):
        book.active.cell(row, 1).number_format = "00000"
    found = [cells["researcher_id"] for cells in cells_of(saved(book, tmp_path / "people.xlsx"))]
    assert found == ["00123", 45.5, 7]


def test_protection_and_blank_rows_at_the_end_change_nothing(tmp_path):
    book = book_of(["r1", "森 花"])
    book.active.protection.sheet = True
    book.active.protection.set_password("secret")
    for row in range(3, 2000):
        book.active.cell(row, 2).value = " " if row % 2 else None
        book.active.cell(row, 1).number_format = "@"
    assert len(cells_of(saved(book, tmp_path / "people.xlsx"))) == 1


def test_a_workbook_locked_by_a_password_is_told(tmp_path):
    (tmp_path / "people.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000))
    with pytest.raises(UnreadableFileError, match="people\\.xlsx"):
        list_sheets(InputFile(tmp_path / "people.xlsx"))


def test_a_layout_is_found_wherever_the_pieces_are_cut():
    row = '<row r="7" spans="1:2" hidden="1"><c r="A7"><f>1+1</f></c><c r="B7"><v>1</v></c></row>'
    xml = f'<worksheet>{row * 40_000}<mergeCells><mergeCell ref="B2:B5"/></mergeCells></worksheet>'
    layout = scan_layout(io.BytesIO(xml.encode()))
    assert (layout.hidden_rows, layout.uncomputed) == (40_000, 40_000)
    assert layout.merged == {2: [(1, 5)]}


@pytest.mark.parametrize("tag", ["<row ", "<c ", "<mergeCell "])
def test_tags_without_end_take_no_longer_than_others(tag):
    begun = time.process_time()
    layout = scan_layout(io.BytesIO(f"<!--{tag * 150_000}-->".encode()))
    assert time.process_time() - begun < 10
    assert layout == SheetLayout()


CSV_KINDS = {
    "zeros kept by a formula": 'researcher_id,name_ja\n="00123",森 花\n',
    "zeros kept by a quoted formula": 'researcher_id,name_ja\n"=""00123""",森 花\n',
    "all cells": '="researcher_id",="name_ja"\n="00123",="森 花"\n',
    "declared delimiter": "sep=;\r\nresearcher_id;name_ja\r\n00123;森 花\r\n",
    "declared delimiter in quotes": '"sep=|"\nresearcher_id|name_ja\n00123|森 花\n',
}


@pytest.mark.parametrize("content", CSV_KINDS.values(), ids=CSV_KINDS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932", "utf-16"])
def test_what_spreadsheets_are_told_in_csv_is_no_data(catalogue, put, load, content, encoding):
    report = load(put("people.csv", content, encoding))
    assert (report.added, report.rejections) == (1, ())
    assert catalogue.researcher("00123").name_ja == "森 花"


def test_rows_are_counted_as_a_spreadsheet_shows_them(put, load):
    report = load(put("people.csv", "sep=;\nresearcher_id;name_ja\nr1;森\n;林\n"))
    assert [note.row for note in report.rejections] == [3]


def test_a_formula_in_csv_stays_as_it_is(catalogue, put, load):
    load(put("people.csv", 'researcher_id,name_ja\nr1,"=""a""&""b"""\n'))
    assert catalogue.researcher("r1").name_ja == '="a"&"b"'
