"""Needs from workbooks and slides: what is seen on them, and a word about what is hidden."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest

from catalogue.importers.need_files import NeedDocument, read_need_document
from catalogue.importers.reading.files import OLE
from enmusubi.errors import UnreadableFileError
from tests.support.need_documents import shape, slides


def document(name: str, content: bytes) -> NeedDocument:
    return read_need_document(name, content, max_bytes=20_000_000)


def workbook(fill: Callable[[Any], None]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(content)
    return content.getvalue()


def row_of(value: Any, number_format: str = "General") -> str:
    def fill(book: Any) -> None:
        book.active.append(["欄", value])
        book.active["B1"].number_format = number_format

    return document("need.xlsx", workbook(fill)).text


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        ("膜の目詰まり", "General", "膜の目詰まり"),
        (5_000_000, '#,##0"円"', "5,000,000円"),
        (300, '0"万円程度"', "300万円程度"),
        (1234.5, '[$¥-411]#,##0.00;-[$¥-411]#,##0.00', "¥1,234.50"),
        (0.253, "0.0%", "25.3%"),
        (-5, '0"℃";"-"0"℃"', "-5℃"),
        (-12, "#,##0_);[Red](#,##0)", "(12)"),
        (0.1, "General", "0.1"),
        (2.5, "0.###", "2.5"),
        (date(2026, 4, 1), "yyyy/m/d", "2026-04-01"),
        (date(2026, 4, 1), '[$-411]ggge"年"m"月"d"日"', "2026-04-01"),
        (True, "General", "TRUE"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_it_looks(value: Any, number_format: str, shown: str) -> None:
    assert row_of(value, number_format) == f"欄\t{shown}"


def test_a_letter_that_is_written_as_two_escapes_is_one() -> None:
    assert row_of("_xD842__xDFB7_田") == "欄\t𠮷田"


def test_days_of_a_workbook_that_counts_from_1904_are_right() -> None:
    def fill(book: Any) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.active["A1"] = date(2026, 4, 1)

    assert document("need.xlsx", workbook(fill)).text == "2026-04-01"


def test_what_is_hidden_is_left_out_and_said() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.append(["課題", "目詰まり", "社内"])
        sheet.append(["隠した行"])
        sheet.append(["期間", "=1+1"])
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["C"].hidden = True
        other = book.create_sheet("裏")
        other["A1"] = "見せない"
        other.sheet_state = "veryHidden"

    read = document("need.xlsx", workbook(fill))

    assert read.text == "課題\t目詰まり\n期間"
    assert [str(note) for note in read.notes] == [
        "Hidden sheets were left out: 裏.",
        "Hidden cells were left out: 2.",
        "Formulas without a stored value: 1.",
    ]


def test_hidden_columns_are_known_from_ranges_that_overlap_or_lead_beyond_the_sheet() -> None:
    plain = workbook(lambda book: book.active.append(["一", "二", "三", "四", "五", "六"]))
    ranges = ((4, 4), (2, 3), (2, 2), (6, 2_000_000_000), (1, 1), (3, 4))
    shown = "".join(
        f'<col min="{first}" max="{last}" hidden="{int(first > 1)}"/>' for first, last in ranges
    )
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(
                    b"<sheetData>", f"<cols>{shown}</cols><sheetData>".encode()
                )
                assert b"<cols>" in content
            new.writestr(name, content)

    read = document("need.xlsx", made.getvalue())

    assert read.text == "一\t五"
    assert [str(note) for note in read.notes] == ["Hidden cells were left out: 4."]


def test_escaped_characters_and_merged_cells_are_plain() -> None:
    def fill(book: Any) -> None:
        book.active["A1"] = "一行目_x000D_\n二行目"
        book.active.merge_cells("A1:C2")

    assert document("need.xlsx", workbook(fill)).text == "一行目\n二行目"


def test_a_title_comes_first_and_numbers_of_slides_do_not_come() -> None:
    content = slides(
        shape("本文の一", "本文の二") + shape("題名", kind="title") + shape("3", kind="sldNum"),
        shape("隠した", kind="title"),
        f"<p:grpSp><p:grpSp>{shape('組の中')}</p:grpSp></p:grpSp>" + shape("社名", kind="ftr"),
        shape("社名", kind="ftr"),
        hidden=[2],
    )
    read = document("need.pptx", content)

    assert read.text == "題名\n本文の一\n本文の二\n\n組の中\n社名"
    assert [str(note) for note in read.notes] == ["Hidden slides were left out: 2."]


def test_tables_of_slides_are_rows_and_what_is_merged_stands_once() -> None:
    def cell(text: str, merged: str = "") -> str:
        return f"<a:tc{merged}><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"

    merged_over, merged_away = ' gridSpan="2"', ' hMerge="1"'
    rows = (
        f"<a:tr>{cell('予算')}{cell('500万円')}</a:tr>"
        f"<a:tr>{cell('結合', merged_over)}{cell('', merged_away)}</a:tr>"
    )
    frame = (
        "<p:graphicFrame><a:graphic><a:graphicData><a:tbl>"
        f"{rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )

    assert document("need.pptx", slides(frame)).text == "予算\t500万円\n結合"


def test_damaged_files_are_refused() -> None:
    for name, content in (("need.xlsx", OLE + bytes(600)), ("need.pptx", b"PK\x03\x04")):
        with pytest.raises(UnreadableFileError, match="seems to be damaged"):
            document(name, content)
