"""Workbooks of other programs: .xls and .ods, and what is called so and is none."""

import io
import random
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from catalogue.database.models import StoredNeed
from catalogue.importers.reading import xls_sheets
from catalogue.importers.reading.files import InputFile, find_kind
from catalogue.importers.reading.workbooks import list_sheets
from catalogue.importers.rows import CellError
from enmusubi.errors import UnreadableFileError

SAMPLES = Path(__file__).parents[2] / "samples" / "workbooks"
MIME_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "table", "text", "style", "draw", "calcext")
)
HEADER = "<table:table-row>{}</table:table-row>".format(
    "".join(
        f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>'
        for name in ("researcher_id", "name_ja", "department_ja", "profile_ja")
    )
)
BLANK = (
    '<table:table-row table:number-rows-repeated="1048570">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)


def text_cell(text, **attributes):
    more = "".join(f' table:{n.replace("_", "-")}="{v}"' for n, v in attributes.items())
    return f'<table:table-cell office:value-type="string"{more}>{text}</table:table-cell>'


def row_of(*cells, **attributes):
    more = "".join(f' table:{n.replace("_", "-")}="{v}"' for n, v in attributes.items())
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def ods(path, rows, *, manifest="", styles="", style=""):
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="研究者" table:style-name="{style}">{HEADER}{rows}{BLANK}</table:table>'
        '<table:table table:name="メモ"><table:table-row><table:table-cell/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("mimetype", MIME_TYPE, zipfile.ZIP_STORED)
        target.writestr("content.xml", content)
        target.writestr("META-INF/manifest.xml", manifest)
    return path


def rows_in(path):
    return [row.cells for row in list_sheets(InputFile(path))[0].rows()]


@pytest.mark.parametrize("name", ["needs.xls", "needs_1904.xls"])
def test_a_workbook_of_excel_97_goes_in_whole(catalogue, load, name):
    report = load(SAMPLES / name)
    with catalogue.reading() as connection:
        columns = (
            StoredNeed.need_id,
            StoredNeed.title,
            StoredNeed.text,
            StoredNeed.posted_on,
            StoredNeed.budget_jpy,
        )
        found = [
            tuple(row) for row in connection.execute(select(*columns).order_by(StoredNeed.need_id))
        ]
    assert found == [
        ("00123", "膜の目詰まり", "一行目\n二行目", date(2024, 4, 1), 5_000_000),
        ("00124", "薄い膜", "①酸素を通さない髙い性能", date(2024, 4, 1), 5_000_000),
        ("00125", "乾燥", "お茶の香り", None, None),
    ]
    assert [catalogue.need(need).company for need in ("00123", "00124")] == ["霞野製作所"] * 2
    told = [(note.file, note.reason.partition(":")[0]) for note in report.rejections]
    assert told == [
        (f"{name} [hidden]", "the sheet is hidden in the workbook; it was read like the others"),
        (f"{name} [needs]", "rows that are hidden in the sheet"),
    ]


def test_the_content_tells_the_kind_of_a_workbook_and_not_its_name(tmp_path):
    (tmp_path / "needs.xlsx").write_bytes((SAMPLES / "needs.xls").read_bytes())
    assert [sheet.label for sheet in list_sheets(InputFile(tmp_path / "needs.xlsx"))] == [
        "needs.xlsx [needs]",
        "needs.xlsx [hidden]",
    ]
    assert find_kind(tmp_path / "needs.xlsx") == ".xls"
    assert find_kind(ods(tmp_path / "people", "")) == ".ods"


def test_a_table_of_text_that_is_called_xls_is_read_as_such(tmp_path, catalogue, load):
    path = tmp_path / "export.xls"
    path.write_bytes("researcher_id\tname_ja\r\nr1\t髙橋 花\r\n".encode("cp932"))
    assert load(path).added == 1
    assert catalogue.researcher("r1").name_ja == "髙橋 花"


def test_a_web_page_that_is_called_xls_is_told(tmp_path):
    (tmp_path / "export.xls").write_text("<html><table><tr><td>r1</td></tr></table></html>")
    with pytest.raises(UnreadableFileError, match="is a web page that is called"):
        list_sheets(InputFile(tmp_path / "export.xls"))


def test_a_large_or_damaged_workbook_of_excel_97_is_told(tmp_path, monkeypatch):
    content = (SAMPLES / "needs.xls").read_bytes()
    for damaged in (content[:2000], content[:600] + bytes(3000), content[:8]):
        (tmp_path / "needs.xls").write_bytes(damaged)
        with pytest.raises(UnreadableFileError, match=r"needs\.xls"):
            list_sheets(InputFile(tmp_path / "needs.xls"))
    monkeypatch.setattr(xls_sheets, "MAX_XLS_BYTES", 100)
    with pytest.raises(UnreadableFileError, match="more than 100 bytes"):
        list_sheets(InputFile(SAMPLES / "needs.xls"))


def test_altered_bytes_of_a_workbook_of_excel_97_are_read_or_told(tmp_path, exhaustive):
    sample = (SAMPLES / "needs.xls").read_bytes()
    path = tmp_path / "needs.xls"
    chance = random.Random(97)
    for _ in range(1_500 if exhaustive else 80):
        altered = bytearray(sample)
        for _ in range(chance.randint(1, 12)):
            place = chance.randrange(len(altered))
            altered[place : place + chance.randint(1, 20) * (chance.random() < 0.3)] = (
                chance.randbytes(2)
            )
        path.write_bytes(altered)
        began = time.monotonic()
        try:
            for sheet in list_sheets(InputFile(path)):
                assert all(row.number > 0 for row in sheet.rows())
        except UnreadableFileError as error:
            assert "needs.xls" in str(error)
        assert time.monotonic() - began < 30


def test_an_open_document_gives_its_rows(tmp_path):
    number = (
        '<table:table-cell office:value-type="float" office:value="{0}">'
        "<text:p>{1}</text:p></table:table-cell>"
    )
    day = (
        '<table:table-cell office:value-type="date" office:date-value="2024-04-01T00:00:00">'
        "<text:p>令和6年</text:p></table:table-cell>"
    )
    note = "<office:annotation><text:p>a note</text:p></office:annotation>"
    rows = [
        row_of(
            number.format("123", "00123"),
            text_cell(
                f"{note}<text:p>森<text:s/>花</text:p><text:p>二行<text:span>目</text:span></text:p>"
            ),
            number.format("1500", "1,500"),
            day,
        ),
        row_of(
            text_cell("<text:p>r2</text:p>"), "<table:table-cell/>", text_cell("<text:p>x</text:p>")
        ),
    ]
    assert rows_in(ods(tmp_path / "people.ods", "".join(rows))) == [
        {
            "researcher_id": "00123",
            "name_ja": "森 花\n二行目",
            "department_ja": 1500,
            "profile_ja": "2024-04-01T00:00:00",
        },
        {"researcher_id": "r2", "name_ja": None, "department_ja": "x"},
    ]


def test_an_open_documents_merged_and_repeated_cells_and_rows_count_each(tmp_path):
    merged = text_cell("<text:p>工学部</text:p>", number_rows_spanned=2)
    name, same = (
        text_cell("<text:p>森</text:p>"),
        text_cell("<text:p>r</text:p>", number_columns_repeated=2),
    )
    covered = "<table:covered-table-cell/>"
    rows = [
        row_of(text_cell("<text:p>r1</text:p>"), name, merged),
        row_of(text_cell("<text:p>r2</text:p>"), name, covered),
        row_of(same, number_rows_repeated=2),
    ]
    found = rows_in(ods(tmp_path / "people.ods", "".join(rows)))
    assert [cells.get("department_ja") for cells in found] == ["工学部", "工学部", None, None]
    assert [cells["name_ja"] for cells in found] == ["森", "森", "r", "r"]


def test_an_open_documents_errors_and_hidden_parts_are_told(tmp_path, load):
    error = (
        '<table:table-cell office:value-type="string" calcext:value-type="error">'
        "<text:p>#N/A</text:p></table:table-cell>"
    )
    name = text_cell("<text:p>森 花</text:p>")
    rows = row_of(text_cell("<text:p>r1</text:p>"), name, error, visibility="collapse")
    hiding = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    path = ods(tmp_path / "people.ods", rows, styles=hiding, style="ta2")
    assert isinstance(rows_in(path)[0]["department_ja"], CellError)
    report = load(path)
    assert report.added == 1
    told = [(note.row, note.field, note.scope) for note in report.rejections]
    assert (2, "department_ja", "value") in told
    assert sum("hidden" in note.reason for note in report.rejections) == 2


@pytest.mark.parametrize("what", ["locked", "entity", "bomb", "cut"])
def test_a_hostile_open_document_is_refused(tmp_path, what):
    path = tmp_path / "people.ods"
    cell = text_cell("<text:p>r</text:p>", number_columns_repeated=16_384)
    if what == "locked":
        ods(path, "", manifest="<manifest:encryption-data/>")
    elif what == "bomb":
        ods(path, row_of(cell, number_rows_repeated=1_048_576))
    else:
        ods(path, row_of(cell))
        with zipfile.ZipFile(path) as source:
            content = source.read("content.xml").decode()
        laughs = '<!DOCTYPE x [<!ENTITY a "ha">]>'
        broken = content[:900] + "<" if what == "cut" else content.replace("?>", f"?>{laughs}", 1)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as target:
            target.writestr("mimetype", MIME_TYPE)
            target.writestr("content.xml", broken if what == "entity" else broken + "<")
        path.write_bytes(packed.getvalue())
    with pytest.raises(UnreadableFileError, match=r"people\.ods"):
        rows_in(path)


def test_a_workbook_whose_packed_data_is_damaged_is_told_as_a_zip_file(tmp_path):
    path = ods(tmp_path / "people.ods", row_of("<text:p>氏名</text:p>" * 500))
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("content.xml")
    content = bytearray(path.read_bytes())
    begin = entry.header_offset + 30 + len(entry.filename)
    content[begin : begin + entry.compress_size] = b"\xff" * entry.compress_size
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"people\.ods is damaged: its zip data"):
        list_sheets(InputFile(path))
