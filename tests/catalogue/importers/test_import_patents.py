"""Patents become seeds, from tables and from the XML of the offices."""

import time
from pathlib import Path

import pytest
from sqlalchemy import select

from catalogue.database.models import Authorship
from catalogue.importers.general.mapping import map_by_name
from catalogue.importers.patents import source as patent_tables
from catalogue.importers.patents.records import (
    Patent,
    fi_codes,
    fterm_codes,
    ipc_codes,
    patent_records,
    plain,
)
from catalogue.importers.patents.source import PATENTS
from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import ImportOptions
from catalogue.records.drafts import SEEDS
from enmusubi.errors import MappingError, UnreadableFileError

SAMPLES = Path(__file__).parents[2] / "samples" / "patents"


def open_source(path):
    (source,) = PATENTS.open_sources(InputFile(path), ImportOptions())
    return source


def seeds_of(path):
    rows = list(open_source(path).parsed_rows())
    assert [row.rejections for row in rows] == [()] * len(rows)
    seeds = [draft for row in rows for draft in row.drafts]
    assert {seed.table for seed in seeds} == {SEEDS}
    return seeds


def values_of(**fields):
    (record,) = patent_records(Patent(number="特開2020-999001", **fields))
    return record.drafts[0].values


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932", "euc_jp", "utf-16"])
def test_every_column_of_j_platpat_finds_its_field(tmp_path, encoding):
    path = tmp_path / "jplatpat.csv"
    text = (SAMPLES / "jplatpat.csv").read_text("utf-8-sig")
    path.write_bytes(text.replace("▲高▼", "高").encode(encoding))
    first = seeds_of(path)[0]
    assert first.values == {
        "seed_id": "patent:JP2020999001A",
        "kind": "patent",
        "title": "樹脂組成物及びその製造方法",
        "text": "【課題】再生樹脂の衝撃強度を高める。\n【解決手段】セルロースナノファイバーを配合する。",
        "year": 2018,
        "patent_status": "published",
        "family_id": "app:JP2018-999123",
        "field_codes": "fi:C08L 1/02; fi:C08J 5/18@Z; fi:C08K 7/02,100",
        "companies": "株式会社星野マテリアル",
        "url": "https://www.j-platpat.inpit.go.jp/c1801/PU/JP-2020-999001/11/ja",
    }
    assert first.people is None  # J-PlatPat leaves inventors out


def test_publication_and_grant_of_one_application_share_their_family():
    laid_open, granted, *_ = seeds_of(SAMPLES / "jplatpat.csv")
    assert laid_open.values["family_id"] == granted.values["family_id"] == "app:JP2018-999123"
    assert granted.values["seed_id"] == "patent:JP9990002B"
    assert granted.values["patent_status"] == "granted"


def test_old_and_international_documents_of_j_platpat_are_read():
    *_, old, international = seeds_of(SAMPLES / "jplatpat.csv")
    assert old.values["title"] == "高所作業用ロボット"  # marks of letters that JIS lacks are gone
    assert (old.values["year"], old.values["patent_status"]) == (1996, "lapsed")
    assert international.values["seed_id"] == "patent:WO2015999004"
    assert international.values["field_codes"] == "fi:G06T 7/00,350@B; fi:H04N 5/232"


def test_an_offices_list_with_titles_and_eras_is_read():
    granted, filed, withdrawn = seeds_of(SAMPLES / "office_list.csv")
    assert granted.values == {
        "seed_id": "patent:JP9991111B",
        "kind": "patent",
        "title": "農業用水路の除草装置",
        "text": "水路の壁に沿って走り、根ごと刈る。",
        "year": 2021,
        "patent_status": "granted",
        "family_id": "app:JP2021-999111",
        "companies": "株式会社星野農機",
    }
    assert granted.people == ("name:~霞野大学|北川 雪", "name:~霞野大学|岡田 航")
    assert filed.people == ("KU100", "name:~霞野大学|外山 光")
    assert withdrawn.people == ("KU200",)


def test_what_was_never_laid_open_is_unpublished():
    seeds = [*seeds_of(SAMPLES / "office_list.csv"), *seeds_of(SAMPLES / "patents.csv")]
    secret = [s.values["seed_id"] for s in seeds if s.values["patent_status"] == "unpublished"]
    assert secret == ["patent:JP2023-999222", "patent:JP2019-999333", "patent:US18/999003"]


def test_every_column_of_an_english_table_finds_its_field():
    published, lapsed, filed = seeds_of(SAMPLES / "patents.csv")
    assert published.values == {
        "seed_id": "patent:US20229990001A1",
        "kind": "patent",
        "title": "Recycled resin with cellulose nanofibres",
        "text": (
            "A resin that resists impact.\n\n"
            "1. A resin composition comprising recycled polypropylene."
        ),
        "year": 2021,
        "patent_status": "published",
        "family_id": "99900001",
        "field_codes": "ipc:C08L 1/02; ipc:C08J 5/18",
        "companies": "Hoshino Materials Co., Ltd.",
    }
    assert published.people == (
        "name:~Kasumino University|Mori, Aya",
        "name:~Kasumino University|Mochizuki, Ren",
    )
    codes = "ipc:A01G 20/30; fi:A01G 20/30@A; fterm:4B083AA01; fterm:2B082"
    assert lapsed.values["field_codes"] == codes
    assert (lapsed.values["patent_status"], lapsed.people) == ("lapsed", ("name:|Yuki Kitagawa",))
    assert filed.people == ("name:~Kasumino University|Kitagawa, Yuki",)


def test_every_element_of_st36_finds_its_field():
    published, granted, filed = seeds_of(SAMPLES / "st36.xml")
    assert published.values == {
        "seed_id": "patent:JP2020999001A",
        "kind": "patent",
        "title": "樹脂組成物及びその製造方法",
        "text": (
            "【課題】再生樹脂の衝撃強度を高める。\n【解決手段】CO2由来の繊維を配合する。\n\n"
            "再生樹脂と繊維とを含む樹脂組成物。\n請求項１に記載の樹脂組成物。"
        ),
        "year": 2018,
        "patent_status": "published",
        "family_id": "app:JP2018-999123",
        "field_codes": "ipc:C08L 1/02; ipc:C08J 5/18",
        "companies": "株式会社星野マテリアル",
    }
    assert published.people == ("name:~霞野大学|森 彩", "name:~霞野大学|望月 蓮")
    assert filed.values["patent_status"] == "unpublished"
    assert filed.people == ("name:|Yuki Kitagawa",)
    assert granted.people == ("name:~霞野大学|森 彩",)


def test_the_japanese_gazette_agrees_with_j_platpat():
    gazette = seeds_of(SAMPLES / "st36.xml")[1].values
    listed = seeds_of(SAMPLES / "jplatpat.csv")[1].values
    shared = ("seed_id", "family_id", "patent_status", "year", "title")
    assert [gazette[name] for name in shared] == [listed[name] for name in shared]
    assert gazette["field_codes"] == (
        "ipc:C08L 1/02; ipc:C08K 7/02; fi:C08L 1/02; fi:C08J 5/18; "
        "fterm:4J002AB011; fterm:4J002BB121"
    )


def test_every_element_of_st96_finds_its_field():
    american, japanese = seeds_of(SAMPLES / "st96.xml")
    assert american.values == {
        "seed_id": "patent:US20229990001A1",
        "kind": "patent",
        "title": "Recycled resin with cellulose nanofibres",
        "text": "A resin that resists impact.",
        "year": 2021,
        "patent_status": "granted",
        "family_id": "app:US17999001",
        "field_codes": "ipc:C08L 1/02",
    }
    assert american.people == ("name:~Kasumino University|Aya Mori",)
    assert japanese.values == {
        "seed_id": "patent:JP9991111B",
        "kind": "patent",
        "title": "農業用水路の除草装置",
        "text": "水路の壁に沿って走り、根ごと刈る。\n\n水路の壁に沿って走る除草装置。",
        "year": 2021,
        "patent_status": "granted",
        "family_id": "app:JP2021-999111",
        "field_codes": "ipc:A01G 20/30; fi:A01G 20/30; fterm:2B083AA02",
        "companies": "株式会社星野農機",
    }
    assert japanese.people == ("name:~霞野大学|北川 雪",)


def test_what_different_kinds_of_files_say_is_kept_apart():
    names = ["jplatpat.csv", "office_list.csv", "patents.csv", "st36.xml"]
    sources = [open_source(SAMPLES / name).source for name in names]
    assert sources == ["patents:j-platpat", "patents:table", "patents:table", "patents:xml"]


def test_xml_in_cp932_is_read(tmp_path):
    text = (SAMPLES / "st36.xml").read_text("utf-8").replace("UTF-8", "Shift_JIS")
    path = tmp_path / "st36.xml"
    path.write_bytes(text.encode("cp932"))
    assert seeds_of(path)[0].values == seeds_of(SAMPLES / "st36.xml")[0].values


def test_classifications_are_brought_to_one_form():
    assert ipc_codes("C08L1/02, Ｃ０８Ｊ　５／１８ (2006.01)") == ["C08L 1/02", "C08J 5/18"]
    assert fi_codes("C08L1/02,C08J5/18@Z") == ["C08L 1/02", "C08J 5/18@Z"]
    assert fi_codes("H02J3/00,170,H02J3/32 B") == ["H02J 3/00,170", "H02J 3/32@B"]
    assert fterm_codes("4J002 AB01 4J002AB011; 2B083") == ["4J002AB01", "4J002AB011", "2B083"]


@pytest.mark.parametrize("text", ["x" + " " * 100_000 + "x", "[JP]" + " " * 100_000 + "x"])
def test_a_cell_of_blanks_is_read_once(text):
    started = time.perf_counter()
    assert plain(text) == text
    assert time.perf_counter() - started < 2


def test_names_are_divided_and_those_left_out_are_dropped():
    companies = "Hoshino Materials Co., Ltd., Kasumino University, 他"
    assert patent_tables.split_names(companies) == [
        "Hoshino Materials Co., Ltd.",
        "Kasumino University",
    ]
    people = patent_tables.split_people("Aya Mori, Ren Mochizuki")
    assert people == ["Aya Mori", "Ren Mochizuki"]


def test_several_universities_or_a_holding_leave_the_place_open():
    names = {"inventors": ("森 彩",)}
    two = patent_records(Patent(number="x1234", applicants=("霞野大学", "星野大学"), **names))
    holding = patent_records(Patent(number="x1234", applicants=("東霞野大学機構",), **names))
    rector = patent_records(Patent(number="x1234", applicants=("霞野大学長",), **names))
    people = [records[0].drafts[0].people for records in (two, holding, rector)]
    assert people == [("name:|森 彩",), ("name:|森 彩",), ("name:~霞野大学|森 彩",)]


def test_ids_that_do_not_match_the_names_stand_alone():
    (record,) = patent_records(
        Patent(number="x1234", inventors=("森 彩", "望月 蓮"), inventor_ids=("KU1",))
    )
    assert record.drafts[0].people == ("KU1",)


def test_dashes_and_words_in_number_columns_make_no_family_of_strangers():
    first = values_of(application="-", family="なし", title="一")
    second = values_of(application="出願準備中", family="-", title="二")
    assert "family_id" not in first and "family_id" not in second


def test_a_row_without_any_number_is_rejected(tmp_path):
    path = tmp_path / "patents.csv"
    path.write_text("application_number,title\n,題\n特願2018-123456,題\n", "utf-8")
    first, second = open_source(path).parsed_rows()
    assert first.rejections[0].field == "seed_id" and not first.drafts
    assert second.drafts


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("people.csv", "氏名,学部\n森 彩,工学部\n", "no header of the format patents"),
        ("patents.docx", "PK", "is no file of the format"),
    ],
)
def test_another_file_is_refused_with_what_was_expected(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(UnreadableFileError, match=reason):
        open_source(path)


def test_a_mapping_is_refused():
    options = ImportOptions(mapping=map_by_name("seeds", ("seed_id",)))
    with pytest.raises(MappingError, match="leave --mapping out"):
        PATENTS.open_sources(InputFile(SAMPLES / "patents.csv"), options)


def test_parties_of_several_formats_are_one_person_each_and_country_codes_are_no_names(
    catalogue, put, load
):
    people = "researcher_id,name_ja,name_en,institution_ja\nR1,森 彩,Aya Mori,霞野大学\n"
    people += "R2,,Ren Mochizuki,霞野大学\n"
    load(put("people.csv", people), format_name="general")

    def party(kind, number, form, name):
        return (
            f'<{kind} sequence="{number}" data-format="{form}"><{kind}-name><name>{name}</name>'
            f"</{kind}-name></{kind}>"
        )

    inventors = (
        party("inventor", 1, "epodoc", "MORI AYA [JP]")
        + party("inventor", 2, "epodoc", "MOCHIZUKI REN [JP]")
        + party("inventor", 1, "original", "森　彩")
        + party("inventor", 2, "original", "MOCHIZUKI, Ren, ")
    )
    for applicant in ("KASUMINO UNIV [JP]", "UNIV WAKABA [JP]", "WAKABA UNIV NAT CORP [JP]"):
        document = f"""<exchange-document country="JP" doc-number="2020012345" kind="A"><bibliographic-data>
            <parties><applicants>{party("applicant", 1, "epodoc", applicant)}</applicants>
            <inventors>{inventors}</inventors></parties>
            <invention-title lang="en">CLEANING A FILM</invention-title>
            </bibliographic-data></exchange-document>"""
        assert load(put("epo.xml", document), format_name="patents").rejected == 0
        with catalogue.reading() as connection:
            found = set(connection.execute(select(Authorship.researcher_id)).scalars())
        assert found == {"R1", "R2"}
