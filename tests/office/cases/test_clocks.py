"""Clocks of cases: when they end, stand and go on; who is told; and lists by what is due."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.models import StoredNeed
from catalogue.records.catalogue import open_catalogue
from enmusubi.case_settings import CaseSettings
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from enmusubi.mail_settings import MailSettings
from enmusubi.service_settings import SignInSettings
from enmusubi.settings import Settings
from office.access.scoped import reading_as
from office.accounts.users import required_user
from office.cases.changing import set_turn
from office.cases.clocks import Clocks
from office.cases.deciding import submit
from office.cases.gates import gates_of
from office.cases.listing import CaseFilter, When, board_of, cases_page, count_cases, filter_from
from office.cases.telling import check_clocks
from office.cases.views import delete_view, save_view, views_of
from office.mail.queue import MAIL
from office.mail.relevance import reason_to_withdraw
from office.reports.records import NightReport
from office.reports.workbook import write_workbook
from tests.office.cases.steps import MONDAY, SETTINGS, decide, doing, opened, read, timeline
from tests.support.worlds import copied
from tests.support.worlds.screened import HEAD, LAW, PLAIN, SATO, furnish

WEDNESDAY = MONDAY + timedelta(days=2)
CLOCKS = Clocks(SETTINGS.cases)


def turn(catalogue, number, whose, now, settings=SETTINGS):
    return doing(
        catalogue, SATO, set_turn, number, whose, settings.cases, expected_version=None, now=now
    )


def test_a_clock_stands_while_the_company_is_on_turn_and_goes_on_with_what_it_had_left(catalogue):
    number = opened(catalogue).case_id
    assert CLOCKS.state(read(catalogue, number), date(2026, 6, 5)) == "due_soon"
    paused = turn(catalogue, number, "company", WEDNESDAY)
    assert (paused.due_on, paused.days_left) == (None, 3)  # Thursday, Friday, Monday
    assert CLOCKS.state(paused, date(2026, 7, 1)) == "paused"
    back = turn(catalogue, number, "office", WEDNESDAY + timedelta(days=7))
    assert (back.due_on, back.days_left) == (date(2026, 6, 15), None)
    at_once = turn(catalogue, number, "company", WEDNESDAY)
    at_once = turn(catalogue, number, "office", WEDNESDAY)
    assert at_once.due_on == date(2026, 6, 15)
    with pytest.raises(InputError, match="office or company"):
        turn(catalogue, number, "us", WEDNESDAY)


def test_a_case_that_stands_from_the_afternoon_of_its_last_day_is_not_overdue_when_it_goes_on(
    catalogue,
):
    number = opened(catalogue).case_id
    last_afternoon = MONDAY + timedelta(days=7, hours=5)
    assert turn(catalogue, number, "company", last_afternoon).days_left == 0
    back = turn(catalogue, number, "office", MONDAY + timedelta(days=9))
    assert back.due_on == date(2026, 6, 10)
    late = turn(catalogue, number, "company", MONDAY + timedelta(days=11))
    assert late.days_left == -2


def test_what_was_escalated_is_not_escalated_again_when_it_stood_meanwhile(catalogue, mailing):
    number = opened(catalogue, settings=mailing).case_id
    late = MONDAY + timedelta(days=9)
    assert check_clocks(catalogue, mailing, late).escalated == (number,)
    turn(catalogue, number, "company", late)
    turn(catalogue, number, "office", late + timedelta(days=1))
    found = check_clocks(catalogue, mailing, late + timedelta(days=2))
    assert (found.overdue, found.escalated) == ((number,), ())
    withdrawn = update(StoredNeed).values(withdrawn_at=late)
    with catalogue.writing() as connection:
        connection.execute(withdrawn)
    assert check_clocks(catalogue, mailing, late + timedelta(days=5)).overdue == ()


def test_a_cut_off_has_no_zone_of_its_own():
    with pytest.raises(ValueError, match="not a time of day"):
        CaseSettings(half_day_from="12:00+09:00")


def test_a_hold_stands_and_a_decision_ends_a_clock(catalogue):
    number = opened(catalogue).case_id
    held = decide(catalogue, SATO, number, "hold", reason="先方の決算待ち。", now=WEDNESDAY)
    assert (held.state, held.days_left) == ("held", 3)
    with pytest.raises(ConflictError, match="Take it up again"):
        turn(catalogue, number, "company", WEDNESDAY)
    moved = decide(catalogue, SATO, number, "go", now=WEDNESDAY)
    assert (moved.state, moved.clock, moved.due_on, moved.days_left) == ("running", "", None, None)


def test_a_stage_may_have_a_clock_and_the_decision_on_a_prototype_has_ten_days(catalogue):
    settings = SETTINGS.model_copy(update={"cases": CaseSettings(stage_days={"nda": 20})})
    number = opened(catalogue, settings=settings).case_id
    decide(catalogue, SATO, number, "go", settings=settings, now=MONDAY)
    moved = decide(catalogue, LAW, number, "go", settings=settings, now=MONDAY)
    assert (moved.clock, moved.due_on) == ("stage", date(2026, 6, 29))
    asked = doing(catalogue, SATO, submit, number, settings, expected_version=None, now=WEDNESDAY)
    assert (asked.clock, asked.due_on) == ("decision", date(2026, 6, 17))  # 稟議 10 営業日
    with pytest.raises(ConflictError, match="No gate"):
        doing(catalogue, SATO, submit, number, settings, expected_version=None)


@pytest.fixture
def mailing(catalogue, tmp_path):
    """Settings with a mail server, and addresses for the chief and the manager."""
    with catalogue.writing() as connection:
        connection.execute(update(UserAccount).values(email="x@hoshi.example.ac.jp"))
    mail = MailSettings(host="localhost", sender="enmusubi@hoshi.example.ac.jp")
    sign_in = SignInSettings(public_url="https://enmusubi.example.ac.jp")
    return Settings(data_dir=tmp_path, mail=mail, sign_in=sign_in)


def mails(catalogue):
    with catalogue.reading() as connection:
        query = select(MAIL.c.kind, MAIL.c.user_id, MAIL.c.about).order_by(MAIL.c.mail_id)
        return [tuple(row) for row in connection.execute(query)]


WAITING = (("head", "gate", "{}"), ("head", "escalation", "2026-06-09"), ("sato", "clock", "x"))


def test_who_decides_is_told_and_what_is_overdue_is_escalated_once(catalogue, mailing, tmp_path):
    number = opened(catalogue, settings=mailing).case_id
    assert mails(catalogue) == [("gate", "head", str(number))]  # sato put it up
    friday = MONDAY + timedelta(days=4)
    soon = check_clocks(catalogue, mailing, friday)
    assert (soon.due_soon, soon.overdue, soon.mails) == ((number,), (), 1)
    assert check_clocks(catalogue, mailing, friday).mails == 0  # the same day again
    tuesday = MONDAY + timedelta(days=8)
    late = check_clocks(catalogue, mailing, tuesday)
    assert (late.overdue, late.escalated) == ((number,), (number,))
    report = NightReport("2026-06-09", "2026-06-09", "v1", "words", 10, (), cases=late)
    write_workbook(report, tmp_path / "night.xlsx")
    row = [cell.value for cell in load_workbook(tmp_path / "night.xlsx")["案件の期限 Cases due"][5]]
    due = ["2026-06-08", "期限超過 Overdue", number]
    assert row[:3] == due and row[5:] == ["発掘 Discovery", "sato"]
    assert check_clocks(catalogue, mailing, tuesday + timedelta(days=1)).escalated == ()
    told = [about for kind, _, about in mails(catalogue) if kind == "escalation"]
    assert told == ["2026-06-09"]  # not again on the next day, though it is still overdue
    assert ("escalation", "head", "2026-06-09") in mails(catalogue)
    assert [one.kind for one in timeline(catalogue, number)] == ["escalated", "opened"]
    assert read(catalogue, number).escalated_at == tuesday
    with catalogue.reading() as connection:
        for login, kind, about in WAITING:
            user = required_user(connection, login)
            assert reason_to_withdraw(connection, user, kind, about.format(number)) is None
    decide(catalogue, SATO, number, "go", now=tuesday)
    with catalogue.reading() as connection:
        for login, kind, about in WAITING:
            user = required_user(connection, login)
            assert reason_to_withdraw(connection, user, kind, about.format(number)) is not None


WHEN = When(date(2026, 6, 9), date(2026, 6, 10))


def listed(catalogue, viewer=SATO, *, limit=2, **wanted):
    """Return the numbers of the cases wanted, read page by page."""
    found, after = [], ""
    with reading_as(catalogue, viewer) as connection:
        gates = gates_of(connection, viewer)
        asked = CaseFilter(**wanted)
        while True:
            page = cases_page(connection, viewer, asked, WHEN, gates, after=after, limit=limit)
            found += [one.case_id for one in page.items]
            after = page.after
            if not after:
                break
        assert count_cases(connection, viewer, asked, WHEN, gates) == len(found)
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_lists_filter_and_sort_and_no_case_comes_twice(kind, tmp_path, request):
    is_small = kind == "sqlite"
    url = copied("screened", tmp_path) if is_small else request.getfixturevalue("bare_postgres_url")
    with open_catalogue(url) as catalogue:
        if not is_small:
            furnish(catalogue, tmp_path)
        a = opened(catalogue, researcher_ids=("R-5",), amount_jpy=3_000_000_000).case_id
        b = opened(catalogue, need_id=PLAIN, now=WEDNESDAY, means="cvc").case_id
        c = opened(catalogue, HEAD, need_id="", title="別件", company="乙社", now=WEDNESDAY).case_id
        decide(catalogue, HEAD, c, "go")
        assert listed(catalogue) == [a, b, c]  # the case without a clock comes last
        assert listed(catalogue, order="opened") == [c, b, a]
        assert listed(catalogue, order="stage", limit=1) == [a, b, c]
        assert listed(catalogue, order="amount", limit=1)[0] == a
        assert set(listed(catalogue, order="company", limit=1)) == {a, b, c}
        assert listed(catalogue, order="changed")[0] == c
        assert listed(catalogue, due="overdue") == [a]
        assert listed(catalogue, due="due_soon") == [b]
        assert listed(catalogue, due="attention") == [a, b]
        assert listed(catalogue, due="to_decide") == [a, b]
        assert listed(catalogue, LAW, due="to_decide") == []
        assert listed(catalogue, means="cvc") == listed(catalogue, need_id=PLAIN) == [b]
        assert listed(catalogue, researcher_id="R-5") == [a]
        assert listed(catalogue, organisation_id="aonami") == [a]
        decide(catalogue, SATO, b, "stop", reason="x", reason_code="other")
        assert listed(catalogue) == [a, c]
        assert listed(catalogue, state="declined") == [b]
        with reading_as(catalogue, SATO) as connection:
            columns = board_of(connection, SATO, CaseFilter(), WHEN, gates_of(connection, SATO))
        assert [(one.count, len(one.cases)) for one in columns] == [
            (1, 1), (1, 1), (0, 0), (0, 0), (0, 0), (0, 0),
        ]  # fmt: skip
        assert read(catalogue, a).people_ids == ("R-5",)


def test_a_view_keeps_a_filter_under_a_name_for_whoever_saved_it(catalogue):
    view = doing(catalogue, SATO, save_view, "遅れ", {"due": "overdue", "order": "stage"})
    again = doing(catalogue, SATO, save_view, "遅れ", {"due": "overdue", "state": "active"})
    with reading_as(catalogue, SATO) as connection:
        assert views_of(connection, SATO) == [again]
    assert again.query == {"due": "overdue"}
    with pytest.raises(UnknownIdError):
        doing(catalogue, HEAD, delete_view, again.view_id)
    with pytest.raises(InputError, match="not a value"):
        doing(catalogue, SATO, save_view, "x", {"due": "never"})
    doing(catalogue, SATO, delete_view, again.view_id)
    with reading_as(catalogue, SATO) as connection:
        assert views_of(connection, SATO) == []
    assert replace(filter_from({"stage": "nda", "page": "2"}), stage="") == CaseFilter()
    assert view.name == "遅れ"
