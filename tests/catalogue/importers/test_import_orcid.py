"""ORCID records become researchers and seeds, the same from JSON and from XML."""

import copy
import json
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from catalogue.importers.orcid.nodes import as_node
from catalogue.importers.orcid.source import ORCID, parts_of
from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import ImportOptions
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Merge

SAMPLES = Path(__file__).parents[2] / "samples" / "orcid"
RECORD = json.loads((SAMPLES / "record.json").read_text())
AYA, REN = "0000-0002-1825-0097", "0000-0001-5109-3700"


def rows_of(path):
    sources = ORCID.open_sources(InputFile(path), ImportOptions())
    return [row for source in sources for row in source.parsed_rows()]


def drafts_of(path, table):
    return [draft for row in rows_of(path) for draft in row.drafts if draft.table == table]


def records_of(row):
    return [record for part in parts_of(row) for record in part.read()]


def seeds(row):
    drafts = [draft for record in records_of(row) for draft in record.drafts]
    return [draft for draft in drafts if draft.table == SEEDS]


def work(**fields):
    title = {"title": {"value": "Title"}}
    return {"path": f"/{AYA}/work/1", "title": title, "type": "journal-article", **fields}


def person(**fields):
    return {"orcid-identifier": {"path": AYA}, "person": fields}


def researcher(record):
    (read,) = records_of(record)
    return read.drafts[-1].values


def test_every_field_of_a_person_finds_its_column():
    (own,) = drafts_of(SAMPLES / "record.json", RESEARCHERS)
    known = dict(own.values)
    assert known.pop("organisation_id") == "0aaaaaa11"
    assert known == {
        "researcher_id": AYA,
        "orcid": AYA,
        "researchmap_id": "aya_mori_sample",
        "kaken_id": "1000000990001",
        "name_en": "Aya Mori",
        "name_ja": "森 彩",
        "name_kana": "モリ アヤ",
        "aliases": "A. Mori; Aya Hayashi",
        "department_en": "Graduate School of Engineering",
        "position_en": "Professor",
        "keywords_en": "cellulose nanofibres; recycling",
        "keywords_ja": "高分子複合材料",
        "profile_en": (
            "I turn plant fibres into strong, recyclable parts.\n\nI work with carmakers."
        ),
    }
    assert own.merge is Merge.REPLACE


def test_the_employment_that_goes_on_and_was_put_first_counts():
    (institution,) = drafts_of(SAMPLES / "record.json", ORGANISATIONS)
    assert institution.values["name_en"] == "Kasumino University"
    assert institution.values["ror_id"] == "0aaaaaa11"


def test_a_record_in_xml_says_the_same_in_the_other_shape():
    own, seed_of_work, seed_of_funding = (
        draft
        for table in (RESEARCHERS, SEEDS)
        for draft in drafts_of(SAMPLES / "record.xml", table)
    )
    assert own.values["name_ja"] == "橘 蓮"
    assert own.values["name_en"] == "Ren Tachibana"
    assert own.values["keywords_ja"] == "土壌微生物; 水田"
    assert own.values["department_ja"] == "農学部"
    assert own.values["position_ja"] == "准教授"
    assert own.values["profile_ja"] == "水田の窒素循環を研究しています。"
    assert seed_of_work.values == {
        "seed_id": f"orcid:{REN}/work/81",
        "kind": "paper",
        "title": "Paddy soils & nitrogen",
        "text": "水田土壌と窒素",
        "year": 2020,
        "doi": "10.5555/orcid.81",
        "url": "https://doi.org/10.5555/orcid.81",
        "venue": "Imaginary Soil Letters",
    }
    assert seed_of_funding.values["kind"] == "grant"


def element_of(name, value):
    """Write a value of ORCID's JSON as ORCID's XML does."""
    element = Element(name)
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("put-code", "visibility", "path", "display-index", "language-code"):
                element.set(key, str(inner))
            elif key in ("value", "content") and len(value) <= 2:
                element.text = str(inner)
            else:
                listed = inner if isinstance(inner, list) else [inner]
                element.extend(element_of(key, e) for e in listed if e is not None)
    else:
        element.text = str(value)
    return element


def test_the_same_record_in_xml_and_json_gives_the_same_records():
    record = copy.deepcopy(RECORD)
    groups = record["activities-summary"]["employments"]["affiliation-group"]
    for group in groups:  # XML has the summaries without a list around them
        group.update(group.pop("summaries")[0])
    assert records_of(as_node(element_of("record", record))) == records_of(RECORD)


def test_every_field_of_a_work_finds_its_column():
    seed = drafts_of(SAMPLES / "record.json", SEEDS)[0]
    assert seed.values == {
        "seed_id": f"orcid:{AYA}/work/41",
        "kind": "paper",
        "title": "Nanofibres at the interface in situ: A study",
        "text": "界面のナノファイバー",
        "year": 2021,
        "doi": "10.5555/orcid.41",
        "url": "https://doi.org/10.5555/orcid.41",
        "venue": "Journal of Imaginary Polymers",
    }
    assert seed.people == (AYA,)


def test_of_several_versions_of_a_work_the_preferred_one_counts_with_the_ids_of_all():
    preferred = work(**{"put-code": 1, "display-index": "1", "external-ids": None})
    doi = {"external-id-type": "doi", "external-id-value": "10.5555/x"}
    other = work(**{"put-code": 2, "display-index": "0", "external-ids": {"external-id": [doi]}})
    groups = {"works": {"group": [{"work-summary": [other, preferred]}]}}
    (seed,) = seeds({"orcid-identifier": {"path": AYA}, "activities-summary": groups})
    assert seed.values["seed_id"] == f"orcid:{AYA}/work/1"
    assert seed.values["doi"] == "10.5555/x"


def test_fundings_are_grants_and_companies_that_pay_are_named():
    seed = drafts_of(SAMPLES / "record.json", SEEDS)[-1]
    assert seed.values["kind"] == "grant"
    assert seed.values["year"] == 2021
    assert seed.values["text"] == "自動車内装のための再生プラスチック"
    assert seed.values["companies"] == "Kasumi Motor Co., Ltd."
    assert seed.values["url"] == "https://example.org/grants/7"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("journal-article", "paper"),
        ("BOOK_CHAPTER", "paper"),
        ("conference-poster", "presentation"),
        ("lecture-speech", "presentation"),
        ("patent", "patent"),
        ("teaching-material", "course"),
        ("data-set", "note"),
        (None, "paper"),
    ],
)
def test_every_type_of_work_has_a_kind(name, kind):
    assert seeds(work(type=name))[0].values["kind"] == kind


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("特許第6999999号", "granted"),
        ("特開2020-123456", "published"),
        ("US10999999B2", "granted"),
        ("", "unpublished"),
        ("2020-123456", "unpublished"),
        ("特願2020-123456", "unpublished"),
    ],
)
def test_the_number_of_a_patent_tells_its_status(number, status):
    ids = {"external-id": [{"external-id-type": "pat", "external-id-value": number}]}
    (seed,) = seeds(work(type="patent", **{"external-ids": ids}))
    assert seed.values["patent_status"] == status


def test_what_is_not_shown_to_everybody_is_internal_or_left_out():
    hidden = [s for s in drafts_of(SAMPLES / "record.json", SEEDS) if "visibility" in s.values]
    assert [seed.values["title"] for seed in hidden] == ["Draft about a joint project"]
    (own,) = drafts_of(SAMPLES / "record.json", RESEARCHERS)
    assert "secret" not in str(own.values)
    assert "あやちゃん" not in str(own.values)


def test_ids_of_the_volume_are_not_those_of_the_work():
    part_of = {
        "external-id-type": "doi",
        "external-id-value": "10.5555/volume",
        "external-id-relationship": "part-of",
    }
    (seed,) = seeds(work(**{"external-ids": {"external-id": [part_of]}}))
    assert "doi" not in seed.values


def test_a_full_work_has_its_description_and_mentions_contributors_with_an_orcid_id():
    (seed,) = drafts_of(SAMPLES / "works.json", SEEDS)
    assert seed.values["text"] == (
        "Fibres keep recycled parts from breaking.\n\n界面のナノファイバー"
    )
    assert seed.values["lang"] == "en"
    assert seed.people == (AYA, REN)
    (other,) = drafts_of(SAMPLES / "works.json", RESEARCHERS)
    assert other.merge is Merge.FILL
    assert other.values == {"researcher_id": REN, "orcid": REN, "name_en": "Ren Tachibana"}


def test_a_full_work_in_xml_is_read_without_its_markup():
    (seed,) = drafts_of(SAMPLES / "work.xml", SEEDS)
    assert seed.values["seed_id"] == f"orcid:{REN}/work/81"
    assert seed.values["text"] == "Microbes keep nitrogen in the field."
    assert seed.people == (REN, AYA)


def test_people_come_before_works_and_full_works_are_a_source_of_their_own():
    sources = ORCID.open_sources(InputFile(SAMPLES / "record.json"), ImportOptions())
    assert [(s.table, s.source, s.label) for s in sources] == [
        (RESEARCHERS, "orcid", "record.json (people)"),
        (SEEDS, "orcid", "record.json (works of records)"),
        (SEEDS, "orcid:works", "record.json"),
    ]


def test_every_part_of_a_record_has_a_number_of_its_own():
    assert [row.number for row in rows_of(SAMPLES / "record.json")] == list(range(1, 9))


@pytest.mark.parametrize("name", ["record.json", "record.xml"])
def test_a_part_that_goes_back_alone_gives_the_same_when_it_is_imported_again(name, tmp_path):
    for row in rows_of(SAMPLES / name)[1:]:
        path = tmp_path / f"rejects{Path(name).suffix.replace('.json', '.jsonl')}"
        path.write_text(row.raw())
        (again,) = rows_of(path)
        assert again.drafts == row.drafts


def test_a_bad_work_does_not_take_its_record_along(tmp_path):
    record = copy.deepcopy(RECORD)
    groups = record["activities-summary"]["works"]["group"]
    groups[1]["work-summary"][0]["title"]["title"]["value"] = "x" * 1_001
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record))
    rejected = [row for row in rows_of(path) if not row.drafts]
    assert [(r.field, r.scope) for row in rejected for r in row.rejections] == [("title", "row")]
    assert len(rows_of(path)) == len(rows_of(SAMPLES / "record.json"))


def test_a_work_without_owner_has_no_id_and_is_rejected():
    (record,) = records_of(work(path=None))
    assert [fault.field for fault in record.rejections] == ["seed_id"]


def test_a_deactivated_record_is_rejected():
    record = {**RECORD, "history": {"deactivation-date": {"value": 1700000000000}}}
    assert "deactivated" in records_of(record)[0].rejections[0].reason


def test_a_wrong_orcid_id_is_rejected():
    record = {"orcid-identifier": {"path": "0000-0002-1825-0098"}, "person": {}}
    assert records_of(record)[0].rejections[0].field == "researcher_id"


def test_a_name_in_one_script_fills_one_column_and_a_hidden_one_none():
    name = {"given-names": {"value": "Mononym"}, "family-name": None, "visibility": "public"}
    assert researcher(person(name=name))["name_en"] == "Mononym"
    assert "name_en" not in researcher(person(name={**name, "visibility": "private"}))
    assert "name_en" not in researcher(person(name=None))


def test_links_to_two_pages_of_researchmap_name_nobody():
    links = [{"url": {"value": f"https://researchmap.jp/{own}"}} for own in ("mori", "tachibana")]
    assert "researchmap_id" not in researcher(
        person(**{"researcher-urls": {"researcher-url": links}})
    )
    one = {"researcher-urls": {"researcher-url": links[0]}}
    assert researcher(person(**one))["researchmap_id"] == "mori"


def test_a_full_work_in_the_group_of_a_record_is_not_lost():
    group = {"work": [work(**{"put-code": 7, "short-description": "Its description."})]}
    record = {
        **person(name={"given-names": "Aya"}),
        "activities-summary": {"works": {"group": [group]}},
    }
    (seed,) = seeds(record)
    assert (seed.values["seed_id"], seed.values["text"]) == (
        f"orcid:{AYA}/work/7",
        "Its description.",
    )


def test_ids_of_other_systems_count_without_a_link():
    listed = [
        {"external-id-type": "researchmap", "external-id-value": "aya_mori_sample"},
        {"external-id-type": "e-Rad", "external-id-value": "12345678"},
        {"external-id-type": "Scopus Author ID", "external-id-value": "1"},
        {"external-id-type": "KAKEN", "external-id-value": "see my page"},
    ]
    read = researcher(
        person(
            name={"given-names": {"value": "Aya"}, "family-name": {"value": "Mori"}},
            **{"external-identifiers": {"external-identifier": listed}},
        )
    )
    assert (read["researchmap_id"], read["erad_id"]) == ("aya_mori_sample", "12345678")
    assert "kaken_id" not in read
