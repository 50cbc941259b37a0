"""ORCID records become researchers and seeds, the same from JSON and from XML."""

import copy
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from catalogue.importers.orcid.nodes import as_node
from catalogue.importers.orcid.records import _began
from catalogue.importers.orcid.source import ORCID
from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import ImportOptions
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Merge
from tests.catalogue.importers.orcid_records import (
    AYA,
    RECORD,
    REN,
    SAMPLES,
    drafts_of,
    person,
    records_of,
    rows_of,
)


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


def test_what_is_not_shown_to_everybody_is_internal_or_left_out():
    hidden = [s for s in drafts_of(SAMPLES / "record.json", SEEDS) if "visibility" in s.values]
    assert [seed.values["title"] for seed in hidden] == ["Draft about a joint project"]
    (own,) = drafts_of(SAMPLES / "record.json", RESEARCHERS)
    assert "secret" not in str(own.values)
    assert "あやちゃん" not in str(own.values)


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


@pytest.mark.parametrize(
    ("year", "month", "began"),
    [
        ("2015", "04", "2015-04"),
        ("2015", "4", "2015-04"),
        ("2015", "13", "2015"),
        ("2015", "", "2015"),
        ("２０１５", "４", ""),
        ("٢٠١٥", "", ""),
        ("9999", "01", ""),
        ("15", "", ""),
    ],
)
def test_an_employment_is_dated_by_a_year_that_is_one_or_not_at_all(year, month, began):
    told = {"start-date": {"year": {"value": year}, "month": {"value": month}}}
    assert _began(told) == began
