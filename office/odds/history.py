"""The ledger as histories of cases: what was dated when it happened, of the cases that a viewer sees.

Facts come from the steps of the timeline alone, which are never changed: what a case says today may have
been written after its outcome was known.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, select

from catalogue.database.case_models import (
    CASE_STAGES,
    DISCOVERY,
    FROM_FILE,
    RECYCLE,
    CaseDecision,
    CaseEvent,
)
from catalogue.database.case_models import GO as DECIDED_GO
from catalogue.database.case_models import STOP as DECIDED_STOP
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from enmusubi.case_settings import CaseSettings
from office.access.rules import WORK_ON_CASES, require, visible_cases
from office.business_days import BusinessDays
from office.cases.kept import CASES, with_needs
from office.odds.stays import AGAIN, BACK, GO, SET_MEANS, SET_TEAM, STOP, CaseHistory, DatedStep

_PLACE = {stage: place for place, stage in enumerate(CASE_STAGES)}
_FIRST_DAY, _YEARS_AHEAD = date(2000, 1, 1), 3


def histories_of(connection: Connection, viewer: Viewer) -> list[CaseHistory]:
    """Return the histories of the cases that a viewer sees, by number; raises ForbiddenError."""
    require(viewer, WORK_ON_CASES)
    return histories_where(connection, visible_cases(viewer))


def histories_where(connection: Connection, visible: ColumnElement[bool]) -> list[CaseHistory]:
    """Return the histories of the cases, joined with their needs, for which a condition holds."""
    columns = CASES.c.case_id, CASES.c.company, CASES.c.opened_at, StoredNeed.organisation_id
    query = with_needs(select(*columns)).where(visible)
    rows = connection.execute(query.order_by(CASES.c.case_id)).all()
    seen = {row.case_id for row in rows}
    opened, steps = _events(connection, seen)
    for case_id, step in _decisions(connection):
        if case_id in seen:
            steps[case_id].append(step)
    return [
        _history(row, opened.get(row.case_id, {}), sorted(steps[row.case_id], key=_moment))
        for row in rows
    ]


def visible_versions(connection: Connection, viewer: Viewer) -> tuple[tuple[int, int], ...]:
    """Return number and version of the cases that a viewer sees: what odds are kept by."""
    require(viewer, WORK_ON_CASES)
    query = with_needs(select(CASES.c.case_id, CASES.c.version)).where(visible_cases(viewer))
    rows = connection.execute(query.order_by(CASES.c.case_id))
    return tuple((row.case_id, row.version) for row in rows)


def day_counter(settings: CaseSettings) -> Callable[[Sequence[date], Sequence[date]], list[int]]:
    """Return what counts the business days of an office, many pairs at once."""
    days = BusinessDays(settings)
    closed = _closed_days(settings.closing_days, settings.time_zone, days.today().year)

    def count(first: Sequence[date], last: Sequence[date]) -> list[int]:
        if not first:
            return []
        after = np.array([first, last], "datetime64[D]") + 1
        counted = np.busday_count(after[0], after[1], holidays=closed)
        return [int(one) for one in counted]

    return count


@lru_cache(maxsize=4)
def _closed_days(closing_days: tuple[str, ...], time_zone: str, year: int) -> Any:
    days = BusinessDays(CaseSettings(closing_days=closing_days, time_zone=time_zone))
    last = date(year + _YEARS_AHEAD, 12, 31)
    every = (_FIRST_DAY + timedelta(days=n) for n in range((last - _FIRST_DAY).days))
    closed = [day for day in every if day.weekday() < 5 and not days.is_one(day)]
    return np.array(closed, "datetime64[D]")


def _events(
    connection: Connection, seen: set[int]
) -> tuple[dict[int, dict[str, Any]], defaultdict[int, list[DatedStep]]]:
    kinds = ("opened", "changed", "reopened")
    columns = CaseEvent.case_id, CaseEvent.kind, CaseEvent.at, CaseEvent.detail
    query = select(*columns).where(CaseEvent.kind.in_(kinds)).order_by(CaseEvent.event_id)
    opened: dict[int, dict[str, Any]] = {}
    steps: defaultdict[int, list[DatedStep]] = defaultdict(list)
    for case_id, kind, at, text in connection.execute(query):
        if case_id not in seen:
            continue
        detail = json.loads(text)
        if kind == "opened":
            opened[case_id] = detail
        elif kind == "reopened":
            steps[case_id].append(DatedStep(at, AGAIN, _PLACE[detail["stage"]]))
        else:
            if "means" in detail:
                steps[case_id].append(DatedStep(at, SET_MEANS, value=detail["means"]))
            if "team" in detail:
                steps[case_id].append(DatedStep(at, SET_TEAM, value=team_size(detail["team"])))
    return opened, steps


def _decisions(connection: Connection) -> list[tuple[int, DatedStep]]:
    columns = (
        CaseDecision.case_id, CaseDecision.decision, CaseDecision.from_stage,
        CaseDecision.to_stage, CaseDecision.decided_at,
    )  # fmt: skip
    found = []
    for case_id, decision, before, after, at in connection.execute(select(*columns)):
        kind = {DECIDED_GO: GO, DECIDED_STOP: STOP}.get(decision, "")
        if decision == RECYCLE and before != after:
            kind = BACK
        if kind:
            found.append((case_id, DatedStep(at, kind, _PLACE[after])))
    return found


def _history(row: Any, opened: dict[str, Any], steps: list[DatedStep]) -> CaseHistory:
    facts = {name: opened.get(name, "") for name in ("means", "area", "strength", "origin")}
    facts["team"] = team_size(len(opened.get("researchers", ())))
    is_dated = opened.get("origin") != FROM_FILE
    stage = _PLACE[opened.get("stage", DISCOVERY)]
    company = row.organisation_id or row.company or ""
    return CaseHistory(row.case_id, row.opened_at, stage, company, facts, tuple(steps), is_dated)


def team_size(count: int) -> str:
    """Return how many researchers are in a case, as a fact: 0, 1, or 2+."""
    return str(count) if count < 2 else "2+"


def _moment(step: DatedStep) -> Any:
    return step.at
