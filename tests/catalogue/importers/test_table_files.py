"""Tables are read wherever they lie; what is hostile in them rejects itself."""

import gzip
import io
import time
import zipfile

import openpyxl
import pytest

from catalogue.importers.reading import packed, workbook_files
from catalogue.importers.reading.files import InputFile, list_files
from catalogue.importers.reading.text_files import DelimitedFile
from catalogue.importers.reading.workbooks import list_sheets
from catalogue.importers.rows import BadRow, RawRow, ReadOptions
from enmusubi.errors import UnreadableFileError


def book_bytes():
    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    book.active.append(["r1", "森"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_workbook_in_an_archive_or_compressed_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as target:
        target.writestr("office/book.xlsx", book_bytes())
    (tmp_path / "b.xlsx.gz").write_bytes(gzip.compress(book_bytes()))
    (tmp_path / "c.xlsx").write_bytes(book_bytes())
    sheets = [list_sheets(file)[0] for file in list_files([tmp_path])]
    assert [sheet.label for sheet in sheets] == [
        "a.zip/office/book.xlsx [Sheet]",
        "b.xlsx.gz [Sheet]",
        "c.xlsx [Sheet]",
    ]
    for sheet in sheets:
        assert [row.cells for row in sheet.rows()] == [{"id": "r1", "name": "森"}]
        assert sheet.done_bytes() == sheet.file.size > 0


def test_a_workbook_that_is_a_bomb_or_too_large_is_refused(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/workbook.xml", bytes(2_000_000))
    monkeypatch.setattr(packed, "RATIO_FREE_BYTES", 1_000_000)
    with pytest.raises(UnreadableFileError, match="more than 200 times"):
        list_sheets(InputFile(tmp_path / "a.xlsx"))
    (tmp_path / "b.xlsx.gz").write_bytes(gzip.compress(book_bytes()))
    monkeypatch.setattr(workbook_files, "MAX_FILE_BYTES", 100)
    with pytest.raises(UnreadableFileError, match="more than 100 bytes"):
        list_sheets(InputFile(tmp_path / "b.xlsx.gz"))


def test_a_field_of_50_megabytes_rejects_its_row_only(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,x\n1,a\n2,"' + "x" * 50_000_000 + '"\n3,c\n')
    rows = list(DelimitedFile(InputFile(path), ReadOptions()).rows())
    assert [type(row) for row in rows] == [RawRow, BadRow, RawRow]
    assert "more than 32,000,000 characters" in rows[1].rejection.reason


def test_an_empty_file_has_no_header(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    with pytest.raises(UnreadableFileError, match="no header"):
        DelimitedFile(InputFile(tmp_path / "a.csv"), ReadOptions()).columns()


@pytest.mark.parametrize("names", [b"x," * 100_000, b",".join(b"c%d" % n for n in range(100_000))])
def test_a_table_of_far_too_many_columns_is_refused_at_once(tmp_path, names):
    path = tmp_path / "wide.csv"
    path.write_bytes(names + b"\n1,2\n")
    began = time.perf_counter()
    with pytest.raises(UnreadableFileError, match="columns, at most 5,000 are read"):
        DelimitedFile(InputFile(path), ReadOptions()).columns()
    assert time.perf_counter() - began < 5
