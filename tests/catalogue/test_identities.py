"""Who is who: joining by ids, the queue, and undoing that gives everything back as it was."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from catalogue.database.models import Base
from catalogue.identity.decisions import (
    count_pairs,
    join_people,
    keep_apart,
    list_pairs,
    undo_decision,
)
from catalogue.identity.entity_resolution import resolve_people
from catalogue.identity.links import rows_of
from catalogue.importers.registry import import_files
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Draft, Merge
from catalogue.records.import_runs import Run
from catalogue.records.source_records import RECORD
from enmusubi.errors import InputError, UnknownIdError

ORCID = "0000-0002-1825-0097"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
DERIVED = ("organisation", "researcher", "seed", "authorship", "researcher_key")
PLACE = Draft(ORGANISATIONS, {"organisation_id": "kasumi-u", "name_ja": "霞野大学"})


def person(researcher_id, **values):
    return Draft(RESEARCHERS, {"researcher_id": researcher_id, **values})


def mention(researcher_id, **values):
    return Draft(RESEARCHERS, {"researcher_id": researcher_id, **values}, Merge.FILL)


def paper(seed_id, *people, **values):
    known = {"seed_id": seed_id, "kind": "paper", "title": f"On the matter of {seed_id}", **values}
    return Draft(SEEDS, known, people=people)


def state(catalogue):
    """Everything that is derived, and which row each record is part of."""
    with catalogue.reading() as connection:
        tables = {
            name: sorted(
                map(tuple, connection.execute(select(Base.metadata.tables[name]))), key=str
            )
            for name in DERIVED
        }
        homes = sorted(map(tuple, connection.execute(select(RECORD.c.home_id, RECORD.c.row_id))))
    return {**tables, "homes": homes}


def decide(catalogue, decision, *ids):
    with catalogue.writing() as connection:
        return decision(connection, *ids, NOW)


def pairs(catalogue, name="queued"):
    with catalogue.reading() as connection:
        return [pair.link.ids for pair in list_pairs(connection, name)]


@pytest.fixture
def two_people(catalogue):
    """A person of the office's list and one of OpenAlex, with a work each and one in common."""
    catalogue.write(
        [PLACE, person("HU-1", name_ja="森 花", organisation_id="kasumi-u"), paper("s1", "HU-1")],
        source="office",
    )
    catalogue.write(
        [
            mention("A1", name_en="Hana Mori", openalex_id="A1", department_en="Paper Science"),
            paper("W1", "A1", doi="10.1/x"),
            paper("W2", "A1", "HU-1"),
        ],
        source="openalex",
        rank=60,
    )
    return catalogue


def test_joining_makes_one_row_with_the_fields_and_works_of_both(two_people):
    assert decide(two_people, join_people, "HU-1", "A1") == "HU-1"
    card = two_people.researcher("HU-1")
    assert (card.name_ja, card.name_en, card.department_en) == (
        "森 花",
        "Hana Mori",
        "Paper Science",
    )
    assert two_people.counts()["researchers"] == 1
    corpus = two_people.read_corpus()
    assert set(corpus.authorships["researcher_id"]) == {"HU-1"}
    assert len(corpus.authorships) == 3
    with pytest.raises(UnknownIdError):
        two_people.researcher("A1")


def test_undoing_gives_both_back_exactly(two_people):
    before = state(two_people)
    decide(two_people, join_people, "HU-1", "A1")
    assert state(two_people) != before
    assert decide(two_people, undo_decision, "A1", "HU-1") == ""
    assert state(two_people) == before


def test_what_is_imported_while_joined_goes_to_whom_its_source_names(two_people):
    decide(two_people, join_people, "HU-1", "A1")
    two_people.write([paper("W3", "A1"), paper("W4", "HU-1")], source="openalex", rank=60)
    decide(two_people, undo_decision, "A1", "HU-1")
    links = two_people.read_corpus().authorships
    owners = dict(zip(links["seed_id"], links["researcher_id"], strict=True))
    assert (owners["W3"], owners["W4"]) == ("A1", "HU-1")


def test_joining_three_and_undoing_one_leaves_two(catalogue):
    catalogue.write([person(i, name_en=f"Person {i}") for i in ("p1", "p2", "p3")], source="list")
    decide(catalogue, join_people, "p2", "p1")
    decide(catalogue, join_people, "p3", "p2")
    assert catalogue.counts()["researchers"] == 1
    decide(catalogue, undo_decision, "p1", "p2")
    assert catalogue.counts()["researchers"] == 2
    assert catalogue.researcher("p1").name_en == "Person p1"
    with catalogue.reading() as connection:
        assert rows_of(connection, ("p1", "p2", "p3")) == {"p1": "p1", "p2": "p2", "p3": "p2"}


def test_people_of_one_orcid_are_joined_and_undoing_keeps_them_apart(catalogue):
    catalogue.write([person("HU-1", name_ja="森 花", orcid=ORCID)], source="office")
    orcid_record = mention("A1", name_en="Hana Mori", orcid=ORCID, openalex_id="A1")
    assert catalogue.write([orcid_record], source="openalex", rank=60)[0].change == "merged"
    assert pairs(catalogue, "joined") == [("A1", "HU-1")]
    assert decide(catalogue, undo_decision, "A1", "HU-1") == "apart"
    assert catalogue.counts()["researchers"] == 2
    catalogue.write([orcid_record], source="openalex", rank=60)
    catalogue.write([person("HU-1", name_ja="森 花子", orcid=ORCID)], source="office")
    assert catalogue.counts()["researchers"] == 2
    assert decide(catalogue, undo_decision, "A1", "HU-1") == "joined"
    assert catalogue.counts()["researchers"] == 1


def test_a_record_with_the_ids_of_two_people_makes_them_one(catalogue):
    catalogue.write([person("HU-1", name_ja="森 花", orcid=ORCID)], source="office")
    catalogue.write([person("rm", name_ja="森 花", researchmap_id="hmori")], source="researchmap")
    both = mention("x", name_en="Hana Mori", orcid=ORCID, researchmap_id="hmori")
    catalogue.write([both], source="third")
    assert catalogue.counts()["researchers"] == 1
    assert catalogue.researcher("HU-1").name_en == "Hana Mori"


def test_contradicting_ids_ask_instead_of_joining(catalogue):
    catalogue.write(
        [person("HU-1", name_ja="森 花", orcid=ORCID, researchmap_id="hmori")], source="office"
    )
    other = person("rm", name_ja="森 花", orcid=ORCID, researchmap_id="morihana")
    catalogue.write([other], source="researchmap")
    assert catalogue.counts()["researchers"] == 2
    with catalogue.reading() as connection:
        (pair,) = list_pairs(connection)
    assert pair.link.reasons == ("same_orcid", "different_researchmap_id")
    assert {pair.first.name_ja, pair.second.name_ja} == {"森 花"}


def test_a_pair_s_people_come_with_the_names_of_their_organisations(catalogue):
    placed = person("r1", orcid=ORCID, name_en="A B", organisation_id="kasumi-u")
    catalogue.write([PLACE, placed, person("r2", orcid=ORCID, name_en="A B")], source="office")
    with catalogue.reading() as connection:
        (pair,) = list_pairs(connection)
    assert {pair.first.organisation, pair.second.organisation} == {"霞野大学", ""}


def test_a_pair_from_the_queue_goes_back_into_it(catalogue):
    drafts = [person("r1", orcid=ORCID, name_en="A B"), person("r2", orcid=ORCID, name_en="A B")]
    catalogue.write(drafts, source="office")
    before = state(catalogue)
    assert pairs(catalogue) == [("r1", "r2")]
    decide(catalogue, join_people, "r1", "r2")
    assert pairs(catalogue) == []
    assert decide(catalogue, undo_decision, "r1", "r2") == "queued"
    assert state(catalogue) == before
    decide(catalogue, keep_apart, "r1", "r2")
    with catalogue.reading() as connection:
        assert count_pairs(connection) == {"queued": 0, "joined": 0, "apart": 1}
    catalogue.write(drafts, source="office")
    assert pairs(catalogue) == []


def test_people_told_apart_are_not_joined_through_a_third(catalogue):
    catalogue.write([person(i, name_en=f"Person {i}") for i in ("p1", "p2", "p3")], source="list")
    decide(catalogue, keep_apart, "p1", "p2")
    decide(catalogue, join_people, "p1", "p3")
    with pytest.raises(InputError, match="'p1' and 'p2' were told apart"):
        decide(catalogue, join_people, "p2", "p3")
    assert catalogue.counts()["researchers"] == 2


def test_people_joined_through_others_cannot_be_kept_apart_alone(catalogue):
    catalogue.write([person(i, name_en=f"Person {i}") for i in ("p1", "p2", "p3")], source="list")
    decide(catalogue, join_people, "p1", "p2")
    decide(catalogue, join_people, "p2", "p3")
    before = state(catalogue)
    with pytest.raises(InputError, match="joined by other pairs: p1 p2, p2 p3"):
        decide(catalogue, keep_apart, "p1", "p3")
    assert state(catalogue) == before


@pytest.mark.parametrize(
    ("decision", "ids", "message"),
    [
        (join_people, ("p1", "nobody"), "No source has a researcher with the id 'nobody'"),
        (join_people, ("p1", "p1"), "was given twice"),
        (undo_decision, ("p1", "p2"), "Nothing was decided"),
    ],
)
def test_decisions_on_nobody_say_so(catalogue, decision, ids, message):
    catalogue.write([person("p1", name_en="A"), person("p2", name_en="B")], source="list")
    with pytest.raises((InputError, UnknownIdError), match=message):
        decide(catalogue, decision, *ids)


@pytest.mark.parametrize(
    ("hidden", "found"),
    [
        ({}, (1, 0)),
        ({"visibility": "internal"}, (0, 0)),
        ({"visibility": "confidential"}, (0, 0)),
        ({"patent_status": "unpublished"}, (0, 0)),
    ],
    ids=["public", "internal", "confidential", "unpublished"],
)
def test_a_seed_that_not_everybody_sees_joins_nobody(catalogue, hidden, found):
    """Joined or asked about, the two would tell of the seed on pages where it must not show."""
    people = [person("r1", name_en="Hana Mori"), mention("r2", name_en="Mori, Hana")]
    seed = paper("s1", "r1", "r2", kind="patent", **hidden)
    catalogue.write([*people, seed], source="office")
    assert resolve_people(catalogue.writing, Run(0)) == found
    assert pairs(catalogue) == []


def test_a_name_that_everybody_has_is_not_asked_about(catalogue, tmp_path):
    """Hundreds of pairs would bury the queue, and looking at them all would take for ever."""
    rows = "".join(f"r{n},Hana Mori,Kasumino University\n" for n in range(300))
    path = tmp_path / "people.csv"
    path.write_text(f"researcher_id,name_en,institution_en\n{rows}", "utf-8")
    report = import_files(catalogue, "general", [path])
    assert (report.added, report.joined, report.queued) == (301, 0, 0)
