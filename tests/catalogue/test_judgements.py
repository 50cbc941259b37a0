"""Judgements of the office: stored with what was shown, superseded, never lost, never with a text."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from catalogue.database.judgement_models import DECLINED, NIGHTLY
from catalogue.identity.decisions import join_people, undo_decision
from catalogue.judgements.judgements import (
    JUDGEMENT,
    JUDGEMENT_COLUMNS,
    Judgement,
    Recorded,
    judgements,
    record_judgement,
    withdraw_judgement,
)
from catalogue.judgements.shown_lists import (
    SHOWN_COLUMNS,
    SHOWN_LIST,
    SHOWN_MATCH,
    current_id,
    record_shown,
    shown,
)
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.consistency import check_catalogue
from catalogue.records.drafts import NEEDS, RESEARCHERS, Draft
from enmusubi.errors import CatalogueUnusableError, InputError, UnknownIdError
from matcher.records import Match, MatchList, ResearcherCard
from tests.support.databases import new_sqlite

NOW = datetime(2031, 4, 1, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HUSHED = "A zeppelin that picks ripe fruit"


@pytest.fixture(autouse=True)
def later(monkeypatch):
    """Let the clock of judgements stand after the days that the tests speak of."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW + 20 * DAY

    monkeypatch.setattr("catalogue.judgements.judgements.datetime", Clock)


@pytest.fixture
def office(catalogue: Catalogue) -> Catalogue:
    """Two needs and four people."""
    people = [
        Draft(RESEARCHERS, {"researcher_id": f"r{n}", "name_en": f"Person {n}"})
        for n in (1, 2, 3, 4)
    ]
    needs = [Draft(NEEDS, {"need_id": f"n{n}", "text": f"{HUSHED} {n}"}) for n in (1, 2)]
    catalogue.write([*people, *needs], source="office")
    return catalogue


def matches(*people, need_id="n1", version="v000001"):
    listed = tuple(
        Match(rank, ResearcherCard(who), 1 / rank, (), 0.5 if rank == 1 else None)
        for rank, who in enumerate(people, start=1)
    )
    return MatchList(need_id, "en", listed, 9, version, "made up", reranker="linear@01")


def show(catalogue, *people, day=0, **options):
    return record_shown(
        catalogue, matches(*people, **options), NIGHTLY, top=10, now=NOW + day * DAY
    )


def judge(catalogue, *said, day=None, **values):
    at = None if day is None else NOW + day * DAY
    with catalogue.writing() as connection:
        return record_judgement(connection, Judgement(*said, judged_at=at, **values))


def standing(catalogue, **options):
    with catalogue.reading() as connection:
        return judgements(connection, **options)


def shown_people(catalogue):
    with catalogue.reading() as connection:
        return shown(connection)


def decide(catalogue, decision, *ids):
    with catalogue.writing() as connection:
        decision(connection, *ids, NOW)


def faults_of(catalogue):
    with catalogue.reading() as connection:
        return [str(fault) for fault in check_catalogue(connection)]


def test_an_empty_catalogue_has_empty_tables_of_the_same_columns(catalogue):
    assert tuple(standing(catalogue).columns) == JUDGEMENT_COLUMNS
    assert tuple(shown_people(catalogue).columns) == SHOWN_COLUMNS
    assert len(standing(catalogue)) == len(shown_people(catalogue)) == 0


def test_a_judgement_keeps_the_rank_in_the_latest_list_that_held_the_person(office):
    show(office, "r1", "r2", "r3", day=0)
    second = show(office, "r2", "r1", day=1, version="v000002")
    show(office, "r3", "r2", day=5, version="v000003")
    assert judge(office, "n1", "r1", "suitable", day=6) == Recorded("added", "r1", 2)
    assert judge(office, "n1", "r2", "suitable", day=3) == Recorded("added", "r2", 1)
    assert judge(office, "n1", "r4", "suitable", day=6).rank is None
    assert judge(office, "n2", "r1", "suitable", day=6).rank is None
    places = standing(office).set_index(["need_id", "researcher_id"])
    assert places.loc[("n1", "r2"), "list_id"] == second
    assert places["list_id"].isna().sum() == 2
    assert faults_of(office) == []


def test_the_same_list_shown_again_is_recorded_once(office):
    first = show(office, "r1", "r2", day=0)
    assert show(office, "r1", "r2", day=1) == first
    assert show(office, "r1", "r2", day=2, version="v000002") != first
    assert record_shown(office, matches("r1", "r2"), "match", top=10) != first
    assert office.counts()["shown_lists"] == 3
    assert len(shown_people(office)) == 6


def test_people_of_an_old_index_whom_the_catalogue_does_not_know_are_left_out(office):
    show(office, "gone", "r1")
    assert shown_people(office)[["researcher_id", "rank"]].to_numpy().tolist() == [["r1", 2]]
    assert faults_of(office) == []


def test_a_list_of_nobody_is_recorded(office):
    assert show(office) == show(office, day=1)
    assert office.counts()["shown_lists"] == 1


def test_a_later_judgement_supersedes_and_the_earlier_one_stays(office):
    judge(office, "n1", "r1", "suitable", day=0, judged_by="mori")
    judge(office, "n1", "r1", "not_suitable", "wrong_field", day=2)
    judge(office, "n1", "r1", "not_suitable", "too_early", day=1)
    assert standing(office)["reason"].tolist() == ["wrong_field"]
    assert standing(office, history=True)["verdict"].tolist() == [
        "suitable",
        "not_suitable",
        "not_suitable",
    ]
    assert office.counts()["judgements"] == 3


def test_the_same_judgement_twice_changes_nothing(office):
    said = ("n1", "r1", "not_suitable", "too_early")
    assert judge(office, *said).change == "added"
    assert judge(office, *said).change == "unchanged"
    assert judge(office, *said, day=1).change == "added"
    assert judge(office, *said, day=1).change == "unchanged"
    assert judge(office, *said, judged_by="mori").change == "added"
    assert office.counts()["judgements"] == 3


def test_a_stage_alone_makes_suitable_and_a_verdict_alone_keeps_the_stage(office):
    judge(office, "n1", "r1", "not_suitable", "too_early", day=0)
    judge(office, "n1", "r1", stage="nda", day=1)
    row = standing(office).iloc[0]
    assert (row["verdict"], row["reason"], row["stage"]) == ("suitable", "", "nda")
    judge(office, "n1", "r1", "suitable", day=2, judged_by="mori")
    assert standing(office)["stage"].tolist() == ["nda"]


def test_who_declined_keeps_the_verdict_and_how_far_they_had_come(office):
    judge(office, "n1", "r1", stage="small_prototype", day=0)
    judge(office, "n1", "r1", stage=DECLINED, day=1)
    judge(office, "n1", "r2", "not_suitable", "conflict", day=0)
    judge(office, "n1", "r2", stage=DECLINED, day=1)
    rows = standing(office).set_index("researcher_id")
    assert rows.loc["r1", ["verdict", "stage", "reached"]].tolist() == [
        "suitable",
        DECLINED,
        "small_prototype",
    ]
    assert rows.loc["r2", ["verdict", "reason", "reached"]].tolist() == [
        "not_suitable",
        "conflict",
        "",
    ]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (Judgement("n1", "r1"), "verdict: neither a verdict"),
        (Judgement("n1", "r1", "not_suitable"), "reason: missing; why not suitable"),
        (Judgement("n1", "r1", "suitable", "conflict"), "only a verdict not_suitable has one"),
        (Judgement("n1", "r1", "perhaps"), "verdict: not one of suitable, not_suitable"),
        (Judgement("n1", "r1", stage="lunch"), "stage: not one of discovery"),
        (Judgement("n1", "r1", "suitable", judged_by="a\nb"), "judged_by: not an id on one line"),
        (Judgement("n1", "r1", "suitable", judged_at=NOW + 40 * DAY), "judged_at: in the future"),
    ],
)
def test_a_judgement_that_contradicts_itself_is_refused(office, said, message):
    with pytest.raises(InputError, match=message), office.writing() as connection:
        record_judgement(connection, said)
    assert office.counts()["judgements"] == 0


@pytest.mark.parametrize(
    ("need_id", "researcher_id", "message"),
    [
        ("n9", "r1", r"No need has the id 'n9': only needs of the catalogue can be judged"),
        ("", "r1", "No need has the id ''"),
        ("n1", "r9", "No researcher has the id 'r9'"),
    ],
)
def test_only_what_the_catalogue_has_can_be_judged(office, need_id, researcher_id, message):
    with pytest.raises(UnknownIdError, match=message):
        judge(office, need_id, researcher_id, "suitable")


def test_lists_of_unknown_needs_and_sources_are_refused(office):
    with pytest.raises(UnknownIdError, match="only needs of the catalogue"):
        record_shown(office, matches("r1", need_id=""), NIGHTLY)
    with pytest.raises(InputError, match=r"source 'fax': expected match, nightly, api"):
        record_shown(office, matches("r1"), "fax")


def test_judgements_follow_people_who_become_one_and_go_back_when_that_is_undone(office):
    show(office, "r3", "r2", "r1")
    judge(office, "n1", "r1", "suitable", day=1)
    judge(office, "n1", "r2", "not_suitable", "too_early", day=2)
    before = standing(office)
    decide(office, join_people, "r1", "r2")
    (row,) = standing(office).to_dict("records")
    assert (row["researcher_id"], row["verdict"]) == ("r1", "not_suitable")
    assert len(standing(office, history=True)) == 2
    assert shown_people(office)[["researcher_id", "rank"]].to_numpy().tolist() == [
        ["r3", 1],
        ["r1", 2],
    ]
    assert judge(office, "n1", "r2", stage="dialogue", day=3) == Recorded("added", "r1", 2)
    assert faults_of(office) == []
    decide(office, undo_decision, "r1", "r2")
    after = standing(office)
    assert after["researcher_id"].tolist() == ["r2", "r1"]
    assert after["verdict"].tolist() == ["not_suitable", "suitable"]
    assert before["researcher_id"].tolist() == ["r1", "r2"]
    assert faults_of(office) == []


def withdraw(catalogue, researcher_id, judged_by):
    with catalogue.writing() as connection:
        return withdraw_judgement(connection, "n1", researcher_id, judged_by)


def test_what_is_withdrawn_counts_no_more_and_the_one_before_stands_again(office):
    judge(office, "n1", "r1", "suitable", day=1, judged_by="mori")
    judge(office, "n1", "r1", stage="nda", day=2, judged_by="mori")
    judge(office, "n1", "r1", "not_suitable", "too_early", day=3, judged_by="kato")
    assert not withdraw(office, "r1", "mori")  # the latest is another's
    assert withdraw(office, "r1", "kato")
    (row,) = standing(office).to_dict("records")
    assert (row["verdict"], row["stage"], row["reached"]) == ("suitable", "nda", "nda")
    assert withdraw(office, "r1", "mori")
    (row,) = standing(office).to_dict("records")
    assert (row["stage"], row["reached"]) == ("", "")
    assert len(standing(office, history=True)) == 1
    assert withdraw(office, "r1", "mori")
    assert len(standing(office)) == 0
    assert not withdraw(office, "r1", "mori")
    assert not withdraw(office, "nobody", "mori")
    with office.reading() as connection:
        kept = connection.execute(select(JUDGEMENT.c.withdrawn_at)).scalars().all()
    assert len(kept) == 3
    assert None not in kept


def test_what_was_withdrawn_can_be_judged_again(office):
    judge(office, "n1", "r1", "suitable", judged_by="mori")
    withdraw(office, "r1", "mori")
    assert judge(office, "n1", "r1", "suitable", judged_by="mori").change == "added"
    assert len(standing(office)) == 1


def test_nothing_that_is_stored_holds_a_text(office):
    show(office, "r1")
    judge(office, "n1", "r1", "suitable", judged_by="mori")
    with office.reading() as connection:
        for table in (SHOWN_LIST, SHOWN_MATCH, JUDGEMENT):
            rows = [str(value) for row in connection.execute(select(table)) for value in row]
            assert rows
            assert not any("zeppelin" in value for value in rows)


def test_the_database_itself_holds_reasons_and_verdicts_together(office):
    values = {"need_id": "n1", "researcher_id": "r1", "verdict": "suitable", "stage": ""}
    others = {"reason": "conflict", "judged_by": "", "judged_at": NOW, "origin": "command"}
    with (
        pytest.raises(CatalogueUnusableError, match="ck_judgement_reason_given") as refusal,
        office.writing() as connection,
    ):
        connection.execute(insert(JUDGEMENT).values(**values, **others))
    assert isinstance(refusal.value.__cause__, IntegrityError)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (update(JUDGEMENT).values(researcher_id="x"), "judgement 'x': no source has it among res"),
        (update(JUDGEMENT).values(need_id="x"), "judgement 'x': no source has it among needs"),
        (update(SHOWN_LIST).values(need_id="x"), "shown_list 'x': no source has it among needs"),
        (update(SHOWN_MATCH).values(researcher_id="x"), "shown_match 'x': no source has it"),
        (update(JUDGEMENT).values(need_id="n2"), "judgement '1': it was not shown where it says"),
        (update(JUDGEMENT).values(rank=7), "judgement '1': it was not shown where it says"),
        (update(JUDGEMENT).values(list_id=None), "judgement '1': it was not shown where it says"),
    ],
)
def test_what_contradicts_the_catalogue_is_found(office, statement, told):
    show(office, "r1")
    judge(office, "n1", "r1", "suitable")
    assert faults_of(office) == []
    with office.writing() as connection:
        connection.execute(statement)
    assert any(told in fault for fault in faults_of(office)), faults_of(office)


def test_who_somebody_is_now_is_looked_up_instead_of_searched_for(tmp_path):
    # a search goes through all records for each judgement: 3,000 of each took seconds
    query = select(current_id(JUDGEMENT.c.researcher_id)).compile(dialect=sqlite.dialect())
    values = [query.params[name] for name in query.positiontup]
    with (
        open_catalogue(new_sqlite(tmp_path / "c.sqlite")) as opened,
        opened.reading() as connection,
    ):
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", tuple(values)).all()
    assert [step[3] for step in steps if " record " in step[3]] == [
        "SEARCH record USING INDEX ix_record_home (table_name=? AND home_id=?)"
    ]
