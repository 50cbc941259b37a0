"""An office's own table goes in without a mapping: every row of it, under the right columns."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from sqlalchemy import text

from catalogue.importers.importing import ImportChoices
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.text_files import DelimitedFile
from catalogue.importers.recognition import people_source
from catalogue.importers.recognition.opening import recognise_part
from catalogue.importers.registry import import_files
from catalogue.importers.rows import ReadOptions
from catalogue.importers.sources import ImportOptions
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import NOTE, ROW
from catalogue.records.table_readings import Reading, keep_reading
from enmusubi.errors import MappingError
from tests.support.databases import new_sqlite
from tests.support.office_tables import MORE_TABLES, TABLE, TABLES

STAFF = """職員番号,氏名,英語氏名,学部
A1,森 花,Hana Mori,工学部
A2,佐藤 次郎,Jiro Sato,工学部
A3,田中 修,Osamu Tanaka,農学部
A4,鈴木 葵,Aoi Suzuki,農学部
A5,髙橋 恵,Megumi Takahashi,工学部
"""
IMPORTED = [table for table in (*TABLES, *MORE_TABLES) if table.kind != "judgements"]


@pytest.fixture
def catalogue(tmp_path) -> Iterator[Catalogue]:
    with open_catalogue(new_sqlite(tmp_path / "catalogue.sqlite")) as opened:
        yield opened


def person(catalogue, researcher_id):
    with catalogue.reading() as connection:
        query = text("SELECT * FROM researcher WHERE researcher_id = :id")
        return dict(connection.execute(query, {"id": researcher_id}).mappings().one())


@pytest.mark.parametrize("table", IMPORTED, ids=lambda table: table.id)
def test_every_row_goes_in_and_none_is_lost_without_a_word(catalogue, put, load, tmp_path, table):
    load(put("staff.csv", STAFF))
    report = load(table.write(tmp_path))
    told = {r.row for r in report.rejections if r.scope == NOTE and r.row}
    assert [r for r in report.rejections if r.scope in {"row", "value"}] == []
    assert report.read - len(told) == table.records
    assert not report.unreadable


def test_titles_notes_and_merged_departments_of_a_secretarys_list(catalogue, load, tmp_path):
    report = load(TABLE["secretary"].write(tmp_path))
    suzuki = person(catalogue, "鈴木-葵")
    assert suzuki["department_ja"] == "農学部"
    assert (suzuki["position_ja"], suzuki["name_kana"]) == ("講師", "スズキ アオイ")
    assert (suzuki["email"], suzuki["extension"]) == ("suzuki@kasumino.example.ac.jp", "3102")
    notes = {(r.row, r.field, r.scope) for r in report.rejections}
    assert {(10, "No.", "note"), (0, "学部", "note"), (0, "備考", "column")} <= notes


def test_a_person_twice_with_two_departments_is_one_with_both(catalogue, load, tmp_path):
    report = load(TABLE["two_departments"].write(tmp_path))
    assert person(catalogue, "erad:20123456")["department_ja"] == "工学研究科 / 環境研究センター"
    assert [(r.row, r.scope) for r in report.rejections if r.row] == [(2, NOTE)]
    assert report.added == 2


def test_amounts_are_read_as_people_write_them(catalogue, load, tmp_path):
    load(TABLE["consultations"].write(tmp_path))
    load(TABLE["web_form"].write(tmp_path))
    assert stored_budgets(catalogue) == {
        "プラスチッ": 3_000_000,
        "少ない不良": 120_000_000,
        "発酵食品の": None,
        "紙の包装材": 3_000_000,
        "発酵の香り": 500_000,
    }


def stored_budgets(catalogue):
    with catalogue.reading() as connection:
        found = connection.execute(text("SELECT text, budget_jpy FROM need"))
        return {said[:5]: budget for said, budget in found}


def test_what_says_nothing_of_a_publication_stays_unpublished(catalogue, put, load, tmp_path):
    load(put("staff.csv", STAFF))
    load(TABLE["inventions"].write(tmp_path))
    with catalogue.reading() as connection:
        found = dict(connection.execute(text("SELECT title, patent_status FROM seed")).all())
    assert found == {
        "ガスバリア性積層体": "published",
        "欠陥検出装置": "granted",
        "土壌改良材": "unpublished",
    }


def test_people_are_found_by_name_where_one_alone_has_it(catalogue, put, load):
    load(put("staff.csv", STAFF + "B9,田中 修,医学部\n"))
    report = load(
        put(
            "seeds.csv",
            "シーズ名,研究者名,概要\n紙の膜,森 花,酸素を通さない紙。\n発酵,田中 修,香りの分析。\n",
        )
    )
    assert (report.tables["seeds"].added, report.rejections) == (2, ())
    assert report.queued == 2  # which of the two the second one is, is asked
    with catalogue.reading() as connection:
        query = text("SELECT researcher_id FROM authorship ORDER BY researcher_id")
        people = connection.execute(query).scalars().all()
    assert people[0] == "A1"
    assert people[1] not in {"A3", "B9"}


def test_whoever_a_list_of_seeds_describes_is_made(catalogue, load, tmp_path):
    report = load(TABLE["ura_seeds"].write(tmp_path))
    assert report.tables["researchers"].added == 3
    assert person(catalogue, "鈴木-葵")["position_ja"] == "講師"


def test_namesakes_in_one_list_are_two_and_a_person_twice_is_one(catalogue, put, load):
    rows = (
        "森 花,工学部,教授,a@example.ac.jp\n"
        "森 花,医学部,助教,b@example.ac.jp\n"
        "森 花,理学部,教授,a@example.ac.jp\n"
    )
    report = load(put("a.csv", f"氏名,学部,職名,メール\n{rows}"))
    assert report.added == 2
    assert person(catalogue, "森-花")["department_ja"] == "工学部 / 理学部"
    assert person(catalogue, "森-花-医学部-助教")["email"] == "b@example.ac.jp"


def test_a_row_of_a_person_past_the_rows_that_are_united_is_not_lost(load, put, monkeypatch):
    monkeypatch.setattr(people_source, "MAX_UNITED_ROWS", 2)
    rows = "A1,森 花,工学部\nA1,森 花,理学部\nA1,森 花,医学部\n"
    report = load(put("a.csv", f"職員番号,氏名,学部\n{rows}"))
    assert (report.read, report.added, report.rejected) == (3, 1, 1)
    assert [r.row for r in report.rejections if r.scope == ROW] == [4]


def test_namesakes_without_ids_are_kept_apart_by_their_departments(catalogue, put, load):
    load(put("a.csv", "氏名,学部,職名\n森 花,工学部,教授\n佐藤 次郎,工学部,講師\n"))
    load(put("b.csv", "氏名,学部,職名\n森 花,医学部,助教\n佐藤 次郎,工学部,准教授\n"))
    with catalogue.reading() as connection:
        found = (
            connection.execute(text("SELECT researcher_id FROM researcher ORDER BY 1"))
            .scalars()
            .all()
        )
    assert found == ["佐藤-次郎", "森-花", "森-花-医学部"]


def test_a_large_list_of_people_is_read_twice_and_goes_in_alike(
    catalogue, load, tmp_path, monkeypatch
):
    monkeypatch.setattr(people_source, "MAX_KEPT_CHARS", 1)
    report = load(TABLE["two_departments"].write(tmp_path))
    assert (report.read, report.added) == (3, 2)
    assert person(catalogue, "erad:20123456")["department_ja"] == "工学研究科 / 環境研究センター"


def test_all_rows_of_a_person_who_is_rejected_go_into_the_rejects(catalogue, put, tmp_path):
    long = "あ" * 201_000
    people = (
        "職員番号,氏名,所属,職名,研究概要\n"
        "A1,森 花,工学部,教授,膜の研究\n"
        "A2,佐藤 次郎,農学部,講師,香りの研究\n"
        f"A1,森 花,環境センター,兼任,{long}\n"
    )
    choices = ImportChoices(rejects=tmp_path / "rejects")
    report = import_files(catalogue, "general", [put("staff.csv", people)], choices=choices)
    assert (report.read, report.rejected, report.added) == (3, 2, 1)
    rejected = {(r.row, r.field) for r in report.rejections if r.scope == ROW}
    assert rejected == {(2, "researcher_id"), (4, "profile_ja")}
    mended = Path(report.rejects[0])
    mended.write_text(mended.read_text("utf-8-sig").replace(long, "紙の研究"), "utf-8")
    again = import_files(catalogue, "general", [mended])
    assert (again.read, again.rejected, again.added) == (2, 0, 1)
    assert person(catalogue, "A1")["department_ja"] == "工学部 / 環境センター"


def test_days_are_counted_from_1904_in_offices_own_tables_too(catalogue, load, tmp_path):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["受付番号", "受付日", "企業名", "相談内容", "希望時期"])
    days = (date(2026, 4, 1) - date(1904, 1, 1)).days
    for number in (1, 2):
        book.active.append(
            [f"C26-0{number}", days, "霞野化学株式会社", f"膜の相談{number}。", days]
        )
    path = tmp_path / "相談.xlsx"
    book.save(path)
    report = load(path)
    assert [r for r in report.rejections if r.scope in {"row", "value"}] == []
    with catalogue.reading() as connection:
        found = connection.execute(text("SELECT posted_on, horizon FROM need")).all()
    assert {tuple(map(str, row)) for row in found} == {("2026-04-01", "2026-04-01")}


def test_columns_beyond_the_widest_table_are_told(catalogue, put, load):
    header = "職員番号,氏名,学部" + "".join(f",欄{chr(0x4E00 + n)}" for n in range(500))
    rows = "".join(f"A{n},森 花{n},工学部{',' * 500}{'x' if n == 2 else ''}\n" for n in range(4))
    report = load(put("wide.csv", f"{header}\n{rows}"))
    told = [r.reason for r in report.rejections if "beyond" in r.reason]
    assert told == [
        "left out: columns beyond the first 500 have values, from row 1 on; divide the table"
    ]
    assert report.added == 4


def test_records_beyond_the_five_hundredth_column_of_a_table_on_its_side_go_in(load, tmp_path):
    book = openpyxl.Workbook()
    people = range(600)
    book.active.append(["職員番号", *(f"A{n:04}" for n in people)])
    book.active.append(["氏名", *(f"森 花{chr(0x4E00 + n)}" for n in people)])
    book.active.append(["学部", *("工学部" for _ in people)])
    book.active.append(["職名", *("教授" for _ in people)])
    path = tmp_path / "研究者.xlsx"
    book.save(path)
    report = load(path)
    assert (report.read, report.added) == (600, 600)


def test_rejected_rows_are_mended_and_imported_again(catalogue, put, tmp_path):
    table = TABLE["consultations"]
    book = openpyxl.load_workbook(table.write(tmp_path))
    book.active.cell(4, 8).value = None  # the second consultation loses its text and its title
    book.active.cell(4, 7).value = None
    path = tmp_path / "技術相談受付簿.xlsx"
    book.save(path)
    choices = ImportChoices(rejects=tmp_path / "rejects")
    report = import_files(catalogue, "general", [path], choices=choices)
    assert report.rejected == 1
    mended = openpyxl.load_workbook(report.rejects[0])
    assert [cell.value for cell in mended.active[1]][:3] == ["受付番号", "受付日", "企業名"]
    mended.active.cell(2, 8).value = "外観検査を自動化したい。"
    mended.save(report.rejects[0])
    again = import_files(catalogue, "general", [Path(report.rejects[0])])
    assert (again.rejected, again.tables["needs"].added) == (0, 1)


def test_a_correction_that_was_kept_is_used_the_next_time(catalogue, put, load):

    path = put("x.csv", "職員番号,氏名,学部,謎の欄\nA1,森 花,工学部,膜\nA2,佐藤 次郎,工学部,画像\n")
    found = recognise_part(DelimitedFile(InputFile(path), ReadOptions()), ImportOptions())
    roles = {column.label: column.role for column in found.table.columns} | {"謎の欄": "keywords"}
    with catalogue.writing() as connection:
        reading = Reading("people", roles, "霞野大学")
        keep_reading(
            connection, found.header_hash, reading, changed_by="root", at=datetime.now(UTC)
        )
    load(path)
    assert person(catalogue, "A1")["keywords_ja"] == "膜"
    assert person(catalogue, "A1")["organisation_id"]


def test_a_table_that_nothing_tells_is_refused_with_a_way_on(put, load):
    with pytest.raises(MappingError, match="neither its columns nor their values"):
        load(put("x.csv", "a,b\n1,2\n3,4\n"))
