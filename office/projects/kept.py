"""Projects as a viewer sees them: what belongs to them, and their money for those who handle it.

Use the connection of `office.access.scoped.reading_as`, so that PostgreSQL checks the same once more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, Table, select

from catalogue.database.project_models import PLANNED, Project
from catalogue.database.viewer import Viewer
from catalogue.records.source_records import chunks
from enmusubi.errors import ConflictError
from matcher.records import ResearcherCard
from office.access.rules import WORK_ON_CASES, edits_project, handles_money, require
from office.cases.kept import KeptCase, case_of
from office.people import cards_of
from office.projects.drafts import (
    ACTION,
    BUDGET,
    KINDS,
    MILESTONE,
    MINUTES,
    PART,
    RISK,
    SHARE,
    SPENDING,
    ActionDraft,
    BudgetDraft,
    EntryKind,
    MilestoneDraft,
    MinutesDraft,
    PartDraft,
    RiskDraft,
    ShareDraft,
    SpendingDraft,
)
from office.projects.shares import PROJECT_STAGES

PROJECTS = cast(Table, Project.__table__)
Said = TypeVar("Said")
UNTOUCHED = 0  # the version of a project of which nothing was entered


@dataclass(frozen=True)
class ProjectEntry(Generic[Said]):
    """Something that belongs to a project, as it was entered, and by whom."""

    entry_id: int
    said: Said
    added_by: str
    added_at: datetime
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True)
class HandLight:
    """A light that was set by hand, why, until the end of which day, and by whom."""

    light: str
    reason: str = field(repr=False)
    until: date
    by: str


@dataclass(frozen=True)
class KeptProject:
    """A project; without money for those who do not handle it.

    `entries` are by kind, in the order of their days or, without one, as they were entered.
    """

    case: KeptCase
    starts_on: date | None
    ends_on: date | None
    hand_light: HandLight | None
    version: int
    changed_by: str
    changed_at: datetime | None
    may_change: bool
    handles_money: bool
    entries: Mapping[str, Sequence[ProjectEntry[Any]]] = field(repr=False)
    cards: Mapping[str, ResearcherCard] = field(repr=False)

    @property
    def parts(self) -> Sequence[ProjectEntry[PartDraft]]:
        """Its sub-projects."""
        return self.entries[PART]

    @cached_property
    def shares(self) -> Sequence[ProjectEntry[ShareDraft]]:
        """Whose time it has; people who left the catalogue are out."""
        return [one for one in self.entries[SHARE] if one.said.researcher_id in self.cards]

    @property
    def milestones(self) -> Sequence[ProjectEntry[MilestoneDraft]]:
        """Its milestones by their planned days."""
        return self.entries[MILESTONE]

    @property
    def budgets(self) -> Sequence[ProjectEntry[BudgetDraft]]:
        """The lines of its budget."""
        return self.entries[BUDGET]

    @property
    def spendings(self) -> Sequence[ProjectEntry[SpendingDraft]]:
        """What was spent, by day."""
        return self.entries[SPENDING]

    @property
    def risks(self) -> Sequence[ProjectEntry[RiskDraft]]:
        """Its risks, the greatest first."""
        return self.entries[RISK]

    @property
    def minutes(self) -> Sequence[ProjectEntry[MinutesDraft]]:
        """Minutes of its meetings, the newest first."""
        return self.entries[MINUTES]

    @property
    def actions(self) -> Sequence[ProjectEntry[ActionDraft]]:
        """What is to be done, what is done at the end."""
        return self.entries[ACTION]

    @cached_property
    def budget_jpy(self) -> int:
        """All of the budget."""
        return sum(one.said.amount_jpy for one in self.budgets)

    @cached_property
    def spent_jpy(self) -> int:
        """All that was spent."""
        return sum(one.said.amount_jpy for one in self.spendings)

    def spent_on_line(self, entry_id: int) -> int:
        """Return what was spent on a line of the budget."""
        return self._spent_by_line.get(entry_id, 0)

    @cached_property
    def _spent_by_line(self) -> dict[int, int]:
        found: defaultdict[int, int] = defaultdict(int)
        for one in self.spendings:
            found[one.said.budget_id] += one.said.amount_jpy
        return dict(found)

    def overdue_milestones(self, today: date) -> list[ProjectEntry[MilestoneDraft]]:
        """Return the milestones that are planned for a day that is over."""
        return [
            one for one in self.milestones
            if one.said.state == PLANNED and one.said.planned_on < today
        ]  # fmt: skip

    @cached_property
    def next_milestone(self) -> ProjectEntry[MilestoneDraft] | None:
        """The first that is still planned."""
        return next((one for one in self.milestones if one.said.state == PLANNED), None)

    def overdue_actions(self, today: date) -> list[ProjectEntry[ActionDraft]]:
        """Return what is not done though its day is over."""
        return [one for one in self.actions if one.said.done_on is None and one.said.due_on < today]

    def numbers(self) -> dict[str, frozenset[int]]:
        """Return the numbers of its entries by kind."""
        return {kind: frozenset(one.entry_id for one in self.entries[kind]) for kind in KINDS}

    def entry(self, kind: str, entry_id: int) -> ProjectEntry[Any] | None:
        """Return one of its entries; None where it has none of that number."""
        return next((one for one in self.entries[kind] if one.entry_id == entry_id), None)


def project_of(connection: Connection, viewer: Viewer, case_id: int) -> KeptProject:
    """Return a project.

    Raises ForbiddenError, UnknownIdError as `case_of`, and ConflictError for a case that is none yet.
    """
    require(viewer, WORK_ON_CASES)
    case = case_of(connection, viewer, case_id)
    if case.stage not in PROJECT_STAGES:
        raise ConflictError("A case is a project from the stage of the small prototype on.")
    return projects_of(connection, viewer, [case])[0]


def projects_of(
    connection: Connection, viewer: Viewer, cases: Sequence[KeptCase]
) -> list[KeptProject]:
    """Return the projects of cases that the viewer sees and that are projects, in their order."""
    ids = [case.case_id for case in cases]
    money = {one.case_id for one in cases if handles_money(viewer, one.manager)}
    heads = {row["case_id"]: row for row in _rows(connection, PROJECTS, ids)}
    found: dict[int, dict[str, list[ProjectEntry[Any]]]] = {
        its_id: {kind: [] for kind in KINDS} for its_id in ids
    }
    for kind in KINDS.values():
        for case_id, entry in _entries(connection, kind, money if kind.is_money else ids):
            found[case_id][kind.name].append(entry)
    people = {
        one.said.researcher_id for of in found.values() for one in of[SHARE]
    } | {one.said.lead for of in found.values() for one in of[PART]}  # fmt: skip
    cards = cards_of(connection, people - {""})
    return [
        _project(case, viewer, heads.get(case.case_id), found[case.case_id], cards)
        for case in cases
    ]


def _project(
    case: KeptCase,
    viewer: Viewer,
    head: Any,
    entries: Mapping[str, list[ProjectEntry[Any]]],
    cards: Mapping[str, ResearcherCard],
) -> KeptProject:
    by_hand = None
    if head and head["light"]:
        by_hand = HandLight(
            head["light"], head["light_reason"], head["light_until"], head["light_by"]
        )
    return KeptProject(
        case=case,
        starts_on=head["starts_on"] if head else None,
        ends_on=head["ends_on"] if head else None,
        hand_light=by_hand,
        version=head["version"] if head else UNTOUCHED,
        changed_by=head["changed_by"] if head else "",
        changed_at=head["changed_at"] if head else None,
        may_change=case.may_change or edits_project(viewer, case.manager),
        handles_money=handles_money(viewer, case.manager),
        entries={kind: sorted(of, key=_ORDERS[kind]) for kind, of in entries.items()},
        cards=cards,
    )


def _entries(
    connection: Connection, kind: EntryKind, case_ids: Iterable[int]
) -> Iterable[tuple[int, ProjectEntry[Any]]]:
    names = ("entry_id", "added_by", "added_at", "changed_by", "changed_at")
    for row in _rows(connection, kind.table, case_ids):
        if row["removed_at"] is None:
            said = kind.draft(**{name: row[name] for name in kind.columns})
            yield row["case_id"], ProjectEntry(said=said, **{name: row[name] for name in names})


def _rows(connection: Connection, table: Table, case_ids: Iterable[int]) -> list[Any]:
    rows: list[Any] = []
    for chunk in chunks(sorted(case_ids)):
        query = select(table).where(table.c.case_id.in_(chunk))
        rows += connection.execute(query.order_by(*table.primary_key.columns)).mappings()
    return rows


_LAST = date.max
_ORDERS: Mapping[str, Any] = {
    PART: lambda one: (one.said.starts_on or _LAST, one.entry_id),
    SHARE: lambda one: (one.said.researcher_id, one.said.since, one.entry_id),
    MILESTONE: lambda one: (one.said.planned_on, one.entry_id),
    BUDGET: lambda one: one.entry_id,
    SPENDING: lambda one: (one.said.spent_on, one.entry_id),
    RISK: lambda one: (one.said.state == "closed", -one.said.score, one.entry_id),
    MINUTES: lambda one: (-one.said.held_on.toordinal(), -one.entry_id),
    ACTION: lambda one: (one.said.done_on is not None, one.said.due_on, one.entry_id),
}
