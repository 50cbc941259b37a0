"""Who is told by mail: who decides a gate that waits, whose cases are due or overdue, and the chief.

A clock that ran out is escalated once: the chief is told, and the case's timeline says so. Mails say
that something waits and where; nothing of a case stands in them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import Connection, select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.case_models import RUNNING
from catalogue.database.models import StoredNeed
from catalogue.database.service_models import CLOCK, ESCALATION, GATE
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.mail_settings import MailSettings
from enmusubi.settings import Settings, local_time
from office.cases.clocks import Clocks
from office.cases.kept import CASES, COMPANY_NAME, with_needs
from office.cases.steps import CaseStep, note_step
from office.delegations.standing_in import stand_ins_of
from office.mail.queue import enqueue, enqueue_once

NIGHT = Viewer("nightly", ADMINISTRATOR, "service")  # who escalates, in timeline and trail


@dataclass(frozen=True)
class DueCase:
    """A case that is due soon or overdue."""

    case_id: int
    title: str = field(repr=False)
    company: str = field(repr=False)
    stage: str
    due_on: date
    is_overdue: bool
    is_escalated: bool  # now for the first time
    manager: str


@dataclass(frozen=True)
class ClocksChecked:
    """What a look at the clocks found: ids of cases, and how many mails were written."""

    due_soon: tuple[int, ...] = ()
    overdue: tuple[int, ...] = ()
    escalated: tuple[int, ...] = ()  # of those overdue, now for the first time
    mails: int = 0
    rows: tuple[DueCase, ...] = ()  # the same cases, as the chief's workbook lists them


def tell_deciders(
    connection: Connection, by: Viewer, case_id: int, roles: Iterable[str], mail: MailSettings
) -> int:
    """Write a mail to all who decide a gate or stand in there, not to who put it up; returns how many."""
    deciding = _users(connection, {CHIEF, *roles})
    deciding |= stand_ins_of(connection, deciding, local_time(datetime.now(UTC), "ja").date())
    told = sorted(deciding - {by.viewer_id})
    return sum(enqueue(connection, mail, GATE, user, str(case_id)) for user in told)


def check_clocks(
    catalogue: Catalogue, settings: Settings, now: datetime | None = None
) -> ClocksChecked:
    """Look at the clocks of all cases: tell managers of what is due or overdue, and the chief of the latter.

    It may be run again: nobody gets two mails of a kind on one day, or one on a day on which the office is
    closed, and nothing is escalated twice: the chief is told once of a clock that ran out, on a business day.
    """
    moment = now or datetime.now(UTC)
    clocks = Clocks(settings.cases)
    today = clocks.days.today(moment)
    columns = (
        CASES.c.case_id,
        CASES.c.need_id,
        CASES.c.manager,
        CASES.c.due_on,
        CASES.c.escalated_at,
        CASES.c.title,
        StoredNeed.title.label("need_title"),
        COMPANY_NAME.label("company"),
        CASES.c.stage,
    )
    query = (
        with_needs(select(*columns))
        .where(CASES.c.state == RUNNING, CASES.c.due_on <= clocks.soon(today))
        .where(StoredNeed.withdrawn_at.is_(None))  # nobody sees the cases of a withdrawn one
        .order_by(CASES.c.case_id)
    )
    told: defaultdict[str, set[str]] = defaultdict(set)
    rows: list[DueCase] = []
    is_open = clocks.days.is_one(today)
    with catalogue.writing() as connection:
        for row in connection.execute(query).all():
            told[CLOCK].add(row.manager)
            is_overdue = row.due_on < today
            is_new = (
                is_overdue and is_open and row.escalated_at is None
            )  # on business days, as mails
            if is_new:
                chosen = CASES.c.case_id == row.case_id
                connection.execute(update(CASES).where(chosen).values(escalated_at=moment))
                step = CaseStep("escalated", {"due_on": row.due_on.isoformat()})
                note_step(connection, NIGHT, row.case_id, row.need_id, step, moment)
            rows.append(
                DueCase(
                    row.case_id, row.title or row.need_title or "", row.company, row.stage, row.due_on,
                    is_overdue, is_new, row.manager,
                )
            )  # fmt: skip
        escalated = tuple(one.case_id for one in rows if one.is_escalated)
        if escalated:  # once for each clock: not again on every day that it is overdue
            told[ESCALATION] |= _users(connection, {CHIEF})
        mails = sum(
            is_open and enqueue_once(connection, settings.mail, kind, user, today.isoformat())
            for kind in sorted(told)
            for user in sorted(told[kind] - {""})
        )
    soon = tuple(one.case_id for one in rows if not one.is_overdue)
    overdue = tuple(one.case_id for one in rows if one.is_overdue)
    return ClocksChecked(soon, overdue, escalated, mails, tuple(rows))


def _users(connection: Connection, roles: Iterable[str]) -> set[str]:
    query = select(UserAccount.user_id).where(
        UserAccount.role.in_(sorted(roles)), UserAccount.disabled_at.is_(None)
    )
    return set(connection.execute(query).scalars())
