"""What of projects waits for a user on the beginning of their day, and their days for the calendar."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, func, select

from catalogue.database.case_models import HELD, RUNNING
from catalogue.database.project_models import PLANNED
from catalogue.database.viewer import CHIEF, Viewer
from office.access.rules import WORK_ON_CASES, may, visible_cases
from office.cases.kept import CASES, with_needs
from office.projects.drafts import ACTION, KINDS, MILESTONE
from office.projects.shares import is_project

MY_MILESTONES, MY_ACTIONS, ALL_MILESTONES = "milestones", "actions", "milestones of all"
NAMED_ENTRIES = 5
MILESTONES, ACTIONS = KINDS[MILESTONE].table, KINDS[ACTION].table


@dataclass(frozen=True)
class DueEntry:
    """A milestone or an action, its day, and the case that it belongs to."""

    entry_id: int
    case_id: int
    need_id: str
    name: str = field(repr=False)
    due_on: date
    changed_at: datetime


@dataclass(frozen=True)
class WaitingEntries:
    """Milestones or actions that are overdue: how many, and the first of them by their day."""

    kind: str
    count: int
    entries: tuple[DueEntry, ...]


def waiting_entries(
    connection: Connection, viewer: Viewer, today: date
) -> tuple[WaitingEntries, ...]:
    """Return a user's overdue milestones and actions; the chief's, besides, everybody's milestones."""
    if not may(viewer, WORK_ON_CASES):
        return ()
    mine = CASES.c.manager == viewer.viewer_id
    overdue = MILESTONES.c.planned_on < today
    asked = [
        (MY_MILESTONES, MILESTONE, mine & overdue),
        (MY_ACTIONS, ACTION, _mine_to_do(viewer, today)),
    ]
    if viewer.role == CHIEF:
        asked.append((ALL_MILESTONES, MILESTONE, ~mine & overdue))
    found = []
    for kind, of, condition in asked:
        entries = _entries(connection, viewer, of, condition, NAMED_ENTRIES)
        if entries:
            count = _count(connection, viewer, of, condition)
            found.append(WaitingEntries(kind, count, tuple(entries)))
    return tuple(found)


def planned_milestones(connection: Connection, viewer: Viewer) -> list[DueEntry]:
    """Return the milestones that are planned in the projects that a user looks after, by day."""
    if not may(viewer, WORK_ON_CASES):
        return []
    return _entries(connection, viewer, MILESTONE, CASES.c.manager == viewer.viewer_id, None)


def has_overdue(connection: Connection, viewer: Viewer, today: date) -> bool:
    """Return whether milestones that a user looks after, or actions of theirs, are overdue."""
    kinds = {one.kind for one in waiting_entries(connection, viewer, today)}
    return bool(kinds & {MY_MILESTONES, MY_ACTIONS})


def _mine_to_do(viewer: Viewer, today: date) -> ColumnElement[bool]:
    return (ACTIONS.c.owner == viewer.viewer_id) & (ACTIONS.c.due_on < today)


def _of(kind: str, viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on entries that are not done, of projects that run and that the viewer sees."""
    table = KINDS[kind].table
    undone = table.c.state == PLANNED if kind == MILESTONE else table.c.done_on.is_(None)
    runs = CASES.c.state.in_((RUNNING, HELD))
    return table.c.removed_at.is_(None), undone, runs, is_project(), visible_cases(viewer)


def _entries(
    connection: Connection,
    viewer: Viewer,
    kind: str,
    condition: ColumnElement[bool],
    most: int | None,
) -> list[DueEntry]:
    table = KINDS[kind].table
    day = table.c.planned_on if kind == MILESTONE else table.c.due_on
    columns = (
        table.c.entry_id,
        table.c.case_id,
        CASES.c.need_id,
        table.c.name,
        day,
        table.c.changed_at,
    )
    query = with_needs(
        select(*columns).select_from(table).join(CASES, CASES.c.case_id == table.c.case_id)
    ).where(condition, *_of(kind, viewer))
    rows = connection.execute(query.order_by(day, table.c.entry_id).limit(most))
    return [DueEntry(*row) for row in rows]


def _count(
    connection: Connection, viewer: Viewer, kind: str, condition: ColumnElement[bool]
) -> int:
    table = KINDS[kind].table
    query = with_needs(
        select(func.count()).select_from(table).join(CASES, CASES.c.case_id == table.c.case_id)
    ).where(condition, *_of(kind, viewer))
    return int(connection.execute(query).scalar_one())
