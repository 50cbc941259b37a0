"""The shares of people's time in projects: read as a viewer sees them, and added up over days.

Shares count of cases in prototype or later that run or are held; a case that ended, or was sent back to an
earlier stage, takes no time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import cast

from sqlalchemy import ColumnElement, Connection, Table, select

from catalogue.database.case_models import (
    CASE_STAGES,
    HELD,
    RUNNING,
    SMALL_PROTOTYPE,
    OfficeCase,
)
from catalogue.database.models import StoredNeed
from catalogue.database.project_models import ProjectShare
from catalogue.database.viewer import Viewer
from catalogue.records.source_records import chunks
from office.access.rules import WORK_ON_CASES, may, visible_cases

PROJECT_STAGES = CASE_STAGES[CASE_STAGES.index(SMALL_PROTOTYPE) :]
CASES = cast(Table, OfficeCase.__table__)
SHARES = cast(Table, ProjectShare.__table__)
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class ShareOfTime:
    """A share of somebody's time in a project, in percent, from a day to the end of another.

    `need_id` is empty for a case without a need.
    """

    case_id: int
    need_id: str
    percent: int
    since: date
    until: date


@dataclass(frozen=True)
class Load:
    """A stretch of days in which a person's shares add up to the same, and the cases they are of."""

    percent: int
    since: date
    until: date
    case_ids: tuple[int, ...]


def is_project() -> ColumnElement[bool]:
    """Return the condition on `office_case` rows for cases that are projects."""
    return CASES.c.stage.in_(PROJECT_STAGES)


def shares_of(
    connection: Connection,
    viewer: Viewer,
    first: date,
    last: date,
    homes: Mapping[str, str] | None = None,
) -> dict[str, list[ShareOfTime]]:
    """Return the shares between two days that the viewer sees, by person.

    `homes` leads from every id that people had to the present one; None: everybody's, as they were kept.
    """
    if not may(viewer, WORK_ON_CASES):
        return {}
    query = (
        select(SHARES.c.researcher_id, SHARES.c.case_id, CASES.c.need_id)
        .add_columns(SHARES.c.percent, SHARES.c.since, SHARES.c.until)
        .join(CASES, CASES.c.case_id == SHARES.c.case_id)
        .outerjoin(StoredNeed, StoredNeed.need_id == CASES.c.need_id)
        .where(
            SHARES.c.removed_at.is_(None),
            SHARES.c.since <= last,
            SHARES.c.until >= first,
            is_project(),
            CASES.c.state.in_((RUNNING, HELD)),
            visible_cases(viewer),
        )
        .order_by(SHARES.c.entry_id)
    )
    found: defaultdict[str, list[ShareOfTime]] = defaultdict(list)
    parts: Iterable[list[str] | None] = [None] if homes is None else chunks(sorted(homes))
    for part in parts:
        asked = query if part is None else query.where(SHARES.c.researcher_id.in_(part))
        for kept_id, *row in connection.execute(asked):
            found[homes[kept_id] if homes else kept_id].append(ShareOfTime(*row))
    return dict(found)


def loads(shares: Sequence[ShareOfTime], first: date, last: date) -> list[Load]:
    """Return the stretches between two days, in their order, without days on which nothing is shared."""
    inside = [s for s in shares if s.since <= last and s.until >= first]
    edges = {first, last + _ONE}
    edges |= {max(s.since, first) for s in inside} | {min(s.until, last) + _ONE for s in inside}
    days = sorted(edges)
    found: list[Load] = []
    for since, following in pairwise(days):
        on = [s for s in inside if s.since <= since <= s.until]
        if on:
            cases = tuple(sorted({s.case_id for s in on}))
            found.append(Load(sum(s.percent for s in on), since, following - _ONE, cases))
    return found


def peak(shares: Sequence[ShareOfTime], first: date, last: date) -> Load | None:
    """Return the stretch with the greatest sum between two days, the first of them; None without any."""
    return max(loads(shares, first, last), key=lambda one: one.percent, default=None)
