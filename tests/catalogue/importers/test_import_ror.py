"""ROR's organisations come in from every shape of its dump, with names in both languages."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importers.general.mapping import map_by_name
from catalogue.importers.reading.files import InputFile, list_files
from catalogue.importers.registry import FORMATS
from catalogue.importers.ror import ROR, read_organisation
from catalogue.importers.sources import ImportOptions
from enmusubi.errors import MappingError, UnreadableFileError

SAMPLES = Path(__file__).parents[2] / "samples" / "ror"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
NAME = st.fixed_dictionaries({}, optional=dict.fromkeys(("value", "types", "lang"), ANY_JSON))
LABEL = st.fixed_dictionaries({}, optional=dict.fromkeys(("label", "iso639"), ANY_JSON))
ORGANISATION = st.fixed_dictionaries(
    {"id": st.just("https://ror.org/00made001") | ANY_JSON},
    optional=dict.fromkeys(("name", "aliases", "types", "status", "country"), ANY_JSON)
    | dict.fromkeys(("locations", "name_ja", "other_names", "names.types.label"), ANY_JSON)
    | {"names": st.lists(NAME) | ANY_JSON, "labels": st.lists(LABEL) | ANY_JSON},
)
YAMABE = {
    "organisation_id": "00made001",
    "ror_id": "00made001",
    "name_ja": "山辺大学",
    "name_en": "Yamabe University",
    "kind": "university",
}


def source_of(path):
    (source,) = ROR.open_sources(InputFile(path), ImportOptions())
    return source


def organisations_of(path):
    rows = source_of(path).parsed_rows()
    return {d.values["ror_id"]: dict(d.values) for row in rows for d in row.drafts}


def one_organisation(**fields):
    (draft,) = read_organisation({"id": "https://ror.org/00made001", **fields}).drafts
    return draft.values


@pytest.mark.parametrize(
    ("file", "aliases"),
    [
        ("schema_v2.json", "YBU; University of Yamabe; 国立大学法人山辺大学; Universität Yamabe"),
        ("schema_v1.json", "Universität Yamabe; University of Yamabe; 国立大学法人山辺大学; YBU"),
        ("schema_v2.csv", "University of Yamabe; 国立大学法人山辺大学; YBU"),
        ("organisations.csv", "YBU; 国立大学法人山辺大学"),
    ],
)
def test_a_university_is_the_same_in_every_shape(file, aliases):
    assert organisations_of(SAMPLES / file)["00made001"] == {**YAMABE, "aliases": aliases}


@pytest.mark.parametrize("file", ["schema_v2.json", "schema_v1.json", "organisations.csv"])
def test_a_company_keeps_the_comma_in_its_name(file):
    company = organisations_of(SAMPLES / file)["00made002"]
    assert (company["name_ja"], company["kind"]) == ("株式会社縁結", "company")
    assert company["aliases"] == "Enmusubi Chemicals, Inc."


def test_an_organisation_without_an_english_name_has_none():
    institute = organisations_of(SAMPLES / "schema_v2.json")["00made003"]
    assert institute["name_ja"] == "かすみ浜水産研究所"
    assert "name_en" not in institute
    assert institute["kind"] == "other"


@pytest.mark.parametrize("file", ["schema_v2.json", "schema_v1.json"])
def test_chinese_names_are_not_japanese_ones(file):
    university = organisations_of(SAMPLES / file)["00made005"]
    assert "name_ja" not in university
    assert "林山大学" in university["aliases"]


@pytest.mark.parametrize("file", ["schema_v2.json", "schema_v1.json", "schema_v2.csv"])
def test_withdrawn_organisations_are_left_out_and_counted(file):
    source = source_of(SAMPLES / file)
    ids = {d.values["ror_id"] for row in source.parsed_rows() for d in row.drafts}
    assert "00made004" not in ids
    (note,) = source.notes()
    assert note.reason == "1 withdrawn organisations were left out"


def test_reading_twice_counts_the_withdrawn_once():
    source = source_of(SAMPLES / "schema_v2.json")
    for _ in range(2):
        list(source.parsed_rows())
    assert [note.reason for note in source.notes()] == ["1 withdrawn organisations were left out"]


def test_organisations_without_id_or_name_are_rejected_with_their_reason():
    rejections = [
        r for row in source_of(SAMPLES / "schema_v2.json").parsed_rows() for r in row.rejections
    ]
    assert [(r.row, r.field) for r in rejections] == [(6, "names"), (7, "id")]
    assert "such as https://ror.org/" in rejections[1].reason
    assert "not an id" not in str(rejections)


def test_json_lines_and_one_organisation_alone_are_read(tmp_path):
    listed = json.loads((SAMPLES / "schema_v2.json").read_text())[:2]
    lines = tmp_path / "ror.jsonl"
    lines.write_text("\n".join(json.dumps(each) for each in listed))
    alone = tmp_path / "00made001.json"
    alone.write_text(json.dumps(listed[0], indent=2))
    assert set(organisations_of(lines)) == {"00made001", "00made002"}
    assert set(organisations_of(alone)) == {"00made001"}


def test_of_the_dump_only_the_json_of_the_newest_schema_is_read(tmp_path):
    dump = tmp_path / "v1.70-2025-08-26-ror-data.zip"
    stem = "v1.70-2025-08-26-ror-data"
    with zipfile.ZipFile(dump, "w") as archive:
        archive.write(SAMPLES / "schema_v1.json", f"{stem}.json")
        archive.write(SAMPLES / "schema_v2.json", f"{stem}_schema_v2.json")
        archive.write(SAMPLES / "schema_v2.csv", f"{stem}_schema_v2.csv")
    read, notes = {}, []
    for file in list_files([dump]):
        (source,) = ROR.open_sources(file, ImportOptions())
        read[file.member] = sum(len(row.drafts) for row in source.parsed_rows())
        notes += [note.reason for note in source.notes() if "same archive" in note.reason]
    assert read == {f"{stem}.json": 0, f"{stem}_schema_v2.csv": 0, f"{stem}_schema_v2.json": 4}
    assert (
        notes
        == [f"left out: {stem}_schema_v2.json in the same archive holds the same organisations"] * 2
    )


def test_a_dump_that_was_unpacked_is_read_whatever_its_name(tmp_path):
    path = tmp_path / "v1.70-2025-08-26-ror-data.json"
    shutil.copy(SAMPLES / "schema_v1.json", path)
    assert len(organisations_of(path)) == 3


@pytest.mark.parametrize(
    ("fields", "japanese", "english"),
    [
        ({"name": "山辺大学"}, "山辺大学", None),
        ({"name": "Universität Nirgends"}, None, "Universität Nirgends"),
        (
            {"names": [{"value": "ABCDEFGHIJKL株式会社", "types": ["label"], "lang": "ja"}]},
            "ABCDEFGHIJKL株式会社",
            None,
        ),
        (
            {
                "names": [
                    {"value": "Yamabe Daigaku", "types": ["label"], "lang": "ja"},
                    {"value": "Yamabe", "types": ["ror_display"], "lang": None},
                ]
            },
            None,
            "Yamabe",
        ),
        ({"names": [{"value": "山辺; 大学、本部", "lang": "ja"}]}, "山辺, 大学・本部", None),
    ],
)
def test_names_find_their_language(fields, japanese, english):
    values = one_organisation(**fields)
    assert (values.get("name_ja"), values.get("name_en")) == (japanese, english)


def test_markup_in_names_is_taken_out():
    values = one_organisation(name="<script>alert(1)</script>Yamabe <b>University</b>")
    assert values["name_en"] == "Yamabe University"


def test_names_that_are_too_long_are_no_aliases():
    values = one_organisation(
        name="Yamabe University", aliases=["x" * 301, "YBU", *map(str, range(200))]
    )
    assert values["aliases"].startswith("YBU; 0; 1")
    assert values["aliases"].count(";") == 99


def test_a_table_without_the_columns_says_which_are_needed(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("name,city\nYamabe University,Yamabe\n")
    with pytest.raises(UnreadableFileError, match=r"expected the columns name_en, name_ja, ror_id"):
        source_of(path)


def test_a_mapping_is_refused():
    mapping = map_by_name("organisations", ("organisation_id", "name_ja"))
    with pytest.raises(MappingError, match="leave --mapping out"):
        ROR.open_sources(InputFile(SAMPLES / "schema_v1.json"), ImportOptions(mapping=mapping))


def test_a_file_without_organisations_says_so(tmp_path):
    path = tmp_path / "empty.json"
    path.write_text("[]")
    source = source_of(path)
    assert list(source.parsed_rows()) == []
    assert "expected organisations of ROR" in source.notes()[0].reason


def test_the_format_is_known_by_its_name():
    assert FORMATS["ror"] is ROR


@given(ORGANISATION)
def test_no_shape_of_json_breaks_the_reading(organisation):
    record = read_organisation(organisation)
    assert record.drafts or record.rejections
