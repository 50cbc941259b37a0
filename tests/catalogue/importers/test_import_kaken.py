"""KAKEN's grants become seeds and mentions of their people, whichever export they come from."""

from pathlib import Path

import pytest

from catalogue.identity.organisation_kinds import kind_of_names
from catalogue.importers.general.mapping import map_by_name
from catalogue.importers.kaken import documents as kaken_tables
from catalogue.importers.kaken.grants import project_number, section_codes
from catalogue.importers.kaken.source import KAKEN
from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import ImportOptions
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Merge
from enmusubi.errors import MappingError, UnreadableFileError

SAMPLES = Path(__file__).parents[2] / "samples" / "kaken"
TITLE = "セルロースナノファイバーで強化した再生プラスチックの界面設計"


def open_source(path):
    (source,) = KAKEN.open_sources(InputFile(path), ImportOptions())
    return source


def rows_of(path):
    return list(open_source(path).parsed_rows())


def drafts_of(row, table):
    return [draft for draft in row.drafts if draft.table == table]


def seed_of(row):
    (seed,) = drafts_of(row, SEEDS)
    return seed


def in_encoding(tmp_path, encoding):
    text = (SAMPLES / "grants.csv").read_text("utf-8-sig").replace("–", "-")
    path = tmp_path / f"grants-{encoding}.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_every_field_of_a_grant_in_xml_finds_its_column():
    seed = seed_of(rows_of(SAMPLES / "grants.xml")[0])
    assert seed.values == {
        "seed_id": "kaken:20H99001",
        "kind": "grant",
        "title": TITLE,
        "text": (
            "回収した樹脂は混合比が一定せず脆い。本研究では繊維と樹脂の界面を設計する。\n\n"
            "再生ポリプロピレンに0.5<x<2の割合で繊維を加え、衝撃強度を1.8倍にした。\n\n"
            "界面の剥離を13C核磁気共鳴で追った。\n\n"
            "Waste plastics become a material for car interiors.\n\n"
            "Interface design of recycled plastics reinforced with cellulose nanofibres\n\n"
            "セルロースナノファイバー; 再生プラスチック; cellulose nanofibre; "
            "小区分26030:複合材料および界面関連; "
            "Basic Section 26030:Composite materials and interfaces-related"
        ),
        "year": 2020,
        "venue": "基盤研究(B)",
        "field_codes": "kaken:26030",
        "companies": "株式会社星野マテリアル",
        "doi": "10.5555/kaken.20h99001",
        "url": "https://kaken.nii.ac.jp/grant/KAKENHI-PROJECT-20H99001/",
    }
    assert seed.people == ("erad:00990001", "erad:00990002")
    assert seed.merge is Merge.REPLACE


def test_the_people_of_a_grant_are_mentioned_in_both_languages():
    leader, other = drafts_of(rows_of(SAMPLES / "grants.xml")[0], RESEARCHERS)
    known = dict(leader.values)
    assert known.pop("organisation_id")
    assert known == {
        "researcher_id": "erad:00990001",
        "erad_id": "00990001",
        "name_ja": "森 彩",
        "name_kana": "モリ アヤ",
        "name_en": "Aya Mori",
        "aliases": "林 彩",
        "department_ja": "大学院工学研究科",
        "department_en": "Graduate School of Engineering",
        "position_ja": "教授",
        "position_en": "Professor",
    }
    assert leader.merge is other.merge is Merge.FILL
    assert other.values["name_ja"] == "望月 蓮"


def test_the_organisation_of_a_person_has_both_names():
    first = drafts_of(rows_of(SAMPLES / "grants.xml")[0], ORGANISATIONS)[0]
    assert (first.values["name_ja"], first.values["name_en"]) == ("霞野大学", "Kasumino University")


def test_a_company_that_employs_a_member_is_a_company():
    university, company = drafts_of(rows_of(SAMPLES / "grants.xml")[0], ORGANISATIONS)
    kinds = [kind_of_names([str(own.values["name_ja"])]) for own in (university, company)]
    assert kinds == ["university", "company"]


def test_an_old_grant_refers_to_its_people_by_name_and_keeps_its_fields():
    row = rows_of(SAMPLES / "grants.xml")[1]
    seed = seed_of(row)
    assert seed.people == ("name:霞野大学|北川 雪",)
    assert drafts_of(row, RESEARCHERS) == []
    assert seed.values["field_codes"] == "kaken:1102"
    assert seed.values["text"] == "水工水理学; 土木工学"
    assert seed.values["year"] == 1996


def test_a_declined_grant_in_english_only_is_kept_out_of_matching():
    row = rows_of(SAMPLES / "grants.xml")[2]
    seed = seed_of(row)
    assert seed.values["visibility"] == "internal"
    assert seed.values["title"] == "Cold-climate viticulture and its microbes"
    assert seed.people == ("erad:00990003",)
    assert drafts_of(row, RESEARCHERS)[0].values["name_en"] == "Sato Haruka"


def test_a_grant_without_a_number_is_rejected_and_the_others_go_in():
    rows = rows_of(SAMPLES / "grants.xml")
    assert [bool(row.drafts) for row in rows] == [True, True, True, False]
    assert rows[3].rejections[0].field == "seed_id"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932", "euc_jp", "utf-16"])
def test_the_csv_export_is_read_in_every_encoding(tmp_path, encoding):
    rows = rows_of(in_encoding(tmp_path, encoding))
    assert [row.number for row in rows] == [2, 3, 4]
    first = seed_of(rows[0])
    assert first.values == {
        "seed_id": "kaken:20H99001",
        "kind": "grant",
        "title": TITLE,
        "text": (
            "回収した樹脂は混合比が一定せず脆い。\n本研究では繊維と樹脂の界面を設計する。\n\n"
            "衝撃強度を1.8倍にした。\n\n廃プラスチックを車の内装に使える。\n\n"
            "Interface design of recycled plastics reinforced with cellulose nanofibres\n\n"
            "セルロースナノファイバー; 再生プラスチック; 小区分26030:複合材料および界面関連"
        ),
        "year": 2020,
        "venue": "基盤研究(B)",
        "field_codes": "kaken:26030",
        "companies": "株式会社星野マテリアル",
        "url": "https://kaken.nii.ac.jp/grant/KAKENHI-PROJECT-20H99001/",
    }
    assert first.people == ("erad:00990001", "erad:00990002", "erad:00990004")


def test_the_csv_export_has_eras_full_width_numbers_and_declined_grants():
    _, old, declined = map(seed_of, rows_of(SAMPLES / "grants.csv"))
    assert (old.values["seed_id"], old.values["year"]) == ("kaken:08999002", 1996)
    assert old.people == ("name:霞野大学|北川 雪",)
    assert declined.values["visibility"] == "internal"
    assert declined.values["field_codes"] == "kaken:41"
    assert declined.people == ("erad:00990003",)


def test_lines_of_title_above_the_header_are_skipped(tmp_path):
    text = (SAMPLES / "grants.csv").read_text("utf-8-sig")
    path = tmp_path / "grants.tsv"
    titles = "霞野大学 科研費一覧\n令和6年4月1日現在\n\n"
    header, row = "課題番号\t研究課題名\t研究代表者", "20H99001\t題名\t森 彩 (00990001)"
    path.write_text(f"{titles}{header}\n{row}\n", "utf-8")
    (only,) = rows_of(path)
    assert only.number == 5
    assert seed_of(only).people == ("erad:00990001",)
    path.with_suffix(".csv").write_text(f"科研費一覧\n{text}", "utf-8")
    assert len(rows_of(path.with_suffix(".csv"))) == 3


@pytest.mark.parametrize(
    ("written", "columns", "number"),
    [
        (
            "森 彩  霞野大学, 大学院工学研究科, 教授 (12345678)",
            {
                "name_ja": "森 彩",
                "institution_ja": "霞野大学",
                "department_ja": "大学院工学研究科",
                "position_ja": "教授",
            },
            "12345678",
        ),
        (
            "森　彩　霞野大学、助教（１２３４５６７８）",
            {"name_ja": "森 彩", "institution_ja": "霞野大学", "position_ja": "助教"},
            "12345678",
        ),
        (
            "SMITH John William  霞野大学, 国際センター (00990001)",
            {
                "name_en": "SMITH John William",
                "institution_ja": "霞野大学",
                "department_ja": "国際センター",
            },
            "00990001",
        ),
        ("森 彩", {"name_ja": "森 彩"}, ""),
        (
            "Mori Aya  Kasumino University, Faculty of Engineering, Professor (00990001)",
            {
                "name_en": "Mori Aya",
                "institution_en": "Kasumino University",
                "department_en": "Faculty of Engineering",
                "position_en": "Professor",
            },
            "00990001",
        ),
    ],
)
def test_a_person_of_the_csv_is_taken_apart(written, columns, number):
    member = kaken_tables.read_member(written)
    assert (dict(member.columns), member.number) == (columns, number)


def test_a_number_loses_its_prefixes():
    given_numbers = [
        "20H00001",
        "JP20H00001",
        "KAKENHI-PROJECT-20H00001",
        "２０Ｈ００００１",
        "08455123",
    ]
    assert [project_number(text) for text in given_numbers] == [*["20H00001"] * 4, "08455123"]
    assert project_number("課題") == project_number("") == project_number("x" * 10**6) == ""


def test_sections_have_their_codes_in_their_names():
    names = [
        "小区分26030:複合材料",
        "大区分D",
        "Medium-sized Section 41:Agricultural chemistry",
        "系",
    ]
    assert section_codes(names) == ["26030", "D", "41"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("other.csv", "a,b\n1,2\n", "no header of the format kaken"),
        ("empty.csv", "", "no header"),
        ("grants.pdf", "%PDF", "is no file of the format"),
    ],
)
def test_another_file_is_refused_with_what_was_expected(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(UnreadableFileError, match=reason):
        open_source(path)


def test_grants_and_researchers_are_sources_of_their_own():
    names = ["grants.xml", "grants.csv", "researchers.json"]
    sources = [open_source(SAMPLES / name).source for name in names]
    assert sources == ["kaken:xml", "kaken:table", "kaken:researchers"]


def test_a_mapping_is_refused():
    file = InputFile(SAMPLES / "grants.csv")
    with pytest.raises(MappingError, match="leave --mapping out"):
        KAKEN.open_sources(file, ImportOptions(mapping=map_by_name("seeds", ("seed_id",))))


def test_xml_without_grants_says_so(tmp_path):
    path = tmp_path / "none.xml"
    path.write_text("<a><b/></a>", "utf-8")
    source = open_source(path)
    assert list(source.parsed_rows()) == []
    assert "nothing found" in source.notes()[0].reason


def test_the_researchers_of_the_search_have_their_ids_names_and_place():
    known, unknown = rows_of(SAMPLES / "researchers.json")
    organisation, researcher = known.drafts
    assert organisation.values["name_en"] == "Kasumino University"
    values = {k: v for k, v in researcher.values.items() if k != "organisation_id"}
    assert values == {
        "researcher_id": "erad:00990001",
        "erad_id": "00990001",
        "orcid": "0000-0002-1825-0097",
        "researchmap_id": "aya_mori",
        "name_ja": "森 彩",
        "name_kana": "モリ アヤ",
        "name_en": "Aya MORI",
        "department_ja": "大学院工学研究科",
        "position_ja": "教授",
    }
    assert researcher.merge is Merge.REPLACE
    assert unknown.rejections[0].field == "researcher_id"
