"""Capacity and what may be told before an NDA: shown always, on the day that it holds."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from catalogue.database.models import StoredNeed
from catalogue.database.service_models import NeedGuest
from enmusubi.screening_settings import ScreeningSettings
from enmusubi.translation import say
from office.access.scoped import reading_as, writing_as
from office.screening.clearances import ask_for_clearance
from office.screening.kept_clearances import clearances_page
from office.screening.screening import stopping
from office.veil.deciding import VeilDraft, decide_veil
from tests.office.screening.steps import of_rule, rules_of, screened
from tests.support.worlds.screened import (
    CLOSED,
    COMPANY,
    HEAD,
    LAW,
    NEED,
    NOW,
    PLAIN,
    SATO,
    asked,
    at_work,
    interest,
    limit,
    reached,
)


@pytest.mark.parametrize(
    ("kind", "row", "said"),
    [
        ("leave", {"since": date(2026, 4, 1), "until": date(2027, 3, 31)}, "から2027-03-31まで不在です"),
        ("leave", {"since": date(2026, 9, 1)}, "2026-09-01から不在です"),
        ("leave", {"until": date(2026, 6, 1)}, "2026-06-01まで不在です"),
        ("leave", {"since": date(2027, 4, 1)}, ""),
        ("leave", {"until": date(2026, 5, 31)}, ""),
        ("retirement", {"until": date(2028, 3, 31)}, "2028-03-31に定年退職です"),
        ("retirement", {"until": date(2030, 3, 31)}, ""),
        ("contract_end", {"until": date(2027, 3, 31)}, "2027-03-31に任期満了です"),
        ("not_before", {"since": date(2026, 10, 1)}, "新しい依頼は2026-10-01以降に受けられます"),
        ("not_before", {"since": date(2026, 6, 1)}, ""),
        ("teaching", {"amount": 8}, "授業を週8コマ担当しています"),
        ("teaching", {"amount": 7}, ""),
        ("teaching", {"amount": 12, "until": date(2026, 3, 31)}, ""),
    ],
)  # fmt: skip
def test_a_limit_is_told_on_the_days_that_it_holds(office, kind, row, said):
    with office.writing() as connection:
        limit(connection, "R-5", kind, **row)
    found = [one for one in screened(office)["R-5"] if one.is_capacity]
    assert bool(found) == bool(said)
    assert all(said in say(one.reason, "ja") and one.verdict == "note" for one in found)
    assert stopping(screened(office)) == []


def test_running_cases_count_from_the_limit_on_as_far_as_the_viewer_sees_their_needs(office):
    with office.writing() as connection:
        limit(connection, "R-5", "running", amount=1)
        reached(connection, CLOSED, "R-5", "small_prototype")
        reached(connection, NEED, "R-5", "dialogue")  # the need itself does not count against it
        reached(connection, PLAIN, "R-6", "dialogue")
        reached(connection, CLOSED, "R-7", "nda")
        reached(connection, CLOSED, "R-7", "declined")
    found = screened(office)
    reason = of_rule(found["R-5"], "capacity_cases").reason
    assert say(reason, "en") == "At work in 1 cases already; the limit is 1."
    assert rules_of(found["R-6"]) == rules_of(found["R-7"]) == {}
    assert rules_of(screened(office, LAW)["R-5"]) == {}  # who does not see the closed need
    with office.writing() as connection:
        guest = {"need_id": CLOSED, "user_id": "houmu", "invited_by": "sato", "invited_at": NOW}
        connection.execute(insert(NeedGuest).values(**guest))
    assert rules_of(screened(office, LAW)["R-5"]) == {"capacity_cases": "note"}
    lower = screened(office, settings=ScreeningSettings(running_cases=1))
    assert rules_of(lower["R-6"]) == {"capacity_cases": "note"}


def test_cases_and_inquiries_count_once_and_the_case_speaks_first(office):
    with office.writing() as connection:
        numbers = [
            at_work(connection, PLAIN, "R-5", "nda", state="held"),
            at_work(connection, "", "R-5", "dialogue"),
        ]
        reached(connection, PLAIN, "R-5", "dialogue")
        asked(connection, PLAIN, "R-5", "interested")
        letter = asked(connection, CLOSED, "R-5")
        at_work(connection, NEED, "R-6", "deployment")  # of the need that is looked at
        at_work(connection, PLAIN, "R-7", "discovery")
        reached(connection, PLAIN, "R-7", "dialogue")
        at_work(connection, CLOSED, "R-7", "nda", state="completed")
        at_work(connection, "", "R-7", "nda", state="declined")
        for person, answer in (("R-8", "interested"), ("R-8", "not_now"), ("R-9", "no_capacity")):
            asked(connection, PLAIN, person, answer)
        asked(connection, PLAIN, "R-9", revoked_at=NOW)
        asked(connection, CLOSED, "R-9", expires_at=NOW - timedelta(days=1))
        asked(connection, PLAIN, "R-10", "interested")
    found = of_rule(screened(office)["R-5"], "capacity_cases")
    assert found.evidence == (f"case:{numbers[0]}", f"case:{numbers[1]}", f"inquiry:{letter}")
    assert say(found.reason, "ja") == (
        "進行中の案件が2件、回答待ちまたは関心ありの打診が1件あります（上限3件）"
    )
    one = screened(office, settings=ScreeningSettings(running_cases=1))
    full = {person for person, of in one.items() if "capacity_cases" in rules_of(of)}
    assert full == {"R-5", "R-10"}
    assert rules_of(screened(office, LAW)["R-5"]) == {}  # who does not see the closed need's letter
    with office.writing() as connection:
        connection.execute(update(StoredNeed).values(status="closed"))
    closed = screened(office, settings=ScreeningSettings(running_cases=1))
    assert rules_of(closed["R-10"]) == {} and rules_of(closed["R-5"]) == {"capacity_cases": "note"}


def test_who_may_not_see_a_case_finds_it_in_no_clearance(office):
    settings = ScreeningSettings(verdicts={"capacity_cases": "ask"}, running_cases=2)
    with office.writing() as connection:
        at_work(connection, CLOSED, "R-5", "nda")
        seen = at_work(connection, PLAIN, "R-5", "nda")
        at_work(connection, "", "R-6", "nda", is_closed=True)
        asked(connection, CLOSED, "R-6")
    with writing_as(office, HEAD) as connection:
        ask_for_clearance(connection, HEAD, NEED, stopping(screened(office, settings=settings)))
    shown = {}
    for viewer in (HEAD, LAW):
        with reading_as(office, viewer) as connection:
            page = clearances_page(connection, viewer, which="all")
            shown[viewer] = {
                one.researcher_id: one.evidence
                for one in page.items
                if one.rule_id == "capacity_cases"
            }
    assert {person: len(of) for person, of in shown[HEAD].items()} == {"R-5": 2, "R-6": 2}
    assert shown[LAW] == {"R-5": {f"case:{seen}"}}


def test_an_office_may_let_capacity_stop_a_release(office):
    with office.writing() as connection:
        limit(connection, "R-5", "leave", since=date(2026, 4, 1))
    settings = ScreeningSettings(verdicts={"capacity_away": "ask"})
    assert [one.role for one in stopping(screened(office, settings=settings))] == ["chief"]


def test_people_without_a_need_are_screened_for_capacity_alone(office):
    with office.writing() as connection:
        limit(connection, "R-5", "teaching", amount=9)
        interest(connection, "R-5", COMPANY, "startup")
    found = screened(office, need_id="")
    assert [one.rule_id for one in found["R-5"]] == ["capacity_teaching"]
    assert found["R-1"] == found[""] == ()


@pytest.mark.parametrize(
    ("need_id", "stage", "told"),
    [
        (NEED, "", "公開のニーズのため、すべて伝えられます"),
        (CLOSED, "", "秘密保持契約前：伝えられるのは研究分野だけです"),
        (CLOSED, "dialogue", "秘密保持契約前：伝えられるのは研究分野だけです"),
        (CLOSED, "nda", "秘密保持契約を結んでいるため"),
        (CLOSED, "deployment", "秘密保持契約を結んでいるため"),
    ],
)
def test_what_may_be_told_follows_the_need_and_the_nda(office, need_id, stage, told):
    if stage:
        with office.writing() as connection:
            reached(connection, need_id, "R-5", stage)
    for viewer in (HEAD, SATO):
        found = of_rule(screened(office, viewer, need_id)["R-5"], "before_nda")
        assert say(found.reason, "ja").startswith(told) and not found.stops


def test_of_a_need_with_a_veil_nobody_is_told_that_all_of_it_may_be_said(office):
    texts = {"title": "", "text": "ある膜を探しています。", "constraints": "", "horizon": ""}
    with writing_as(office, SATO) as connection:
        draft = VeilDraft(**texts, company="ある企業", marks=())
        decide_veil(connection, SATO, NEED, draft, max_chars=1_000)
    for viewer in (HEAD, SATO):
        found = of_rule(screened(office, viewer, NEED)["R-5"], "before_nda")
        assert say(found.reason, "ja").startswith("秘密保持契約前：開示用文面の範囲で")
