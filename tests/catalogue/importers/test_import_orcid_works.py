"""Works and fundings of ORCID records become seeds: kinds, versions, ids, who may see them."""

import copy
import json

import pytest

from catalogue.records.drafts import RESEARCHERS, SEEDS, Merge
from tests.catalogue.importers.orcid_records import (
    AYA,
    RECORD,
    REN,
    SAMPLES,
    drafts_of,
    person,
    records_of,
    rows_of,
    seeds,
    work,
)


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
