"""What figures are counted from, as a viewer may count it: cases with their groups, steps, entries, costs.

Read in a few queries for the whole ledger; titles are not among them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Table, and_, select

from catalogue.database.case_models import LEAD, CaseDecision
from catalogue.database.figure_models import CaseEntry, CaseTemplateUse, FigureTarget, OfficeCost
from catalogue.database.models import Researcher, StoredNeed
from catalogue.database.viewer import ANALYST, Viewer
from catalogue.identity.links import rows_of
from catalogue.records.catalogue import Catalogue
from catalogue.records.source_records import chunks
from enmusubi.settings import Settings
from office.access.rules import (
    SEE_COMPANIES,
    SEE_FIGURES,
    may,
    require,
    visible_cases,
    visible_needs,
)
from office.access.scoped import without_row_security
from office.cases.kept import CASES, COMPANY_NAME, PEOPLE, with_needs
from office.figures.kept_steps import DecisionRow, LedgerSteps, steps_kept, versions_where
from office.means.editing import means_table
from office.odds.history import histories_where

ENTRIES = cast(Table, CaseEntry.__table__)
COSTS, TARGETS = cast(Table, OfficeCost.__table__), cast(Table, FigureTarget.__table__)
USES = cast(Table, CaseTemplateUse.__table__)
COMPANY, DEPARTMENT, MEANS, TYPE, ORIGIN = "company", "department", "means", "type", "origin"
DIMENSIONS = (COMPANY, DEPARTMENT, MEANS, TYPE, ORIGIN)
_KEY_CHARS = 12


@dataclass(frozen=True)
class CaseGroups:
    """To which group of each dimension a case belongs; keys of names are hashes, for addresses."""

    keys: Mapping[str, str]
    names: Mapping[str, tuple[str, str]] = field(repr=False)  # Japanese, English


@dataclass(frozen=True)
class EntryRow:
    """Money or joint patents of a case on a day."""

    case_id: int
    kind: str
    day: date
    amount: int


@dataclass(frozen=True)
class Ledger:
    """The ledger as far as a viewer may count it; days are those of the office's zone.

    `dimensions` are those of whose groups the viewer is told: companies are named to the office alone.
    """

    groups: Mapping[int, CaseGroups]
    steps: LedgerSteps
    entries: tuple[EntryRow, ...]
    uses: tuple[tuple[int, date], ...]
    costs: Mapping[int, int]
    targets: Mapping[tuple[str, int], float]
    zone: ZoneInfo
    dimensions: tuple[str, ...] = DIMENSIONS

    def day(self, moment: datetime) -> date:
        """Return the day of a moment in the office's zone."""
        return moment.astimezone(self.zone).date()


def ledger_of(
    catalogue: Catalogue, connection: Connection, viewer: Viewer, settings: Settings
) -> Ledger:
    """Return what a viewer may count; raises ForbiddenError.

    The office counts the cases that each sees, an analyst those of the needs that they see.
    """
    require(viewer, SEE_FIGURES)
    costs = {row.fiscal_year: row.amount_jpy for row in connection.execute(select(COSTS))}
    wanted = {(t.figure, t.fiscal_year): t.value for t in connection.execute(select(TARGETS))}
    zone = ZoneInfo(settings.cases.time_zone)
    if viewer.role != ANALYST:
        parts = _parts(catalogue, connection, visible_cases(viewer), settings, zone)
    else:
        with without_row_security(
            connection
        ):  # what is counted is not seen, and the rule stands below
            parts = _parts(catalogue, connection, counted_by_analysts(viewer), settings, zone)
    told = told_dimensions(viewer)
    groups = {case_id: _told(one, told) for case_id, one in parts.pop("groups").items()}
    return Ledger(groups, **parts, costs=costs, targets=wanted, zone=zone, dimensions=told)


def told_dimensions(viewer: Viewer) -> tuple[str, ...]:
    """Return the dimensions of whose groups a viewer is told: companies only to those who see companies."""
    return tuple(one for one in DIMENSIONS if one != COMPANY or may(viewer, SEE_COMPANIES))


def _told(groups: CaseGroups, told: tuple[str, ...]) -> CaseGroups:
    """Return groups without what a viewer is not told, so that no page or file can tell it."""
    keys = {name: key if name in told else "" for name, key in groups.keys.items()}
    names = {name: said if name in told else ("", "") for name, said in groups.names.items()}
    return CaseGroups(keys, names)


def counted_by_analysts(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on cases, joined with needs, that somebody counts who sees needs alone."""
    of_need = and_(StoredNeed.need_id.is_not(None), StoredNeed.withdrawn_at.is_(None))
    return and_(CASES.c.need_id != "", of_need, visible_needs(viewer))


def _parts(
    catalogue: Catalogue,
    connection: Connection,
    visible: ColumnElement[bool],
    settings: Settings,
    zone: ZoneInfo,
) -> dict[str, Any]:
    groups = _groups(connection, visible, settings)
    entries = select(ENTRIES).where(ENTRIES.c.withdrawn_at.is_(None))
    key = versions_where(connection, visible), zone.key, settings.cases.closing_days
    return {
        "groups": groups,
        "steps": steps_kept(catalogue, key, lambda: _steps(connection, visible, zone)),
        "entries": tuple(
            EntryRow(row.case_id, row.kind, row.happened_on, row.amount)
            for row in connection.execute(entries.order_by(ENTRIES.c.entry_id))
            if row.case_id in groups
        ),
        "uses": tuple(
            (row.case_id, row.used_at.astimezone(zone).date())
            for row in connection.execute(select(USES))
            if row.case_id in groups
        ),
    }


def _steps(connection: Connection, visible: ColumnElement[bool], zone: ZoneInfo) -> LedgerSteps:
    histories = tuple(histories_where(connection, visible))
    seen = {one.case_id for one in histories}
    decided = select(CaseDecision.case_id, CaseDecision.decided_at, CaseDecision.due_on)
    return LedgerSteps(
        histories,
        tuple(
            DecisionRow(row.case_id, row.decided_at.astimezone(zone).date(), row.due_on)
            for row in connection.execute(decided.where(CaseDecision.due_on.is_not(None)))
            if row.case_id in seen
        ),
    )


def _groups(
    connection: Connection, visible: ColumnElement[bool], settings: Settings
) -> dict[int, CaseGroups]:
    table = means_table(connection, settings.cases.means_file)
    kinds = {name: rule.kind for name, rule in table.means.items()}
    columns = CASES.c.case_id, CASES.c.means, CASES.c.origin, COMPANY_NAME.label("company_name")
    rows = connection.execute(with_needs(select(*columns)).where(visible)).all()
    departments = _departments(connection)
    found = {}
    for row in rows:
        company, department = row.company_name or "", departments.get(row.case_id, ("", ""))
        keys = {
            COMPANY: _key(company),
            DEPARTMENT: _key(department[0] or department[1]),
            MEANS: row.means,
            TYPE: kinds.get(row.means, ""),
            ORIGIN: row.origin,
        }
        names = {COMPANY: (company, company), DEPARTMENT: department}
        found[row.case_id] = CaseGroups(keys, names)
    return found


def _departments(connection: Connection) -> dict[int, tuple[str, str]]:
    """Return the department of whoever leads each case, or else of the first of its people."""
    people: defaultdict[int, list[tuple[bool, str]]] = defaultdict(list)
    for row in connection.execute(select(PEOPLE)):
        people[row.case_id].append((row.part != LEAD, row.researcher_id))
    first = {case_id: min(of)[1] for case_id, of in people.items()}
    known = _departments_of(connection, set(first.values()))
    return {case_id: known[person] for case_id, person in first.items() if person in known}


def _departments_of(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for chunk in chunks(sorted(ids)):
        now = {one: one for one in chunk} | rows_of(connection, chunk)
        query = select(
            Researcher.researcher_id, Researcher.department_ja, Researcher.department_en
        ).where(Researcher.researcher_id.in_(sorted(set(now.values()))))
        said = {
            r.researcher_id: (r.department_ja, r.department_en) for r in connection.execute(query)
        }
        found |= {kept: said[current] for kept, current in now.items() if current in said}
    return {one: (ja or en, en or ja) for one, (ja, en) in found.items() if ja or en}


def _key(name: str) -> str:
    """Return an id of a name that tells nothing of it in an address; empty for none."""
    return sha256(name.encode()).hexdigest()[:_KEY_CHARS] if name else ""
