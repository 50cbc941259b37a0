"""What people enter for figures: money and joint patents of cases, the office's cost, targets of figures."""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from catalogue.database.figure_models import ENTRY_KINDS, JOINT_PATENT
from catalogue.database.viewer import FINANCE, Viewer
from enmusubi.errors import ForbiddenError, InputError, StaleVersionError, UnknownIdError
from office.access import audit
from office.access.rules import EDIT_FIGURES, RECORD_ENTRIES, require
from office.cases.kept import CASE_KIND, MOST, KeptCase, case_of
from office.cases.opening import MAX_AMOUNT_JPY
from office.cases.steps import line_in
from office.figures.countable import COSTS, ENTRIES, TARGETS
from office.figures.definitions import FIGURES, SHARE, Figure
from office.figures.periods import MAX_YEAR, MIN_YEAR

MOST_PATENTS = 1_000
FIGURE_KIND = "figure"  # the kind of the audit trail's object


@dataclass(frozen=True)
class EntryDraft:
    """An entry that is to be made: yen of a kind, or a count of joint patents, on a day."""

    kind: str
    day: date
    amount: int
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class KeptEntry:
    """An entry of a case."""

    entry_id: int
    case_id: int
    kind: str
    day: date
    amount: int
    note: str = field(repr=False)
    recorded_by: str
    recorded_at: datetime

    @property
    def is_money(self) -> bool:
        """Whether its amount is in yen."""
        return self.kind != JOINT_PATENT


@dataclass(frozen=True)
class KeptCost:
    """What the office costs in a fiscal year."""

    fiscal_year: int
    amount_jpy: int
    note: str = field(repr=False)
    version: int


def may_record(viewer: Viewer, case: KeptCase) -> bool:
    """Return whether a viewer enters money of a case that they see: who changes it, and finance."""
    return case.may_change or viewer.role == FINANCE


def entries_of(connection: Connection, case: KeptCase) -> list[KeptEntry]:
    """Return the entries of a case that stand, the newest day first."""
    query = select(ENTRIES).where(
        ENTRIES.c.case_id == case.case_id, ENTRIES.c.withdrawn_at.is_(None)
    )
    rows = connection.execute(
        query.order_by(ENTRIES.c.happened_on.desc(), ENTRIES.c.entry_id.desc())
    ).mappings()
    names = ("entry_id", "case_id", "kind", "amount", "note", "recorded_by", "recorded_at")
    return [KeptEntry(**{n: row[n] for n in names}, day=row["happened_on"]) for row in rows]


def record_entry(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    draft: EntryDraft,
    *,
    now: datetime | None = None,
) -> int:
    """Enter money or joint patents of a case; returns the entry's number.

    Raises ForbiddenError, UnknownIdError and InputError.
    """
    require(viewer, RECORD_ENTRIES)
    case = _case(connection, viewer, case_id)
    values = checked_entry(draft, now)
    row = {
        **values, "case_id": case.case_id, "recorded_by": viewer.viewer_id,
        "recorded_at": now or datetime.now(UTC), "withdrawn_by": "",
    }  # fmt: skip
    key = connection.execute(insert(ENTRIES).values(**row)).inserted_primary_key
    entry_id = int(key[0]) if key else 0
    audit.record(
        connection, viewer, "case entry recorded", CASE_KIND, str(case_id),
        entry=entry_id, kind=draft.kind,
    )  # fmt: skip
    return entry_id


def checked_entry(draft: EntryDraft, now: datetime | None = None) -> dict[str, Any]:
    """Return the columns of an entry; raises InputError with the field that is at fault."""
    if draft.kind not in ENTRY_KINDS:
        raise InputError("not a kind of entry that there is.", of_field="kind")
    most = MOST_PATENTS if draft.kind == JOINT_PATENT else MAX_AMOUNT_JPY
    if not 1 <= draft.amount <= most:
        raise InputError("not an amount that can be entered.", of_field="amount")
    last = (now or datetime.now(UTC)).date().year + 1
    if not MIN_YEAR <= draft.day.year <= last:
        raise InputError("not a day that can be entered.", of_field="happened_on")
    note = line_in(draft.note, "note")
    return {"kind": draft.kind, "happened_on": draft.day, "amount": draft.amount, "note": note}


def withdraw_entry(connection: Connection, viewer: Viewer, case_id: int, entry_id: int) -> None:
    """Let an entry count no more; raises ForbiddenError and UnknownIdError."""
    require(viewer, RECORD_ENTRIES)
    case = _case(connection, viewer, case_id)
    stands = (ENTRIES.c.entry_id == min(entry_id, MOST)) & (ENTRIES.c.case_id == case.case_id)
    done = connection.execute(
        update(ENTRIES)
        .where(stands, ENTRIES.c.withdrawn_at.is_(None))
        .values(withdrawn_by=viewer.viewer_id, withdrawn_at=datetime.now(UTC))
    )
    if not done.rowcount:
        raise UnknownIdError("The case has no entry of that number.")
    audit.record(
        connection, viewer, "case entry withdrawn", CASE_KIND, str(case_id), entry=entry_id
    )


def costs_of(connection: Connection, viewer: Viewer) -> list[KeptCost]:
    """Return the costs of the years that were entered, in their order; raises ForbiddenError."""
    require(viewer, EDIT_FIGURES)
    rows = connection.execute(select(COSTS).order_by(COSTS.c.fiscal_year))
    return [KeptCost(r.fiscal_year, r.amount_jpy, r.note, r.version) for r in rows]


def set_cost(
    connection: Connection,
    viewer: Viewer,
    fiscal_year: int,
    amount_jpy: int,
    *,
    note: str = "",
    expected_version: int | None,
) -> None:
    """Enter what the office costs in a year; 0 for the expected version where none is entered yet.

    Raises ForbiddenError, InputError, and StaleVersionError where another was faster.
    """
    require(viewer, EDIT_FIGURES)
    _check_year(fiscal_year)
    if not 0 <= amount_jpy <= MAX_AMOUNT_JPY:
        raise InputError("not an amount in yen.", of_field="amount_jpy")
    values = {
        "amount_jpy": amount_jpy, "note": line_in(note, "note"), "changed_by": viewer.viewer_id,
        "changed_at": datetime.now(UTC),
    }  # fmt: skip
    of_year = COSTS.c.fiscal_year == fiscal_year
    version = connection.execute(select(COSTS.c.version).where(of_year)).scalar() or 0
    if expected_version is not None and expected_version != version:
        raise StaleVersionError(
            "Another user changed the cost meanwhile. Read it again, and repeat your change."
        )
    if version:
        connection.execute(update(COSTS).where(of_year).values(**values, version=version + 1))
    else:
        connection.execute(insert(COSTS).values(**values, fiscal_year=fiscal_year, version=1))
    audit.record(connection, viewer, "cost set", FIGURE_KIND, str(fiscal_year))


def set_target(
    connection: Connection, viewer: Viewer, figure: str, fiscal_year: int, value: float | None
) -> None:
    """Set what a figure is to reach in a year, in its unit; None takes the target away.

    Raises ForbiddenError, UnknownIdError and InputError.
    """
    require(viewer, EDIT_FIGURES)
    known = figure_of(figure)
    _check_year(fiscal_year)
    most = 10.0 if known.unit == SHARE else float(MAX_AMOUNT_JPY)
    if value is not None and not (math.isfinite(value) and 0 <= value <= most):
        raise InputError("not a value that can be a target.", of_field="value")
    same = (TARGETS.c.figure == figure) & (TARGETS.c.fiscal_year == fiscal_year)
    connection.execute(delete(TARGETS).where(same))
    if value is not None:
        row = {
            "figure": figure, "fiscal_year": fiscal_year, "value": value,
            "changed_by": viewer.viewer_id, "changed_at": datetime.now(UTC),
        }  # fmt: skip
        connection.execute(insert(TARGETS).values(**row))
    audit.record(connection, viewer, "target set", FIGURE_KIND, figure, year=fiscal_year)


def figure_of(name: str) -> Figure:
    """Return a figure by its name; raises UnknownIdError."""
    if name not in FIGURES:
        raise UnknownIdError("There is no figure of that name. The page of figures lists them.")
    return FIGURES[name]


def _case(connection: Connection, viewer: Viewer, case_id: int) -> KeptCase:
    case = case_of(connection, viewer, case_id)
    if not may_record(viewer, case):
        raise ForbiddenError(
            "Only finance, the manager of the case or of its need, and the chief enter its money."
        )
    return case


def _check_year(fiscal_year: int) -> None:
    if not MIN_YEAR <= fiscal_year <= MAX_YEAR:
        raise InputError("not a fiscal year.", of_field="fiscal_year")
