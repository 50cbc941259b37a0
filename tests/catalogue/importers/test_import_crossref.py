"""Crossref works become seeds; people with ORCID iDs are mentioned, others referred to by name."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importers.crossref import CROSSREF, institution_in, read_item
from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import ImportOptions
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Merge

SAMPLES = Path(__file__).parents[2] / "samples" / "crossref"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
PERSON = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("given", "family", "ORCID", "name"), ANY_JSON),
        "affiliation": st.lists(st.fixed_dictionaries({"name": ANY_JSON})) | ANY_JSON,
    },
)
FIELDS = ("title", "subtitle", "abstract", "type", "language", "subject", "original-title", "URL")
PARTS = ("funder", "update-to", "updated-by", "project", "resource", "message", "container-title")
WORK = st.fixed_dictionaries(
    {"DOI": st.just("10.5555/a") | ANY_JSON},
    optional=dict.fromkeys((*FIELDS, *PARTS), ANY_JSON)
    | dict.fromkeys(("issued", "published"), st.dictionaries(st.just("date-parts"), ANY_JSON))
    | {"author": st.lists(PERSON, max_size=3) | ANY_JSON},
)


def rows_of(path):
    (source,) = CROSSREF.open_sources(InputFile(path), ImportOptions())
    return list(source.parsed_rows())


def drafts_of(row, table):
    return [draft for draft in row.drafts if draft.table == table]


@pytest.fixture
def rows():
    return rows_of(SAMPLES / "works.json")


def test_every_field_of_a_work_finds_its_column(rows):
    (seed,) = drafts_of(rows[0], SEEDS)
    assert seed.values == {
        "seed_id": "crossref:10.5555/kasumi.21",
        "kind": "paper",
        "title": "Oxygen barriers from cellulose & clay: A pilot line",
        "text": "Films keep oxygen out for a year.\n\nセルロースと粘土による酸素バリア",
        "lang": "en",
        "year": 2022,
        "doi": "10.5555/kasumi.21",
        "url": "https://example.org/papers/21",
        "venue": "Journal of Imaginary Packaging",
        "companies": "Kasumi Paper Co., Ltd.; Wakaba Chemical Co., Ltd.",
    }
    assert seed.people == (
        "0000-0002-1825-0097",
        "name:Hoshimi Institute|Jiro Sato",
        "name:|橘 由紀",
        "name:Kasumi Paper Co., Ltd.|Taro Shirase",
    )


def test_only_authors_with_an_orcid_are_mentioned_as_researchers(rows):
    (author,) = drafts_of(rows[0], RESEARCHERS)
    assert author.merge is Merge.FILL
    assert author.values["orcid"] == "0000-0002-1825-0097"
    assert author.values["name_en"] == "Hana Mori"
    (institution,) = drafts_of(rows[0], ORGANISATIONS)
    assert institution.values["ror_id"] == "0aaaaaa11"
    assert institution.values["name_en"] == "Kasumino University"


def test_japanese_names_stand_family_first_and_faculties_are_taken_off(rows):
    (author,) = drafts_of(rows[1], RESEARCHERS)
    assert author.values["name_ja"] == "橘 由紀"
    assert drafts_of(rows[1], ORGANISATIONS)[0].values["name_ja"] == "霞野大学"


def test_a_work_without_abstract_is_found_by_its_subjects_and_a_null_date_is_none(rows):
    (seed,) = drafts_of(rows[1], SEEDS)
    assert seed.values["text"] == "Bridges; Timber"
    assert seed.values["year"] == 2019


def test_a_retracted_work_is_kept_out_of_matching(rows):
    assert drafts_of(rows[2], SEEDS)[0].values["visibility"] == "internal"
    notice = {"DOI": "10.5555/n", "title": ["Retraction"], "update-to": [{"type": "retraction"}]}
    assert read_item(notice)[-1].drafts[0].values["visibility"] == "internal"


def test_a_grant_has_its_words_in_its_project(rows):
    (seed,) = drafts_of(rows[3], SEEDS)
    assert (seed.values["kind"], seed.values["year"]) == ("grant", 2023)
    assert seed.values["title"] == "Paper cups without plastic"
    assert seed.values["text"] == "We line cups with clay."
    assert seed.people == ("0000-0002-1825-0097",)


def test_a_work_without_doi_is_rejected_with_what_stood_there(rows):
    assert [row.number for row in rows if not row.drafts] == [5]
    assert rows[4].rejections[0].field == "seed_id"
    assert json.loads(rows[4].raw())["title"] == ["A work that lost its DOI"]


def test_all_envelopes_hold_the_same_works(rows, tmp_path):
    items = json.loads((SAMPLES / "works.json").read_text())["message"]["items"]
    lines = tmp_path / "works.jsonl"
    lines.write_text("\n".join(map(json.dumps, items)))
    dump = tmp_path / "0.json"
    dump.write_text(json.dumps({"items": items}))
    for path in (lines, dump):
        assert [row.drafts for row in rows_of(path)] == [row.drafts for row in rows]
    assert [row.drafts for row in rows_of(SAMPLES / "work.json")] == [rows[0].drafts]


@pytest.mark.parametrize(
    ("affiliation", "institution"),
    [
        ("霞野大学大学院工学研究科", "霞野大学"),
        ("国立研究開発法人霞研究機構 水部門", "霞研究機構"),
        ("Dept. of Paper, Kasumino University, Kasumino, Japan", "Kasumino University"),
        ("Central Laboratory, Kasumi Paper Co., Ltd., Japan", "Kasumi Paper Co., Ltd."),
        ("Institute of Clay, Kasumino University", "Kasumino University"),
        ("株式会社霞製紙 中央研究所", "株式会社霞製紙"),
        ("A garage in Kasumino", "A garage in Kasumino"),
    ],
)
def test_the_institution_is_found_in_an_affiliation(affiliation, institution):
    assert institution_in(affiliation) == institution


def test_formulas_and_headings_that_are_no_words_of_the_abstract_go():
    abstract = (
        "<jats:title>要旨</jats:title><jats:p>一<jats:sub>2</jats:sub>"
        "<jats:tex-math>x</jats:tex-math></jats:p><jats:p>二</jats:p>"
    )
    seed = read_item({"DOI": "10.5555/a", "title": "題", "abstract": abstract})[-1].drafts[0]
    assert seed.values["text"] == "一2\n\n二"


@given(WORK)
def test_works_of_any_shape_give_records(work):
    for record in read_item(work):
        assert record.drafts or record.rejections


@given(st.text())
def test_any_affiliation_is_read(text):
    assert len(institution_in(text)) <= len(unicodedata.normalize("NFKC", text))


def work_of(number, affiliation):
    """Return a work whose author, who has an ORCID iD, has that affiliation."""
    author = {"family": "森", "given": "花", "ORCID": f"0000-0001-2345-{number}"}
    author["affiliation"] = [{"name": affiliation}]
    return {"DOI": f"10.5555/{number}", "title": [f"題名は長い{number}"], "author": [author]}


def test_a_known_organisation_is_taken_out_of_whatever_stands_around_it(catalogue, put, load):
    people = "researcher_id,name_ja,institution_ja,institution_en\nR1,森 彩,霞野大学,Kasumino University\n"
    load(put("people.csv", people), format_name="general")
    affiliations = {
        "0002": "国立大学法人霞野大学大学院工学研究科",
        "0010": "Kasumino University Graduate School of Engineering",
        "0029": "Faculty of Engineering\nKasumino University\nJapan",
        "0037": "Kasumino Univ.",
        "0045": "KASUMINO UNIV [JP]",
    }
    works = [work_of(*pair) for pair in affiliations.items()]
    load(put("works.json", json.dumps(works)), format_name="crossref")

    found = [catalogue.researcher(f"0000-0001-2345-{number}") for number in affiliations]
    assert {person.institution_ja for person in found} == {"霞野大学"}
    departments = [person.department_ja or person.department_en for person in found]
    assert departments == [
        "大学院工学研究科",
        "Graduate School of Engineering",
        "Faculty of Engineering",
        "",
        "",
    ]
    assert catalogue.counts()["organisations"] == 1


def test_universities_that_nobody_knows_stay_apart_whatever_their_legal_form(catalogue, put, load):
    load(put("people.csv", "researcher_id,name_ja\nR1,森 彩\n"), format_name="general")
    works = [
        work_of("0002", "国立大学法人霞野大学 大学院工学研究科"),
        work_of("0010", "国立大学法人若葉大学工学部"),
        work_of("0029", "公立大学法人波多野大学"),
        work_of("0037", "国立研究開発法人結び・ひも研究機構"),
    ]
    path = put("works.json", json.dumps(works))
    for _ in range(2):  # the second time nothing changes
        report = load(path, format_name="crossref", researcher="R1")
        found = [catalogue.researcher(work["author"][0]["ORCID"]) for work in works]
        names = [person.institution_ja for person in found]
        assert names == ["霞野大学", "若葉大学", "波多野大学", "結び・ひも研究機構"]
    assert (report.added, report.updated) == (0, 0)
