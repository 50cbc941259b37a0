"""researchmap's profiles and works of every type, as its API gives them."""

from pathlib import Path

import pytest

from catalogue.importers.general.mapping import map_by_name
from catalogue.importers.reading.files import InputFile
from catalogue.importers.researchmap.source import RESEARCHMAP, PeopleSource, WorksSource
from catalogue.importers.sources import ImportOptions
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Merge, organisation_id
from enmusubi.errors import MappingError, UnreadableFileError

SAMPLES = Path(__file__).parents[2] / "samples" / "researchmap"
PROFILE = SAMPLES / "profile.json"


def drafts(source, table):
    return [d for row in source.parsed_rows() for d in row.drafts if d.table == table]


def work(own_id):
    found = drafts(WorksSource(InputFile(PROFILE)), SEEDS)
    (draft,) = [d for d in found if d.values["seed_id"] == f"researchmap:hana_mori/{own_id}"]
    return draft


def test_every_field_of_a_profile_finds_its_column():
    person, _ = drafts(PeopleSource(InputFile(PROFILE)), RESEARCHERS)
    assert person.merge is Merge.REPLACE
    assert person.values == {
        "researcher_id": "researchmap:hana_mori",
        "researchmap_id": "hana_mori",
        "orcid": "0000-0002-1825-0097",
        "erad_id": "01234567",
        "kaken_id": "1000001234567",
        "name_ja": "森 花",
        "name_kana": "モリ ハナ",
        "name_en": "Hana Mori",
        "department_ja": "大学院工学研究科",
        "department_en": "Graduate School of Engineering",
        "position_ja": "教授",
        "position_en": "Professor",
        "keywords_ja": "セルロースナノファイバー; 酸素バリア; 高分子材料",
        "keywords_en": "cellulose nanofibers; Polymer materials",
        "profile_ja": "紙でできた包装を\n研究しています。",
        "organisation_id": organisation_id("Kasumino University"),
    }


def test_the_first_affiliation_is_the_institution():
    (institution,) = drafts(PeopleSource(InputFile(PROFILE)), ORGANISATIONS)
    assert (institution.values["name_ja"], institution.values["name_en"]) == (
        "霞野大学",
        "Kasumino University",
    )


def test_a_person_is_found_by_the_account_too():
    _, account = drafts(PeopleSource(InputFile(PROFILE)), RESEARCHERS)
    assert account.merge is Merge.FILL
    assert account.values["researcher_id"] == "researchmap:R000000001"
    assert account.values["researchmap_id"] == "hana_mori"


def test_every_field_of_a_paper_finds_its_column():
    paper = work("published_papers/201")
    assert paper.values == {
        "seed_id": "researchmap:hana_mori/published_papers/201",
        "kind": "paper",
        "title": "Oxygen barriers from cellulose and clay",
        "text": "Films keep oxygen out for a year.\n\nセルロースと粘土による酸素バリア",
        "lang": "en",
        "year": 2021,
        "doi": "10.5555/kasumi.201",
        "url": "https://researchmap.jp/hana_mori/published_papers/201",
        "venue": "霞野紙学会誌",
        "visibility": "public",
    }
    assert paper.people == paper.chosen_by == ("researchmap:hana_mori",)


def test_the_japanese_summary_comes_first_and_the_english_one_last():
    values = work("misc/211").values
    assert (values["title"], values["lang"]) == ("紙の包装のこれから", "ja")
    assert values["text"] == (
        "紙の包装を概観する。\n\nThe future of paper packaging\n\nA survey of paper packaging."
    )
    assert values["url"] == "https://example.org/mado/12"


def test_what_is_not_open_to_everybody_is_internal_and_has_no_public_page():
    values = work("published_papers/202").values
    assert (values["title"], values["year"]) == ("紙コップの再生", 2019)
    assert (values["visibility"], values["doi"]) == ("internal", "10.5555/kasumi.202")
    assert "url" not in values


@pytest.mark.parametrize(
    ("own_id", "kind", "title", "year", "venue"),
    [
        ("books_etc/221", "paper", "紙の科学", 2017, "霞野出版"),
        (
            "presentations/231",
            "presentation",
            "Clay films for paper cups",
            2022,
            "Kasumino Paper Symposium",
        ),
        ("research_projects/241", "grant", "紙で酸素を防ぐ", 2020, "霞野製紙株式会社, 共同研究"),
        ("awards/261", "award", "霞野紙学会賞", 2022, "霞野紙学会"),
        ("teaching_experience/271", "course", "高分子化学", 2018, "霞野大学"),
    ],
)
def test_every_type_of_work_becomes_a_kind_of_seed(own_id, kind, title, year, venue):
    values = work(own_id).values
    assert [values[n] for n in ("kind", "title", "year", "venue")] == [kind, title, year, venue]


def test_what_an_award_is_for_can_be_found():
    assert work("awards/261").values["text"] == "粘土を用いた酸素バリア紙の開発"


def test_a_company_that_pays_for_a_project_is_its_company():
    assert work("research_projects/241").values["companies"] == "霞野製紙株式会社"


@pytest.mark.parametrize(
    ("own_id", "status", "year", "family"),
    [
        ("251", "granted", 2019, "app:JP2019-123456"),
        ("252", "published", 2020, "app:JP2020-654321"),
        ("253", "unpublished", 2023, "app:JP2023-111222"),
    ],
)
def test_numbers_and_dates_tell_how_far_a_patent_is(own_id, status, year, family):
    patent = work(f"industrial_property_rights/{own_id}")
    names = ("kind", "patent_status", "year", "family_id")
    assert [patent.values[n] for n in names] == ["patent", status, year, family]
    assert patent.people == ("researchmap:hana_mori",)


def test_applicants_that_are_companies_are_companies_of_the_patent():
    assert work("industrial_property_rights/251").values["companies"] == "霞野製紙株式会社"
    assert "companies" not in work("industrial_property_rights/252").values


def test_a_work_without_title_and_other_types_do_not_hold_back_the_rest():
    source = WorksSource(InputFile(PROFILE))
    assert len(list(source.parsed_rows())) == 12
    (note,) = source.notes()
    assert (note.field, note.scope) == ("committee_memberships", "column")
    assert note.reason == "1 of a type that is not kept"


def test_an_empty_file_says_that_nothing_was_found(tmp_path):
    path = tmp_path / "nobody.json"
    path.write_text("[]", "utf-8")
    people, works = RESEARCHMAP.open_sources(InputFile(path), ImportOptions())
    assert list(people.parsed_rows()) == list(works.parsed_rows()) == []
    assert people.notes() == ()
    assert "nothing found" in works.notes()[0].reason


def test_a_mapping_and_other_files_are_refused(tmp_path):
    mapped = ImportOptions(mapping=map_by_name(SEEDS, ["seed_id"]))
    with pytest.raises(MappingError, match="needs no mapping"):
        RESEARCHMAP.open_sources(InputFile(PROFILE), mapped)
    with pytest.raises(UnreadableFileError, match=r"expected \.json"):
        RESEARCHMAP.open_sources(InputFile(tmp_path / "works.xml"), ImportOptions())
