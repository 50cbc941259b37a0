"""Files of every kind and condition are read, or named with what is wrong with them."""

import gzip
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from catalogue.importers import batching
from catalogue.importers.importing import ImportChoices
from catalogue.importers.registry import FORMATS
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.errors import InputError, MappingError, UnreadableFileError
from tests.support.databases import new_sqlite

PEOPLE = "researcher_id,name_ja,name_en\nr1,森 花,Hana Mori\nr2,佐藤 次郎,Jiro Sato\n"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue; one kind of database is enough to test how files are read."""
    with open_catalogue(new_sqlite(tmp_path / "catalogue.sqlite")) as opened:
        yield opened


def faults(report):
    return [(r.row, r.field, r.scope) for r in report.rejections]


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
def test_a_csv_goes_in_whatever_its_encoding(catalogue, put, load, encoding):
    report = load(put("people.csv", PEOPLE, encoding))
    assert (report.read, report.added, report.rejections) == (2, 2, ())
    assert catalogue.researcher("r1").name_ja == "森 花"


def test_names_that_only_windows_can_write_go_in_as_they_are(catalogue, put, load):
    assert load(put("people.csv", "researcher_id,name_ja\r\nr1,髙﨑 彅\r\n", "cp932")).added == 1
    assert catalogue.researcher("r1").name_ja == "髙﨑 彅"


def test_the_encoding_of_a_long_file_shows_where_its_first_japanese_stands(catalogue, put, load):
    padding = "x" * 1_000_000
    rows = [f"r{number},A{number},,{padding}" for number in range(5)]
    header = "researcher_id,name_en,name_ja,unknown"
    content = "\n".join([header, *rows, "r9,Mori,森 花,", "r10,Takasaki,髙﨑 彅,"])
    load(put("people.csv", content, "cp932"))
    assert catalogue.researcher("r10").name_ja == "髙﨑 彅"


def test_a_row_of_another_encoding_overwrites_nothing(catalogue, put, load):
    load(put("people.csv", PEOPLE))
    content = "researcher_id,name_ja,profile_ja\nr1,森 花,研究の紹介\n".encode("iso2022_jp")
    good = "r2,佐藤 次郎,熱の研究\nr3,鈴木 健,光の研究\n".encode("cp932")
    report = load(
        put("people.csv", content.split(b"\n", 1)[0] + b"\n" + good + content.split(b"\n", 1)[1])
    )
    assert faults(report) == [(4, "name_ja", "row")]
    assert catalogue.researcher("r1").name_ja == "森 花"
    assert catalogue.researcher("r2").name_ja == "佐藤 次郎"


@pytest.mark.parametrize(
    "encodings",
    [("cp932", "utf-8"), ("utf-8", "cp932"), ("utf-8", "iso2022_jp"), ("euc_jp", "utf-8")],
)
def test_a_rejected_row_of_another_encoding_can_be_imported_as_it_stands(
    catalogue, put, load, tmp_path, encodings
):
    most, few = encodings
    rows = ["r1,森 花,水処理", "r2,佐藤 次郎,熱の研究", "r3,鈴木 健,光の研究と応用"]
    lines = [b"researcher_id,name_ja,profile_ja", *(row.encode(most) for row in rows)]
    lines[3] = rows[2].encode(few)
    report = load(
        put("people.csv", b"\n".join(lines)), choices=ImportChoices(rejects=tmp_path / "rejects")
    )
    assert (report.added, report.rejected) == (2, 1)
    assert load(Path(report.rejects[0])).added == 1
    assert catalogue.researcher("r3").name_ja == "鈴木 健"


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_delimiters_are_found(put, load, delimiter):
    assert load(put("people.csv", PEOPLE.replace(",", delimiter))).added == 2


def test_a_ten_megabyte_field_is_rejected_and_the_next_row_goes_in(put, load):
    huge = "x" * 10_000_000
    rows = ["researcher_id,name_en,profile_en", f"r1,A,{huge}", f'r2,B,"{huge}"', "r3,C,short"]
    report = load(put("people.csv", "\n".join(rows)))
    assert faults(report) == [(2, "profile_en", "row"), (3, "profile_en", "row")]
    assert report.rejections[0].shape == "text of 10,000,000 characters"
    assert report.added == 1


def test_a_quote_that_is_never_closed_loses_no_row_before_it(put, load):
    content = PEOPLE + '"r3,open quote,' + "\nr,x,y" * 1000
    report = load(put("people.csv", content))
    assert report.added == 2
    assert report.rejected == 1


def test_bytes_that_are_no_text_reject_their_row_only(put, load):
    content = PEOPLE.encode() + b"r3,\xff\xfe\xfa,Broken\n" + "r4,田中,T\n".encode()
    lines = "".join(f"r{n},山田 花子,Yamada\n" for n in range(10, 40)).encode()
    report = load(put("people.csv", content + lines))
    assert faults(report) == [(4, "name_ja", "row")]
    assert "not utf-8" in report.rejections[0].reason
    assert report.added == 33


def test_sheets_go_in_by_their_columns_and_people_first(catalogue, tmp_path, load):
    path = workbook(
        tmp_path / "office.xlsx",
        Notes=[["These", "are", "notes"], [1, 2, 3]],
        Seeds=[
            ["seed_id", "kind", "title", "year", "researcher_ids"],
            [1001, "course", "A course", 2020.0, 101],
            [None, None, None, None, None],
            [1002, "paper", "#N/A", 2020, "101"],
        ],
        People=[["researcher_id", "name_ja", "keyword_ja"], [101, "森 花", "鋼"]],
    )
    report = load(path)
    assert {(r.file, r.row, r.field, r.scope) for r in report.rejections} == {
        ("office.xlsx [Notes]", 0, "", "sheet"),
        ("office.xlsx [People]", 0, "keyword_ja", "column"),
        ("office.xlsx [Seeds]", 4, "title", "value"),  # the error, and then: no title and no text
        ("office.xlsx [Seeds]", 4, "title", "row"),
    }
    assert any("did you mean 'keywords_ja'" in r.reason for r in report.rejections)
    assert catalogue.read_corpus().seeds["seed_id"].tolist() == ["1001"]


def test_a_formula_counts_as_its_stored_value_and_is_never_computed(catalogue, tmp_path, load):
    path = workbook(
        tmp_path / "people.xlsx",
        People=[["researcher_id", "name_en", "position_en"], ["r1", "Ann", '=CMD("x")&"y"']],
    )
    assert [(r.field, r.scope) for r in load(path).rejections] == [("", "note")]  # it has no value
    assert catalogue.researcher("r1").position_en == ""


def test_text_that_looks_like_a_formula_is_kept_as_text(catalogue, put, load):
    load(put("people.csv", "researcher_id,name_en\nr1,=HYPERLINK(1)\n"))
    assert catalogue.researcher("r1").name_en == "=HYPERLINK(1)"


def test_a_mapping_chooses_the_sheet(catalogue, put, tmp_path, load):
    path = workbook(tmp_path / "b.xlsx", First=[["x"], ["y"]], 名簿=[["番号", "氏名"], ["7", "森"]])
    text = (
        'table = "researchers"\nsheet = "名簿"\n[columns]\nresearcher_id="番号"\nname_ja="氏名"\n'
    )
    assert load(path, mapping=put("m.toml", text)).added == 1
    wrong = put("w.toml", text.replace('sheet = "名簿"', 'sheet = "職員"'))
    with pytest.raises(MappingError, match="no sheet '職員'; it has 'First', '名簿'"):
        load(path, mapping=wrong)


def test_a_mapping_that_names_a_column_the_file_lacks_is_refused_at_once(catalogue, put, load):
    text = 'table = "researchers"\n[columns]\nresearcher_id = "id"\nname_en = "nam"\n'
    good, bad = put("a.csv", "id,nam\n1,A\n"), put("b.csv", "id,name\n1,A\n")
    with pytest.raises(MappingError, match=r"b\.csv has no column 'nam'; did you mean 'name'"):
        load(good, bad, mapping=put("m.toml", text))
    assert catalogue.counts()["researchers"] == 0


def test_a_path_that_no_row_has_is_told(put, load):
    text = 'table = "researchers"\n[columns]\nresearcher_id = "id"\nname_en = "person.nam"\n'
    path = put("a.jsonl", '{"id": 1, "person": {"name": "A"}}\n')
    report = load(path, mapping=put("m.toml", text))
    assert ("person.nam", "column") in [(r.field, r.scope) for r in report.rejections]


def test_compressed_files_are_read(put, load):
    assert load(put("people.csv.gz", gzip.compress(PEOPLE.encode("cp932")))).added == 2


def test_a_compressed_file_that_breaks_off_keeps_the_rows_before(put, load):
    noise = random.Random(1)
    lines = [f"r{n},{noise.random()}" for n in range(5000)]
    whole = gzip.compress(("researcher_id,name_en\n" + "\n".join(lines)).encode())
    report = load(put("people.csv.gz", whole[: len(whole) // 2]))
    assert report.added > 1000
    assert (report.unreadable, report.succeeded) == (("people.csv.gz",), False)
    assert "breaks off" in report.rejections[-1].reason


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("people.xlsx", b"PK\x03\x04 no workbook", "not an .xlsx workbook"),
        ("people.xlsx", b"", "not an .xlsx workbook"),
        ("people.csv", b"", "no header"),
        ("people.csv", b"researcher_id,name_en,name_en\n", "several columns named 'name_en'"),
        ("people.csv.gz", b"no gzip", "damaged"),
        ("people.doc", b"x", "unknown kind"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(put, load, name, content, message):
    with pytest.raises(UnreadableFileError, match=message) as refusal:
        load(put(name, content))
    assert name in str(refusal.value)


def test_a_workbook_that_is_another_kind_of_zip_is_named(tmp_path, load):
    path = tmp_path / "people.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no sheets here")
    with pytest.raises(UnreadableFileError, match="not a workbook that can be read"):
        load(path)


def test_a_workbook_whose_sheet_is_damaged_is_named(tmp_path, load):
    good = workbook(tmp_path / "good.xlsx", People=[["researcher_id", "name_en"], ["r1", "A"]])
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            cut = entry.filename.endswith("sheet1.xml")
            target.writestr(entry, content[: len(content) // 2] if cut else content)
    with pytest.raises(UnreadableFileError, match=r"bad\.xlsx is not a workbook"):
        load(bad)


def test_one_unreadable_file_among_good_ones_is_told_and_the_others_go_in(put, load):
    report = load(put("a.xlsx", b"broken"), put("people.csv", PEOPLE))
    assert (report.added, report.unreadable, report.succeeded) == (2, ("a.xlsx",), False)


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[1, 2]",
        '"text"',
        '{"researcher_id": "r9", "name_en": {"a": 1}}',
        '{"researcher_id": ["r9", {"x": 1}], "name_en": "A"}',
        '{"researcher_id": ' + "[" * 100_000 + "}",
        '{"researcher_id": ' + "9" * 5000 + ', "name_en": "A"}',
        "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace") + "{",
    ],
)
def test_broken_json_lines_reject_themselves_only(put, load, line):
    good = ['{"researcher_id": "r1", "name_en": "A"}', '{"researcher_id": "r2", "name_en": "B"}']
    report = load(put("people.jsonl", "\n".join([good[0], line, "", good[1]])))
    assert [r.row for r in report.rejections] == [2]
    assert (report.added, report.rejected, report.read) == (2, 1, 3)


def test_json_fields_that_only_later_lines_have_are_taken(catalogue, put, load):
    lines = [
        '{"researcher_id": "r1", "name_en": "A"}',
        '{"researcher_id": "r2", "name_en": "B", "position_en": "Dean", "name_ja": "\\ud800"}',
    ]
    assert faults(load(put("people.jsonl", "\n".join(lines)))) == [(2, "name_ja", "letters")]
    assert catalogue.researcher("r2").position_en == "Dean"


def test_an_unknown_format_and_a_missing_path_are_named(tmp_path, load):
    with pytest.raises(InputError, match=r"no import format 'word': expected general .*openalex"):
        load(tmp_path, format_name="word")
    with pytest.raises(UnreadableFileError, match=r"no file .*nowhere"):
        load(tmp_path / "nowhere")
    with pytest.raises(InputError, match=".*".join(FORMATS)):
        load(tmp_path, format_name="word")


def test_progress_ends_at_the_size_of_the_files(put, load, monkeypatch):
    monkeypatch.setattr(batching, "BATCH_ROWS", 10)
    lines = "".join(f"r{n},Name {n}\n" for n in range(35))
    path = put("people.csv", "researcher_id,name_en\n" + lines)
    steps = []
    load(path, on_progress=steps.append)
    assert [step.rows for step in steps[:4]] == [10, 20, 30, 35]
    assert steps[-1].done_bytes == steps[-1].total_bytes == path.stat().st_size


def test_utf_16_that_breaks_off_keeps_the_rows_before(put, load):
    content = PEOPLE.encode("utf-16") + b"\x00"
    report = load(put("people.csv", content))
    assert (report.added, report.unreadable) == (2, ("people.csv",))
    assert "not utf-16 to its end" in report.rejections[-1].reason
