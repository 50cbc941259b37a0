"""A stand-in decides what the absent role decides, on what they see themselves, until it ends by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.service_models import Mail
from catalogue.database.viewer import PROJECT, Viewer
from enmusubi.errors import ConflictError, ForbiddenError, UnknownIdError
from enmusubi.mail_settings import MailSettings
from enmusubi.settings import local_time
from office.access.audit import ENTRY
from office.access.scoped import reading_as
from office.accounts.users import find_user, user_of
from office.cases.deciding import submit
from office.cases.gates import gates_of
from office.cases.kept import seen
from office.cases.listing import to_decide
from office.contracts.checklists import checklist_of, save_checklist
from office.delegations.delegations import DelegationDraft, make_delegation
from office.delegations.standing_in import stood_in_for
from office.estimates.amounts import CostLine, Estimate, Percentages
from office.estimates.kept import ask_for_check, check_estimate, save_estimate
from office.estimates.waiting import count_to_check
from office.home.queues import SENT_BACK, queue_of
from office.home.waiting import TO_CLEAR, waiting_for
from office.mail.relevance import reason_to_withdraw
from office.screening.clearances import ask_for_clearance, decide
from office.screening.kept_clearances import clearances_page
from office.screening.screening import stopping
from tests.office.cases.steps import SETTINGS, decisions, doing, opened, timeline
from tests.office.cases.steps import decide as decide_gate_of
from tests.office.screening.steps import screened
from tests.support.worlds.screened import (
    CLOSED,
    COMPANY,
    GUEST,
    HEAD,
    LAW,
    MONEY,
    NEED,
    PATENTS,
    SATO,
    interest,
)

TODAY = local_time(datetime.now(UTC), "ja").date()
DAY = timedelta(days=1)
SERVER = MailSettings(host="127.0.0.1", sender="enmusubi@example.ac.jp")
RATES = Percentages(Decimal(10), Decimal(20), Decimal(10))
ESTIMATE = Estimate("極秘の見積", 1, RATES, (CostLine(1, "people", "准教授", 8000, Decimal(120)),))
KINDS = {LAW: "legal", MONEY: "finance", HEAD: "chief"}


def away(catalogue, absent, deputy, what=("gates", "queue")):
    """Let a deputy stand in today; returns them as they are today, and as they are tomorrow."""
    with catalogue.writing() as connection:
        draft = DelegationDraft(absent.viewer_id, deputy.viewer_id, TODAY, TODAY, tuple(what))
        make_delegation(connection, absent, draft, TODAY)
        return tuple(
            replace(deputy, stands_in=stood_in_for(connection, deputy.viewer_id, day))
            for day in (TODAY, TODAY + DAY)
        )


def noted_for(catalogue, action):
    with catalogue.reading() as connection:
        query = select(ENTRY.c.detail).where(ENTRY.c.action == action)
        return [str(one) for one in connection.execute(query).scalars()]


def waiting_estimate(catalogue, viewer=SATO, **case):
    made = opened(catalogue, viewer, **case)
    kept = doing(catalogue, viewer, save_estimate, made.case_id, ESTIMATE)
    number = (made.case_id, kept.estimate_id)
    doing(catalogue, viewer, ask_for_check, *number, expected_tag=None, mail=SERVER)
    return number


def count(catalogue, viewer):
    with reading_as(catalogue, viewer) as connection:
        return count_to_check(connection, viewer)


def test_a_gate_is_decided_in_place_of_legal_and_no_longer_on_the_next_day(catalogue):
    case = opened(catalogue, manager="sato")
    decide_gate_of(catalogue, SATO, case.case_id, "go")
    today, tomorrow = away(catalogue, LAW, SATO)
    with pytest.raises(ForbiddenError, match="other roles"):
        decide_gate_of(catalogue, tomorrow, case.case_id, "hold", reason="確認")
    decide_gate_of(catalogue, today, case.case_id, "hold", reason="確認")
    said = decisions(catalogue, case.case_id)[0]
    assert (said.decided_by, said.decided_for, said.role) == ("sato", "houmu", "legal")


def test_an_estimate_is_checked_in_place_of_finance_and_no_longer_on_the_next_day(catalogue):
    number = waiting_estimate(catalogue, manager="sato")
    today, tomorrow = away(catalogue, MONEY, LAW)
    assert (count(catalogue, today), count(catalogue, tomorrow), count(catalogue, LAW)) == (1, 0, 0)
    check = (check_estimate, *number)
    with pytest.raises(ForbiddenError):
        doing(catalogue, tomorrow, *check, accepts=True, expected_tag=None)
    done = doing(catalogue, today, *check, accepts=True, expected_tag=None)
    assert (done.state, done.checked_by) == ("checked", "houmu")
    assert timeline(catalogue, number[0])[0].detail["decided_for"] == "zaimu"
    assert '"decided_for": "zaimu"' in noted_for(catalogue, "case estimate")[-1]


def test_nobody_checks_what_they_or_the_absent_wrote_or_without_the_decisions(catalogue):
    number = waiting_estimate(catalogue, manager="sato")
    for absent, deputy, what in ((MONEY, SATO, ("gates",)), (HEAD, PATENTS, ("queue",))):
        today, _ = away(catalogue, absent, deputy, what)
        assert count(catalogue, today) == 0
        with pytest.raises(ForbiddenError):
            doing(catalogue, today, check_estimate, *number, accepts=True, expected_tag=None)
    kept = doing(catalogue, HEAD, save_estimate, number[0], ESTIMATE)
    own = (number[0], kept.estimate_id)
    doing(catalogue, HEAD, ask_for_check, *own, expected_tag=None)
    with catalogue.writing() as connection:
        moved = update(UserAccount).where(UserAccount.user_id == "zaimu")
        connection.execute(moved.values(role="chief"))
    today, _ = away(catalogue, HEAD, LAW, ("gates",))
    with pytest.raises(ForbiddenError, match="wrote"):
        doing(catalogue, today, check_estimate, *own, accepts=True, expected_tag=None)


def test_sight_is_not_handed_on_with_checks(catalogue):
    number = waiting_estimate(catalogue, HEAD, need_id=CLOSED)
    today, _ = away(catalogue, HEAD, MONEY)
    assert count(catalogue, today) == 0
    with pytest.raises(UnknownIdError):
        doing(catalogue, today, check_estimate, *number, accepts=True, expected_tag=None)


def test_nobody_decides_in_the_place_of_somebody_who_may_not_see_it(catalogue):
    """Sato manages the closed need, of which legal and finance know nothing."""
    case = opened(catalogue, need_id=CLOSED, researcher_ids=("R-6",))
    decide_gate_of(catalogue, SATO, case.case_id, "go")
    doing(catalogue, SATO, submit, case.case_id, SETTINGS, expected_version=None)
    estimate = waiting_estimate(catalogue, HEAD, need_id=CLOSED)
    with catalogue.writing() as connection:
        interest(connection, "R-5", COMPANY, "startup")
    doing(catalogue, SATO, ask_for_clearance, CLOSED,
          stopping(screened(catalogue, SATO, CLOSED, ("R-5",))))  # fmt: skip
    for absent in (LAW, PATENTS, MONEY):
        today, _ = away(catalogue, absent, SATO)
    assert {one.user_id for one in today.stands_in} == {"houmu", "chizai", "zaimu"}
    with reading_as(catalogue, today) as connection:
        asked = clearances_page(connection, today, which="waiting").items
        mine = clearances_page(connection, today, which="waiting", own_role=True).items
        gates = gates_of(connection, today)
        due = [
            connection.execute(seen(one).where(to_decide(one, gates))).mappings().all()
            for one in (today, SATO)
        ]
    assert due[0] == due[1] and case.case_id not in {row["case_id"] for row in due[0]}
    assert asked and not mine and count(catalogue, today) == 0
    said = {"reason": "確認した", "valid_until": TODAY + 30 * DAY}
    with pytest.raises(ForbiddenError):
        doing(catalogue, today, decide, asked[0].clearance_id, "cleared", **said)
    with pytest.raises(ForbiddenError):
        doing(catalogue, today, check_estimate, *estimate, accepts=True, expected_tag=None)
    with pytest.raises(ForbiddenError, match="other roles"):
        decide_gate_of(catalogue, today, case.case_id, "hold", reason="確認")
    chief, _ = away(catalogue, HEAD, SATO)  # who sees it
    decide_gate_of(catalogue, chief, case.case_id, "hold", reason="確認")
    assert decisions(catalogue, case.case_id)[0].decided_for == HEAD.viewer_id


def test_what_screening_stops_is_cleared_in_place_of_legal_until_it_ends(catalogue):
    with catalogue.writing() as connection:
        interest(connection, "R-5", COMPANY, "startup")
    stops = stopping(screened(catalogue, SATO, NEED, ("R-5",)))
    doing(catalogue, SATO, ask_for_clearance, NEED, stops)
    with reading_as(catalogue, HEAD) as connection:
        waiting = clearances_page(connection, HEAD, which="waiting").items
    asked = waiting[0]
    absent = {"legal": LAW, "ip": PATENTS}.get(asked.role, HEAD)
    today, tomorrow = away(catalogue, absent, MONEY)
    said = {"reason": "経歴を確認した", "valid_until": TODAY + 30 * DAY}
    for viewer, shown in ((today, True), (tomorrow, False)):
        with reading_as(catalogue, viewer) as connection:
            kinds = {one.kind for one in waiting_for(connection, viewer, [])}
            mine = clearances_page(connection, viewer, which="waiting", own_role=True).items
        assert ((TO_CLEAR in kinds), bool(mine)) == (shown, shown)
    with pytest.raises(ForbiddenError):
        doing(catalogue, tomorrow, decide, asked.clearance_id, "cleared", **said)
    done = doing(catalogue, today, decide, asked.clearance_id, "cleared", **said)
    assert (done.decision, done.decided_by) == ("cleared", "zaimu")
    assert f'"decided_for": "{absent.viewer_id}"' in noted_for(catalogue, "clear")[-1]


def test_a_checklist_of_a_contract_is_kept_in_place_of_legal_until_it_ends(catalogue):
    case = opened(catalogue, manager="sato")
    today, tomorrow = away(catalogue, LAW, MONEY)
    with reading_as(catalogue, today) as connection:
        item = checklist_of(connection, today, case.case_id, "nda").items[0].item.id
    save = (save_checklist, case.case_id, "nda", {item: ("settled", "")})
    with pytest.raises(ForbiddenError):
        doing(catalogue, tomorrow, *save, expected_version=None)
    kept = doing(catalogue, today, *save, expected_version=None)
    assert kept.version == 1
    assert timeline(catalogue, case.case_id)[0].detail["decided_for"] == "houmu"
    own = doing(catalogue, LAW, *save, expected_version=None)
    assert own.version == 2 and "decided_for" not in timeline(catalogue, case.case_id)[0].detail


def mails(catalogue):
    with catalogue.reading() as connection:
        query = select(Mail.kind, Mail.user_id, Mail.about).order_by(Mail.mail_id)
        return [tuple(row) for row in connection.execute(query)]


def withdrawn(catalogue, login, kind, about):
    with catalogue.reading() as connection:
        user = user_of(find_user(connection, login))
        return reason_to_withdraw(connection, user, kind, about)


def test_finance_and_its_stand_in_are_told_of_an_estimate_and_its_author_of_the_answer(catalogue):
    with catalogue.writing() as connection:
        connection.execute(update(UserAccount).values(email="a@example.ac.jp"))
    away(catalogue, MONEY, LAW)
    number = waiting_estimate(catalogue, manager="sato")
    about = str(number[0])
    assert mails(catalogue) == [("estimate", "houmu", about), ("estimate", "zaimu", about)]
    assert withdrawn(catalogue, "zaimu", "estimate", about) is None
    assert withdrawn(catalogue, "houmu", "estimate", about) is None
    assert withdrawn(catalogue, "guest", "estimate", about) is not None
    back = {"accepts": False, "remark": "旅費の根拠を", "expected_tag": None, "mail": SERVER}
    doing(catalogue, MONEY, check_estimate, *number, **back)
    assert mails(catalogue)[2:] == [("estimate_returned", "sato", about)]
    assert withdrawn(catalogue, "zaimu", "estimate", about) is not None  # it waits no more
    with reading_as(catalogue, SATO) as connection:
        [told] = [
            one for one in queue_of(connection, SATO, SETTINGS.cases) if one.kind == SENT_BACK
        ]
    assert (told.count, told.items[0].object_id) == (1, about)
    with catalogue.writing() as connection:
        muted = update(UserAccount).where(UserAccount.user_id == "sato")
        connection.execute(muted.values(muted_mail="estimate_checked"))
    doing(catalogue, SATO, ask_for_check, *number, expected_tag=None, mail=SERVER)
    doing(catalogue, MONEY, check_estimate, *number, accepts=True, expected_tag=None, mail=SERVER)
    assert [kind for kind, *_ in mails(catalogue)].count("estimate_checked") == 0
    with reading_as(catalogue, SATO) as connection:
        assert SENT_BACK not in {one.kind for one in queue_of(connection, SATO, SETTINGS.cases)}


def test_of_a_closed_case_the_chief_is_told_and_never_who_wrote_it(catalogue):
    other = Viewer("second", "chief")
    with catalogue.writing() as connection:
        connection.execute(update(UserAccount).values(email="a@example.ac.jp"))
        made = update(UserAccount).where(UserAccount.user_id == GUEST.viewer_id)
        connection.execute(made.values(user_id=other.viewer_id, role="chief"))
    number = waiting_estimate(catalogue, HEAD, need_id=CLOSED)
    assert mails(catalogue) == [("estimate", "second", str(number[0]))]


def test_two_do_not_stand_in_for_the_same(catalogue):
    away(catalogue, LAW, MONEY)
    with pytest.raises(ConflictError):
        away(catalogue, LAW, Viewer("sato", PROJECT))
