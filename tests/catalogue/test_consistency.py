"""The check of a catalogue: silent on a whole one, and it finds whatever does not follow from records."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, update

from catalogue.database.models import Authorship, Researcher, Seed
from catalogue.database.record_models import IdentityLink, ResearcherKey
from catalogue.records.catalogue import Catalogue
from catalogue.records.consistency import check_catalogue
from catalogue.records.drafts import RESEARCHERS, SEEDS, Draft
from catalogue.records.source_records import RECORD

pytestmark = pytest.mark.exhaustive("postgresql")  # its SQL is the same on both

ORCID = "0000-0002-1825-0097"


def person(researcher_id: str, name: str, orcid: str = ORCID) -> Draft:
    return Draft(RESEARCHERS, {"researcher_id": researcher_id, "name_en": name, "orcid": orcid})


def seed(seed_id: str, people: tuple[str, ...], **values: str | int) -> Draft:
    return Draft(SEEDS, {"seed_id": seed_id, "kind": "paper", **values}, people=people)


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    """A catalogue in which two sources know one person, and one paper."""
    paper = {"title": "On clay", "year": 2020, "doi": "10.9999/made.up"}
    catalogue.write([person("r1", "Hana Mori"), seed("s1", ("r1",), **paper)], source="a")
    other = person("r3", "Jiro Sato", orcid="")
    catalogue.write([person("r2", "Mori H."), other, seed("s2", ("r2",), **paper)], source="b")
    return catalogue


def faults_of(catalogue: Catalogue) -> list[str]:
    with catalogue.reading() as connection:
        return [str(fault) for fault in check_catalogue(connection)]


def test_a_whole_catalogue_has_no_faults(filled: Catalogue) -> None:
    assert faults_of(filled) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (update(Seed).values(title="Other"), "seeds 's1': its records make other values of title"),
        (delete(Authorship), "seeds 's1': its records make other values of authorship"),
        (delete(ResearcherKey), "researchers 'r1': it is found under other names than its own"),
        (delete(IdentityLink), "researchers 'r2': the links make it part of 'r2'"),
        (update(IdentityLink).values(state="apart"), "'r1 r2': told apart, yet one row"),
        (update(IdentityLink).values(first_id="r0"), "'r0 r2': it names no researcher"),
        (
            update(Researcher).values(position_en="x").where(Researcher.researcher_id == "r3"),
            "researchers 'r3': its records make other values of position_en",
        ),
        (
            delete(RECORD).where(RECORD.c.home_id == "r3"),
            "researchers 'r3': no record is part of it",
        ),
        (
            delete(RECORD).where(RECORD.c.home_id == "s1"),
            "seeds 's1': none of its records began it",
        ),
    ],
)
def test_what_does_not_follow_from_the_records_is_found(
    filled: Catalogue, statement: Callable[[Connection], object], told: str
) -> None:
    with filled.writing() as connection:
        connection.execute(statement)  # type: ignore[call-overload]
    assert any(told in fault for fault in faults_of(filled)), faults_of(filled)


def test_two_records_of_one_row_in_one_batch_are_weighed_as_when_they_are_read(
    catalogue: Catalogue,
) -> None:
    shared = {"title": "On clay", "doi": "10.9999/made.up"}
    drafts = [
        seed("s1", ("r1",), text="once", **shared),
        seed("s2", ("r1",), text="last", **shared),
    ]
    catalogue.write([person("r1", "Hana Mori"), *drafts], source="a")
    assert faults_of(catalogue) == []
    assert list(catalogue.read_corpus().seeds["text"]) == ["last"]
