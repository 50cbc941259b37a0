"""What of cases waits for a user on the beginning of their day: gates to decide, and cases that are due."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from catalogue.database.viewer import CHIEF, Viewer
from enmusubi.case_settings import CaseSettings
from office.access.rules import WORK_ON_CASES, may
from office.cases.clocks import DUE_SOON, OVERDUE, Clocks
from office.cases.gates import gates_of
from office.cases.kept import KeptCase
from office.cases.listing import TO_DECIDE, CaseFilter, When, cases_page, count_cases

NAMED_CASES = 5
ESCALATED = "escalated"  # overdue, of the whole office: for the chief


@dataclass(frozen=True)
class WaitingCases:
    """Cases that wait for the same: how many, and the first of them by their last day."""

    kind: str
    count: int
    cases: tuple[KeptCase, ...]


def waiting_cases(
    connection: Connection, viewer: Viewer, settings: CaseSettings
) -> tuple[WaitingCases, ...]:
    """Return what of cases waits for a user; nothing where their role has no cases."""
    if not may(viewer, WORK_ON_CASES):
        return ()
    clocks = Clocks(settings)
    today = clocks.days.today()
    when, gates = When(today, clocks.soon(today)), gates_of(connection, viewer)
    mine = CaseFilter(manager=viewer.viewer_id)
    asked = [(TO_DECIDE, CaseFilter(due=TO_DECIDE))]
    asked += [(due, replace(mine, due=due)) for due in (OVERDUE, DUE_SOON)]
    if viewer.role == CHIEF:
        asked.append((ESCALATED, CaseFilter(due=OVERDUE)))
    found = []
    for kind, wanted in asked:
        if count := count_cases(connection, viewer, wanted, when, gates):
            page = cases_page(connection, viewer, wanted, when, gates, limit=NAMED_CASES)
            found.append(WaitingCases(kind, count, page.items))
    return tuple(found)
