"""Rejected rows are written in the format they came in, and come back in as they were."""

import datetime
import json

import openpyxl
import pytest

from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.json_files import JsonFile
from catalogue.importers.reading.text_files import DelimitedFile
from catalogue.importers.reading.workbooks import list_sheets
from catalogue.importers.reading.xml_files import XmlFile
from catalogue.importers.rejects import TEXT, RejectsForm, write_rejects
from catalogue.importers.rows import BadRow, RawRow, ReadOptions
from enmusubi.atomic_files import lock_while_open
from enmusubi.errors import StorageError


def delimited(path):
    return DelimitedFile(InputFile(path), ReadOptions())


def sheet(path):
    return list_sheets(InputFile(path))[0]


def lines(path):
    return JsonFile(InputFile(path), ReadOptions())


def records(path):
    return XmlFile(InputFile(path), frozenset({"grant"}))


CSV = 'id;氏名;note\r\n1;"森; 花";"=1+1 ""x""\n2"\r\n2;a;b;too many\r\n3;\x00;\r\n'
JSON = '[{"a": "森"},\n {"b": [1, 2.5,\n null]}, {"c": tru}]'
XML = "<k:g xmlns:k='u'><k:grant n='1'>a &amp; b</k:grant><grant xml:lang='ja'/></k:g>"


@pytest.mark.parametrize(
    ("name", "content", "open_file"),
    [
        ("a.csv", CSV.encode("cp932"), delimited),
        ("a.tsv", CSV.replace(";", "\t").encode("utf-16"), delimited),
        ("a.json", JSON.encode("utf-8-sig"), lines),
        ("a.xml", XML.encode(), records),
    ],
)
def test_rejected_rows_come_back_as_they_were(tmp_path, name, content, open_file):
    (tmp_path / name).write_bytes(content)
    source = open_file(tmp_path / name)
    rows = list(source.rows())
    path = write_rejects(tmp_path / "rejects", source.rejects_form(), (row.raw() for row in rows))
    again = list(open_file(path).rows())
    assert [row.raw() for row in again] == [row.raw() for row in rows]
    kept = [row.cells for row in rows if isinstance(row, RawRow)]
    assert [row.cells for row in again if isinstance(row, RawRow)] == kept
    assert [type(row) for row in again] == [type(row) for row in rows]


def test_a_table_keeps_its_header_delimiter_and_formulas(tmp_path):
    (tmp_path / "people.csv").write_text(CSV, "utf-8", newline="")
    source = delimited(tmp_path / "people.csv")
    raws = [row.raw() for row in source.rows()]
    assert raws[0] == '1;"森; 花";"=1+1 ""x""\n2"'
    path = write_rejects(tmp_path, source.rejects_form(), raws[:1])
    assert path.name == "people.csv.rejects.csv"
    assert path.read_bytes() == f"\ufeffid;氏名;note\r\n{raws[0]}\r\n".encode()


def test_cells_of_a_workbook_stay_text(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "名簿"
    for row in (["id", None, "note"], [1, "x", "'=A1"], [2.5, None, datetime.date(2024, 4, 1)]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    source = sheet(tmp_path / "a.xlsx")
    raws = [row.raw() for row in source.rows()]
    assert [json.loads(raw) for raw in raws] == [
        [1, "x", "'=A1"],
        [2.5, None, "2024-04-01 00:00:00"],
    ]
    hostile = json.dumps([3, "=HYPERLINK(1)", "a\x00b"])
    path = write_rejects(tmp_path, source.rejects_form(), [*raws, hostile])
    written = openpyxl.load_workbook(path)["名簿"]
    assert [cell.value for cell in written[1]] == ["id", None, "note"]
    assert [(cell.value, cell.data_type) for cell in written[4]] == [
        (3, "n"),
        ("=HYPERLINK(1)", "s"),
        ("ab", "s"),
    ]


def test_bytes_that_could_not_be_read_go_back_as_they_came(tmp_path):
    good = "森の花," * 20
    (tmp_path / "a.csv").write_bytes(f'id,x\n1,"{good}"\n2,'.encode() + b"\xff\xfe\n")
    source = delimited(tmp_path / "a.csv")
    bad = [row for row in source.rows() if isinstance(row, BadRow)]
    path = write_rejects(tmp_path, source.rejects_form(), [row.raw() for row in bad])
    assert path.read_bytes() == b"\xef\xbb\xbfid,x\r\n2,\xff\xfe\r\n"
    assert isinstance(next(delimited(path).rows()), BadRow)


def test_texts_are_written_as_they_are(tmp_path):
    form = RejectsForm(TEXT, "refs.zip/../a b.bib", ".bib")
    path = write_rejects(tmp_path, form, ["@article{a,}\n", "@book{b,}"])
    assert path.parent == tmp_path
    assert path.name == "refs.zip_.._a_b.bib.rejects.bib"
    assert path.read_text() == "@article{a,}\n\n@book{b,}\n\n"


def test_a_rejects_file_is_private_and_replaces_no_other(tmp_path):
    form = RejectsForm(TEXT, "a.ris", ".ris")
    first, second = (write_rejects(tmp_path, form, [text]) for text in ("one", "two"))
    assert [first.name, second.name] == ["a.ris.rejects.ris", "a.ris.rejects-2.ris"]
    assert first.read_text() == "one\n\n"
    assert {path.stat().st_mode & 0o777 for path in (first, second)} == {0o600}


def test_a_rejects_file_is_whole_or_not_there(tmp_path):
    def breaking():
        yield "one"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rejects(tmp_path, RejectsForm(TEXT, "a.ris", ".ris"), breaking())
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_rejects(tmp_path / "file", RejectsForm(TEXT, "a.ris", ".ris"), [])


def test_a_part_that_a_killed_import_left_goes_with_the_next_one(tmp_path):
    left = tmp_path / ".rejects.k1ll3d"
    left.write_text("森 花", "utf-8")
    with left.open("rb") as being_written:
        assert lock_while_open(being_written)
        write_rejects(tmp_path, RejectsForm(TEXT, "a", ".txt"), ["row"])
        assert left.exists()
    path = write_rejects(tmp_path, RejectsForm(TEXT, "b", ".txt"), ["row"])
    assert sorted(tmp_path.iterdir()) == [path.with_name("a.rejects.txt"), path]
