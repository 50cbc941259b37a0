"""Projects: what belongs to them, whose they are, lights by hand-worked numbers, time, mails."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import PORTAL, Viewer
from enmusubi.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    StaleVersionError,
    UnknownIdError,
)
from enmusubi.mail_settings import MailSettings
from enmusubi.service_settings import SignInSettings
from enmusubi.settings import Settings
from office.access.scoped import reading_as
from office.business_days import BusinessDays
from office.cases.kept import CASES
from office.mail.queue import MAIL
from office.projects import changing
from office.projects.drafts import (
    ActionDraft,
    BudgetDraft,
    MilestoneDraft,
    MinutesDraft,
    PartDraft,
    RiskDraft,
    ShareDraft,
    SpendingDraft,
)
from office.projects.kept import project_of
from office.projects.lights import LightFacts, lights_of
from office.projects.portfolio import ProjectFilter, allocation, portfolio
from office.projects.shares import ShareOfTime, loads, peak
from office.projects.telling import check_projects
from tests.office.cases.steps import doing, opened, timeline, trail
from tests.office.screening.steps import screened
from tests.support.worlds.screened import CLOSED, HEAD, LAW, MONEY, NEED, PLAIN, SATO

SETTINGS = Settings()
TODAY = date(2026, 6, 1)  # a Monday
PORTALS = Viewer("portal", PORTAL, companies=frozenset({"aonami"}))


def project(catalogue, need_id=PLAIN, stage="small_prototype", people=("R-5",)):
    number = opened(catalogue, HEAD, need_id=need_id, researcher_ids=people, manager="sato").case_id
    with catalogue.writing() as connection:
        connection.execute(update(CASES).where(CASES.c.case_id == number).values(stage=stage))
    return number


def add(catalogue, number, draft, kind, viewer=SATO, version=None):  # noqa: PLR0917
    return doing(
        catalogue, viewer, changing.add_entry, number, kind, draft, expected_version=version
    )


def read(catalogue, number, viewer=SATO):
    with reading_as(catalogue, viewer) as connection:
        return project_of(connection, viewer, number)


def lights(kept, shares=None, today=TODAY):
    facts = LightFacts(today, BusinessDays(SETTINGS.cases), shares or {}, 100)
    found = lights_of(kept, facts)
    return {"whole": found.whole.color, **{name: one.color for name, one in found.of.items()}}


def test_a_change_is_a_version_with_a_step_and_an_entry_and_none_is_lost(catalogue):
    number = project(catalogue)
    first = add(catalogue, number, MilestoneDraft("試料", TODAY), "milestone", version=0)
    assert first.version == 1 and first.milestones[0].said.name == "試料"
    with pytest.raises(StaleVersionError):
        add(catalogue, number, MilestoneDraft("別", TODAY), "milestone", version=0)
    entry = first.milestones[0].entry_id
    reached = MilestoneDraft("試料", TODAY, date(2026, 6, 3), "reached")
    change = (number, "milestone", entry, reached)
    done = doing(catalogue, SATO, changing.change_entry, *change, expected_version=1)
    assert done.milestones[0].said.actual_on == date(2026, 6, 3)
    same = doing(catalogue, SATO, changing.change_entry, *change, expected_version=2)
    assert same.version == 2  # nothing changed
    step = timeline(catalogue, number)[0]
    said = {"part": "milestone", "do": "change", "entry": entry, "fields": ["actual_on", "state"]}
    assert (step.kind, step.detail, step.text) == ("project", said, "")
    assert ("case project", str(number), {"need_id": PLAIN, **said}) in trail(catalogue)
    part = add(catalogue, number, PartDraft("評価", "R-5"), "part").parts[0].entry_id
    add(catalogue, number, ShareDraft("R-5", 20, TODAY, TODAY, part), "share")
    with pytest.raises(ConflictError, match="belong to it"):
        doing(catalogue, SATO, changing.remove_entry, number, "part", part, expected_version=None)
    for wrong, kind, field in (
        (MilestoneDraft("試料", TODAY, None, "reached"), "milestone", "actual_on"),
        (ShareDraft("R-5", 101, TODAY, TODAY), "share", "percent"),
        (ShareDraft("R-5", 10, TODAY, date(2026, 5, 1)), "share", "period"),
        (SpendingDraft(77, 1, TODAY), "spending", "budget_id"),
        (ActionDraft("送る", "nobody", TODAY), "action", "owner"),
        (RiskDraft("納期", 6, 1), "risk", "probability"),
    ):
        with pytest.raises(InputError) as refused:
            add(catalogue, number, wrong, kind)
        assert field in refused.value.fields, field


def test_rights_are_those_of_the_case_and_of_roles_and_portals_have_none(catalogue):
    number = project(catalogue)
    add(catalogue, number, BudgetDraft("travel", "旅費", 100), "budget", MONEY)
    with pytest.raises(ForbiddenError):
        add(catalogue, number, MilestoneDraft("試料", TODAY), "milestone", MONEY)
    for viewer in (SATO, HEAD, MONEY):
        assert read(catalogue, number, viewer).budget_jpy == 100
    hidden = read(catalogue, number, LAW)
    assert (hidden.budgets, hidden.handles_money, hidden.may_change) == ([], False, False)
    with pytest.raises(ForbiddenError):
        add(catalogue, number, BudgetDraft("travel", "別", 1), "budget", LAW)
    with pytest.raises(ForbiddenError):
        read(catalogue, number, PORTALS)
    closed = project(catalogue, CLOSED)
    with pytest.raises(UnknownIdError):
        read(catalogue, closed, MONEY)
    early = project(catalogue, NEED, stage="nda")
    with pytest.raises(ConflictError, match="small prototype"):
        read(catalogue, early)


def test_the_lights_follow_their_rules_and_a_hand_and_its_end(catalogue):
    number = project(catalogue)
    grey = dict.fromkeys(("schedule", "money", "risks", "people"), "grey")
    assert lights(read(catalogue, number)) == {"whole": "grey", **grey}
    add(catalogue, number, MilestoneDraft("試料", date(2026, 5, 18)), "milestone")
    line = add(catalogue, number, BudgetDraft("people", "研究員", 1_000), "budget").budgets[0]
    add(catalogue, number, SpendingDraft(line.entry_id, 900, TODAY), "spending")
    add(catalogue, number, RiskDraft("納期", 2, 4), "risk")
    kept = add(catalogue, number, ShareDraft("R-5", 60, TODAY, date(2026, 8, 31)), "share")
    shares = {"R-5": [ShareOfTime(1, "", 60, TODAY, TODAY), ShareOfTime(2, "", 60, TODAY, TODAY)]}
    # overdue since 18 May: ten business days; 900 of 1,000 is not above 90 percent; 2 x 4 = 8; 120 percent
    expected = {"schedule": "amber", "money": "green", "risks": "amber", "people": "amber"}
    assert lights(kept, shares) == {"whole": "amber", **expected}
    assert lights(kept, today=date(2026, 6, 2))["schedule"] == "red"  # the eleventh
    period = (number, date(2026, 4, 1), date(2026, 9, 30))  # 61 of 182 days: a third
    kept = doing(catalogue, SATO, changing.set_period, *period, expected_version=None)
    assert lights(kept)["money"] == "amber"  # 90 percent in 34 percent of the time
    add(catalogue, number, SpendingDraft(line.entry_id, 101, TODAY), "spending")
    assert lights(read(catalogue, number))["money"] == "red"
    add(catalogue, number, SpendingDraft(line.entry_id, -200, TODAY), "spending")
    assert read(catalogue, number).spent_jpy == 801
    hand = (number, "green", "先方と合意", date(2026, 6, 10), TODAY)
    with pytest.raises(InputError, match="until which day"):
        doing(
            catalogue, SATO, changing.set_light, number, "green", "先方と合意", None, TODAY,
            expected_version=None,
        )  # fmt: skip
    kept = doing(catalogue, SATO, changing.set_light, *hand, expected_version=None)
    assert lights(kept, today=date(2026, 6, 10))["whole"] == "green"
    assert lights(kept, today=date(2026, 6, 11))["whole"] == "red"  # computed again
    assert timeline(catalogue, number)[0].text == "先方と合意"


def test_shares_add_up_over_days_and_are_seen_by_screening_portfolio_and_allocation(catalogue):
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    shares = [
        ShareOfTime(1, "", 60, first, date(2026, 1, 20)),
        ShareOfTime(2, "", 50, date(2026, 1, 11), last),
    ]
    stretches = [(one.percent, one.since.day, one.until.day) for one in loads(shares, first, last)]
    assert stretches == [(60, 1, 10), (110, 11, 20), (50, 21, 31)]
    assert peak(shares, first, last).case_ids == (1, 2) and peak([], first, last) is None
    number, closed = project(catalogue), project(catalogue, CLOSED)
    since, until = date(2026, 5, 1), date(2026, 8, 31)
    add(catalogue, number, ShareDraft("R-5", 70, since, until), "share")
    assert not _time(catalogue)
    add(catalogue, closed, ShareDraft("R-5", 30, date(2026, 7, 1), until), "share", HEAD)
    found = _time(catalogue, HEAD)
    assert "100 percent" in str(found[0].reason) and "2026-07-01" in str(found[0].reason)
    assert found[0].is_capacity and set(found[0].evidence) == {f"case:{number}", f"case:{closed}"}
    assert not _time(catalogue)  # of a need that is hidden nothing counts
    for viewer, percent in ((HEAD, 100), (LAW, 70)):
        with reading_as(catalogue, viewer) as connection:
            time = allocation(connection, viewer, SETTINGS, TODAY)
            assert time.people[0].months[:4] == (70, percent, percent, 0)
            assert time.people[0].overloads == ()
            rows = portfolio(connection, viewer, ProjectFilter(), SETTINGS)
            assert [row.project.case.case_id for row in rows] == (
                [number, closed] if viewer is HEAD else [number]
            )


def _time(catalogue, viewer=LAW):
    return [
        one for one in screened(catalogue, viewer=viewer)["R-5"] if one.rule_id == "capacity_time"
    ]


def test_the_night_tells_of_each_day_once_and_not_on_a_sunday(catalogue, tmp_path):
    with catalogue.writing() as connection:
        connection.execute(update(UserAccount).values(email="x@hoshi.example.ac.jp"))
    mail = MailSettings(host="localhost", sender="enmusubi@hoshi.example.ac.jp")
    sign_in = SignInSettings(public_url="https://enmusubi.example.ac.jp")
    mailing = Settings(data_dir=tmp_path, mail=mail, sign_in=sign_in)
    number = project(catalogue)
    add(catalogue, number, MilestoneDraft("試料", date(2026, 5, 28)), "milestone")
    met = add(catalogue, number, MinutesDraft(date(2026, 5, 20), "定例"), "minutes").minutes[0]
    add(
        catalogue,
        number,
        ActionDraft("送る", "zaimu", date(2026, 5, 29), None, met.entry_id),
        "action",
    )
    sunday, monday = (datetime(2026, 5, day, 3, tzinfo=UTC) for day in (31, 29))
    assert check_projects(catalogue, mailing, sunday) == 0
    assert check_projects(catalogue, mailing, monday) == 1  # the action is due today
    tuesday = datetime(2026, 6, 2, 3, tzinfo=UTC)
    assert [check_projects(catalogue, mailing, tuesday) for _ in "twice"][:2] == [1, 0]
    add(catalogue, number, MilestoneDraft("報告", date(2026, 6, 1)), "milestone")
    assert check_projects(catalogue, mailing, tuesday) == 1
    with catalogue.reading() as connection:
        query = select(MAIL.c.user_id, MAIL.c.about).where(MAIL.c.kind == "milestone")
        told = [tuple(row) for row in connection.execute(query.order_by(MAIL.c.mail_id))]
    assert told == [("sato", "2026-05-28"), ("zaimu", "2026-05-29"), ("sato", "2026-06-01")]
