"""Copies of a seed become one, their best fields win, and each field says where it came from."""

from datetime import UTC, datetime

import pytest

from catalogue.records.choices import choose_works, list_works
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Draft, Merge
from catalogue.records.provenance import read_sourced
from enmusubi.errors import InputError, UnknownIdError

pytestmark = pytest.mark.exhaustive("postgresql")  # its SQL is the same on both

NOW = datetime(2026, 1, 2, tzinfo=UTC)
OTHER = "Another matter altogether"
TITLE = "Oxygen barriers from cellulose and clay"


@pytest.fixture
def people(catalogue):
    drafts = [
        Draft(RESEARCHERS, {"researcher_id": "r1", "name_en": "Hana Mori", "name_ja": "森 花"}),
        Draft(RESEARCHERS, {"researcher_id": "r2", "name_en": "Jiro Sato"}),
    ]
    catalogue.write(drafts, source="office")
    return catalogue


def seed(seed_id, *people, kind="paper", title=TITLE, chosen_by=(), **values):
    known = {"seed_id": seed_id, "kind": kind, "title": title, **values}
    return Draft(SEEDS, known, people=people, chosen_by=chosen_by)


def write(catalogue, source, *drafts, rank=0):
    return [outcome.change for outcome in catalogue.write(drafts, source=source, rank=rank)]


def seeds(catalogue):
    found = catalogue.read_corpus().seeds
    return list(found["seed_id"])


def test_one_doi_is_one_seed_and_an_abstract_beats_none(people):
    write(people, "office", seed("s1", "r1", doi="10.1/a", year=2020))
    copy = seed("W1", "r2", title="OXYGEN BARRIERS", doi="10.1/a", text="An abstract.")
    assert write(people, "openalex", copy, rank=60) == ["merged"]
    corpus = people.read_corpus()
    assert list(corpus.seeds[["seed_id", "title", "text"]].iloc[0]) == ["s1", TITLE, "An abstract."]
    assert list(corpus.authorships["researcher_id"]) == ["r1", "r2"]


def test_publications_of_one_patent_family_are_one_seed(people):
    filed = seed("patent:JP1A", "r1", kind="patent", family_id="app:1", patent_status="published")
    granted = seed("patent:JP1B", "r1", kind="patent", family_id="app:1", patent_status="granted")
    assert write(people, "patents", filed, granted) == ["added", "merged"]
    assert seeds(people) == ["patent:JP1A"]


@pytest.mark.parametrize(
    ("values", "copies"),
    [
        ({}, True),
        ({"title": "OXYGEN barriers, from Cellulose & clay".replace("&", "and")}, True),
        ({"year": 2021}, False),
        ({"kind": "grant"}, False),
        ({"doi": "10.1/other"}, False),
        ({"title": "Editorial"}, False),
    ],
)
def test_one_title_year_and_person_is_one_seed(people, values, copies):
    first = {"year": 2020, "doi": "10.1/a"}
    title = values.get("title", TITLE)
    original = seed("s1", "r1", title="Editorial" if title == "Editorial" else TITLE, **first)
    write(people, "office", original)
    change = write(people, "openalex", seed("W1", "r1", **{"year": 2020, **values}), rank=60)
    assert change == (["merged"] if copies else ["added"])


def test_one_title_and_year_of_different_people_stay_two(people):
    write(people, "office", seed("s1", "r1", year=2020), seed("s2", "r2", year=2020))
    assert seeds(people) == ["s1", "s2"]


def test_two_people_of_one_name_make_copies_of_one_title(people):
    write(people, "office", seed("s1", "r1", year=2020))
    author = Draft(
        RESEARCHERS,
        {"researcher_id": "A1", "name_en": "MORI, Hana", "openalex_id": "A1"},
        Merge.FILL,
    )
    assert write(people, "openalex", author, seed("W1", "A1", year=2020), rank=60)[1] == "merged"


def test_a_doi_that_comes_later_unites_what_stood_apart(people):
    write(people, "office", seed("s1", "r1", title="A preprint of the matter", year=2019))
    write(people, "openalex", seed("W1", "r2", doi="10.1/a", year=2020), rank=60)
    assert seeds(people) == ["W1", "s1"]
    late = seed("s1", "r1", title="A preprint of the matter", year=2019, doi="10.1/a")
    assert write(people, "office", late) == ["updated"]
    assert seeds(people) == ["s1"]
    assert write(people, "office", late) == ["unchanged"]
    assert list(people.read_corpus().authorships["researcher_id"]) == ["r1", "r2"]


def test_the_offices_word_counts_more_whatever_comes_last(people):
    write(people, "office", seed("s1", "r1", doi="10.1/a", venue="Journal of Barriers"))
    write(
        people,
        "openalex",
        seed("W1", "r1", doi="10.1/a", venue="J BARR", url="https://x.org/1"),
        rank=60,
    )
    with people.reading() as connection:
        found = read_sourced(connection, "W1")
    assert found.row["venue"] == "Journal of Barriers"
    told = {name: (origin.source, origin.key) for name, origin in found.origins.items()}
    assert told["venue"] == ("office", "s1")
    assert told["url"] == ("openalex", "W1")
    assert [(r.source, r.key) for r in found.records] == [("office", "s1"), ("openalex", "W1")]


def test_lists_of_all_copies_are_united(people):
    write(people, "office", seed("s1", "r1", doi="10.1/a", field_codes="ipc:C08L; kaken:30010"))
    write(
        people, "other", seed("o1", "r1", doi="10.1/a", field_codes="openalex:T1; ipc:C08L"), rank=9
    )
    assert people.read_corpus().seeds["field_codes"][0] == "ipc:C08L; kaken:30010; openalex:T1"


def test_a_record_of_work_with_industry_is_derived(people):
    drafts = [
        seed("s1", "r1", year=2019, companies="青葉製菓株式会社"),
        seed(
            "s2",
            "r1",
            title=OTHER,
            year=2023,
            companies="Aoba K.K.; 青葉製菓株式会社",
        ),
        seed("s3", "r2", title="A matter without companies"),
    ]
    write(people, "office", *drafts)
    card = people.researcher("r1")
    assert (card.industry_seeds, card.industry_last_year) == (2, 2023)
    assert card.industry_partners == "青葉製菓株式会社; Aoba K.K."
    assert people.researcher("r2").industry_seeds == 0
    rows = people.read_corpus().researchers.set_index("researcher_id")
    assert rows.loc["r1", "industry_seeds"] == 2


def choose(catalogue, *arguments):
    with catalogue.writing() as connection:
        choose_works(connection, *arguments, NOW)


def test_a_withdrawn_work_is_not_matched_and_no_import_brings_it_back(people):
    drafts = [seed("s1", "r1", "r2"), seed("s2", "r1", title=OTHER)]
    write(people, "office", *drafts)
    choose(people, "r1", ["s1", "s2"], "withdrawn")
    links = people.read_corpus().authorships
    assert list(zip(links["seed_id"], links["researcher_id"], strict=True)) == [("s1", "r2")]
    write(people, "office", seed("s1", "r1", "r2", text="It changed."), drafts[1])
    assert len(people.read_corpus().authorships) == 1
    choose(people, "r1", ["s1"], "")
    assert len(people.read_corpus().authorships) == 2


def test_representative_works_come_from_the_person_or_the_source(people):
    write(people, "office", seed("s1", "r1", "r2", chosen_by=("r2",)))
    links = people.read_corpus().authorships.set_index("researcher_id")["choice"]
    assert dict(links) == {"r1": "", "r2": "representative"}
    choose(people, "r1", ["s1"], "representative")
    with people.reading() as connection:
        assert list_works(connection, "r1")["s1"]["choice"] == "representative"


def test_choices_on_others_works_are_refused(people):
    write(people, "office", seed("s1", "r1"))
    with pytest.raises(UnknownIdError, match="'s1' is no work of 'r2'"):
        choose(people, "r2", ["s1"], "withdrawn")
    with pytest.raises(InputError, match="'best' is no choice"):
        choose(people, "r1", ["s1"], "best")


def test_an_organisation_known_by_two_names_becomes_one_when_a_source_says_so(people):
    def named(organisation_id, merge=Merge.FILL, **values):
        return Draft(ORGANISATIONS, {"organisation_id": organisation_id, **values}, merge)

    def member(researcher_id, organisation_id):
        values = {"researcher_id": researcher_id, "name_en": researcher_id}
        return Draft(RESEARCHERS, {**values, "organisation_id": organisation_id})

    write(people, "a", named("霞野大学", name_ja="霞野大学"), member("m1", "霞野大学"))
    write(people, "b", named("kasumino", name_en="Kasumino University"), member("m2", "kasumino"))
    assert people.counts()["organisations"] == 2
    ror = named(
        "0aaaaaa11",
        Merge.REPLACE,
        ror_id="0aaaaaa11",
        name_ja="霞野大学",
        name_en="Kasumino University",
    )
    write(people, "ror", ror, rank=10)
    assert people.counts()["organisations"] == 1
    for researcher_id in ("m1", "m2"):
        card = people.researcher(researcher_id)
        assert (card.institution_ja, card.institution_en) == ("霞野大学", "Kasumino University")
