"""Who is told by mail: who decides a gate that waits, whose cases are due or overdue, and the chief.

A clock that ran out is escalated once: the chief is told, and the case's timeline says so. Mails say
that something waits and where; nothing of a case stands in them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

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
from office.cases.kept import CASES, with_needs
from office.cases.steps import CaseStep, note_step
from office.delegations.standing_in import stand_ins_of
from office.mail.queue import enqueue, enqueue_once

NIGHT = Viewer("nightly", ADMINISTRATOR, "service")  # who escalates, in timeline and trail


@dataclass(frozen=True)
class ClocksChecked:
    """What a look at the clocks found: ids of cases, and how many mails were written."""

    due_soon: tuple[int, ...] = ()
    overdue: tuple[int, ...] = ()
    escalated: tuple[int, ...] = ()  # of those overdue, now for the first time
    mails: int = 0


def tell_deciders(
    connection: Connection, by: Viewer, case_id: int, roles: Iterable[str], mail: MailSettings
) -> int:
    """Write a mail to all who decide a gate or stand in for one of them, not to who put it up; returns how many."""
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
    )
    query = (
        with_needs(select(*columns))
        .where(CASES.c.state == RUNNING, CASES.c.due_on <= clocks.soon(today))
        .where(StoredNeed.withdrawn_at.is_(None))  # nobody sees the cases of a withdrawn one
        .order_by(CASES.c.case_id)
    )
    told: defaultdict[str, set[str]] = defaultdict(set)
    soon, overdue, escalated = [], [], []
    is_open = clocks.days.is_one(today)
    with catalogue.writing() as connection:
        for case_id, need_id, manager, due_on, escalated_at in connection.execute(query).all():
            told[CLOCK].add(manager)
            if due_on >= today:
                soon.append(case_id)
                continue
            overdue.append(case_id)
            if escalated_at is None and is_open:  # mails are of business days, and so is this
                escalated.append(case_id)
                chosen = CASES.c.case_id == case_id
                connection.execute(update(CASES).where(chosen).values(escalated_at=moment))
                step = CaseStep("escalated", {"due_on": due_on.isoformat()})
                note_step(connection, NIGHT, case_id, need_id, step, moment)
        if escalated:  # once for each clock: not again on every day that it is overdue
            told[ESCALATION] |= _users(connection, {CHIEF})
        mails = sum(
            is_open
            and enqueue_once(connection, settings.mail, kind, user, today.isoformat())
            for kind in sorted(told)
            for user in sorted(told[kind] - {""})
        )
    return ClocksChecked(tuple(soon), tuple(overdue), tuple(escalated), mails)


def _users(connection: Connection, roles: Iterable[str]) -> set[str]:
    query = select(UserAccount.user_id).where(
        UserAccount.role.in_(sorted(roles)), UserAccount.disabled_at.is_(None)
    )
    return set(connection.execute(query).scalars())
