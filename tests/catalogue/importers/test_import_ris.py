"""RIS records become seeds, whatever their encoding and however carelessly they were written."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importers import ris as ris_files
from catalogue.importers.reading.files import InputFile
from catalogue.importers.ris import RIS, name_of
from catalogue.importers.sources import ImportOptions

SAMPLE = Path(__file__).parents[2] / "samples" / "ris" / "publications.ris"


def rows_of(path):
    (source,) = RIS.open_sources(InputFile(path), ImportOptions())
    return list(source.parsed_rows())


def values_of(row):
    (draft,) = row.drafts
    return draft.values


@pytest.fixture
def read(tmp_path):
    """Return the rows of a file with that content."""

    def rows(content, encoding="utf-8"):
        path = tmp_path / "some.ris"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return rows_of(path)

    return rows


def test_every_field_of_an_article_finds_its_column():
    (seed,) = rows_of(SAMPLE)[0].drafts
    assert seed.values == {
        "seed_id": "ris:mori2021-4f791723aa",
        "kind": "paper",
        "title": "Oxygen barriers from cellulose and clay",
        "text": "Films keep oxygen out. Their rate fell to a tenth.\n\nセルロースと粘土による酸素バリア",
        "lang": "en",
        "year": 2021,
        "doi": "10.5555/kasumi.41",
        "url": "https://example.org/papers/41",
        "venue": "Journal of Imaginary Packaging",
    }
    assert seed.people == ("name:|Hana Mori", "name:|Jiro Sato")


def test_a_talk_is_told_by_the_type_of_work_and_found_by_its_keywords():
    (seed,) = rows_of(SAMPLE)[1].drafts
    assert (seed.values["kind"], seed.values["year"]) == ("presentation", 2018)
    assert seed.values["text"] == "木造橋; 振動"
    assert seed.people == ("name:|橘 由紀",)


def test_a_record_without_end_stops_where_the_next_begins():
    assert values_of(rows_of(SAMPLE)[2])["seed_id"] == "patent:JP2020123456A"


def test_a_patent_has_its_applicants_as_companies():
    assert values_of(rows_of(SAMPLE)[2])["companies"] == "霞製紙株式会社"


def test_records_without_type_or_title_are_rejected_with_their_text():
    rows = rows_of(SAMPLE)
    rejected = [(row.number, row.rejections[0].field) for row in rows if not row.drafts]
    assert rejected == [(4, "TY"), (5, "title")]
    assert rows[4].raw() == "TY  - THES\nAU  - Mori, Hana\nPY  - 2012\nER  - \n"


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_records_are_read_in_every_encoding_and_with_all_line_ends(read, encoding, line_end):
    lines = ("TY  - JOUR", "TI  - 木造橋の振動計測と損傷評価", "AU  - 橘, 由紀", "ER  -", "")
    (row,) = read(line_end.join(lines), encoding)
    assert values_of(row)["title"] == "木造橋の振動計測と損傷評価"
    assert row.drafts[0].people == ("name:|橘 由紀",)


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ("Mori, Hana", "Hana Mori"),
        ("Mori, Hana, Jr.", "Hana Mori"),
        ("Hana Mori", "Hana Mori"),
        ("森, 花", "森 花"),
        ("森，花", "森 花"),
        ("Mori,", "Mori"),
    ],
)
def test_names_are_read_in_both_orders(person, name):
    assert name_of(person) == name


def test_undecodable_bytes_reject_their_record_only(read):
    good = "TY  - JOUR\nTI  - 木造橋の振動\nER  - \n".encode()
    rows = read(good * 20 + b"TY  - JOUR\nTI  - x\xff\xfe\nER  - \n" + good)
    assert [row.number for row in rows if not row.drafts] == [21]


def test_a_record_without_end_is_bounded(read, monkeypatch):
    monkeypatch.setattr(ris_files, "MAX_RECORD_CHARS", 1_000)
    rows = read("TY  - JOUR\nTI  - A\n" + "x\n" * 5_000 + "TY  - JOUR\nTI  - B\n")
    assert "longer than 1,000 characters" in rows[0].rejections[0].reason
    assert values_of(rows[1])["title"] == "B"


def test_a_file_without_records_says_so(tmp_path):
    path = tmp_path / "empty.ris"
    path.write_text("nothing here\n")
    (source,) = RIS.open_sources(InputFile(path), ImportOptions(researcher="HU-1"))
    assert list(source.parsed_rows()) == []
    assert source.source == "ris:HU-1"
    assert "nothing found: expected records" in source.notes()[0].reason


@pytest.mark.parametrize(
    "content",
    [
        "TY  - JOUR\n" + "x\n" * 400_000,
        "TY  - JOUR\n" + "KW  - a\n" * 100_000 + "TI  - A\n",
        "TY  - JOUR\nTI  - " + "A" * 900_000,
        "TY  - JOUR\n" + "AU  - A, B\n" * 80_000 + "TI  - A\nER  - \n",
        "TY  - JOUR\nTI  - <script>alert(1)</script>\x00\nUR  - javascript:alert(1)\nER  - \n",
    ],
)
def test_crafted_records_end_soon(read, content):
    started = time.perf_counter()
    (row,) = read(content)
    assert time.perf_counter() - started < 20
    assert row.drafts or row.rejections
    assert "script:" not in str(row)


def test_tags_before_any_type_are_a_record_that_is_told(read):
    first, second = read(
        "Provider: a library\nTI  - lost\nER  - \nTY  - JOUR\nTI  - kept\nER  - \n"
    )
    assert [(r.row, r.field) for r in first.rejections] == [(1, "TY")]
    assert values_of(second)["title"] == "kept"


@given(st.text(alphabet="TYAUERKW -\n\r,;木", max_size=120))
def test_records_of_any_text_are_read_or_rejected(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.ris"
    path.write_text(f"TY  - JOUR\nTI  - a\n{text}\nTY  - JOUR\nTI  - last\n", "utf-8")
    rows = rows_of(path)
    assert values_of(rows[-1])["title"] == "last"
    assert all(row.drafts or row.rejections for row in rows)
