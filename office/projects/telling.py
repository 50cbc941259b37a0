"""Mails of the night about projects: milestones and actions whose day is over.

Who looks after the case, or took the action on, is told once for each day on which something fell overdue. A
mail says that something waits and where; nothing of a project stands in it.
"""

from collections import defaultdict
from datetime import UTC, date, datetime

from sqlalchemy import Connection, select

from catalogue.database.case_models import HELD, RUNNING
from catalogue.database.models import StoredNeed
from catalogue.database.project_models import PLANNED
from catalogue.database.service_models import MILESTONE
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.business_days import BusinessDays
from office.cases.kept import CASES, with_needs
from office.mail.queue import enqueue_once
from office.projects.shares import is_project
from office.projects.waiting import ACTIONS, MILESTONES


def check_projects(catalogue: Catalogue, settings: Settings, now: datetime | None = None) -> int:
    """Write the mails about what is overdue in projects; returns how many.

    It may be run again: nobody is told twice of the same day, or on a day on which the office is closed.
    """
    days = BusinessDays(settings.cases)
    today = days.today(now or datetime.now(UTC))
    if not days.is_one(today):
        return 0
    with catalogue.writing() as connection:
        return sum(
            enqueue_once(connection, settings.mail, MILESTONE, user, latest.isoformat())
            for user, latest in sorted(_overdue(connection, today).items())
        )


def _overdue(connection: Connection, today: date) -> dict[str, date]:
    """Return who has something overdue, and the latest day of it."""
    milestones = (
        select(CASES.c.manager, MILESTONES.c.planned_on)
        .select_from(MILESTONES)
        .join(CASES, CASES.c.case_id == MILESTONES.c.case_id)
        .where(MILESTONES.c.state == PLANNED, MILESTONES.c.planned_on < today)
        .where(MILESTONES.c.removed_at.is_(None))
    )
    actions = (
        select(ACTIONS.c.owner, ACTIONS.c.due_on)
        .select_from(ACTIONS)
        .join(CASES, CASES.c.case_id == ACTIONS.c.case_id)
        .where(ACTIONS.c.done_on.is_(None), ACTIONS.c.due_on < today)
        .where(ACTIONS.c.removed_at.is_(None))
    )
    found: defaultdict[str, date] = defaultdict(lambda: date.min)
    for query in (milestones, actions):
        runs = CASES.c.state.in_((RUNNING, HELD)), is_project(), StoredNeed.withdrawn_at.is_(None)
        for user, day in connection.execute(with_needs(query).where(*runs)):
            if user:
                found[user] = max(found[user], day)
    return dict(found)
