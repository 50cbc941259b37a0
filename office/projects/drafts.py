"""What belongs to a project, as somebody enters it: one record a kind, its table, and what is checked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, cast

from sqlalchemy import Connection, Table

from catalogue.database.models import Base
from catalogue.database.project_models import (
    BUDGET_KINDS,
    MILESTONE_STATES,
    PART_STATES,
    PLANNED,
    REACHED_IT,
    RISK_STATES,
    ProjectAction,
    ProjectBudget,
    ProjectMilestone,
    ProjectMinutes,
    ProjectPart,
    ProjectRisk,
    ProjectShare,
    ProjectSpending,
)
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from office.cases.opening import MAX_AMOUNT_JPY
from office.cases.steps import line_in, text_in
from office.needs.managers import can_manage
from office.researchers import researcher_of

FIRST_DAY, LAST_DAY = date(1949, 1, 1), date(2199, 12, 31)
WORST = 5  # of probability and impact
FULL_TIME = 100  # percent


@dataclass(frozen=True)
class PartDraft:
    """A sub-project; `lead` is a researcher's id, or empty."""

    name: str = field(repr=False)
    lead: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    state: str = PLANNED


@dataclass(frozen=True)
class ShareDraft:
    """The share of a researcher's time in percent, from a day to the end of another."""

    researcher_id: str
    percent: int
    since: date
    until: date
    part_id: int | None = None


@dataclass(frozen=True)
class MilestoneDraft:
    """What is to be there on a day, and when it was."""

    name: str = field(repr=False)
    planned_on: date
    actual_on: date | None = None
    state: str = PLANNED
    part_id: int | None = None


@dataclass(frozen=True)
class BudgetDraft:
    """A line of the budget, in yen."""

    kind: str
    name: str = field(repr=False)
    amount_jpy: int


@dataclass(frozen=True)
class SpendingDraft:
    """What was spent on a line of the budget; negative for what came back."""

    budget_id: int
    amount_jpy: int
    spent_on: date
    voucher: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class RiskDraft:
    """A risk; probability and impact from 1 (low) to 5, `owner` is a login or empty."""

    name: str = field(repr=False)
    probability: int
    impact: int
    owner: str = ""
    measure: str = field(default="", repr=False)
    state: str = RISK_STATES[0]

    @property
    def score(self) -> int:
        """Probability times impact, from 1 to 25."""
        return self.probability * self.impact


@dataclass(frozen=True)
class MinutesDraft:
    """Minutes of a meeting."""

    held_on: date
    name: str = field(repr=False)
    text: str = field(default="", repr=False)
    decisions: str = field(default="", repr=False)


@dataclass(frozen=True)
class ActionDraft:
    """What somebody of the office does until a day; `done_on` once it is done."""

    name: str = field(repr=False)
    owner: str
    due_on: date
    done_on: date | None = None
    minutes_id: int | None = None


Draft = (
    PartDraft | ShareDraft | MilestoneDraft | BudgetDraft | SpendingDraft | RiskDraft
    | MinutesDraft | ActionDraft
)  # fmt: skip


@dataclass(frozen=True)
class EntryKind:
    """A kind of entry: its name, its table, its record, and how many a project can have."""

    name: str
    table: Table
    draft: type[Any]
    most: int
    is_money: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a user enters."""
        return tuple(one.name for one in fields(self.draft))


def _kind(
    name: str, model: type[Base], draft: type[Any], most: int, *, is_money: bool = False
) -> EntryKind:
    return EntryKind(name, cast(Table, model.__table__), draft, most, is_money)


PART, SHARE, MILESTONE, BUDGET = "part", "share", "milestone", "budget"
SPENDING, RISK, MINUTES, ACTION = "spending", "risk", "minutes", "action"
KINDS: Mapping[str, EntryKind] = {
    kind.name: kind
    for kind in (
        _kind(PART, ProjectPart, PartDraft, 50),
        _kind(SHARE, ProjectShare, ShareDraft, 200),
        _kind(MILESTONE, ProjectMilestone, MilestoneDraft, 200),
        _kind(BUDGET, ProjectBudget, BudgetDraft, 200, is_money=True),
        _kind(SPENDING, ProjectSpending, SpendingDraft, 10_000, is_money=True),
        _kind(RISK, ProjectRisk, RiskDraft, 100),
        _kind(MINUTES, ProjectMinutes, MinutesDraft, 500),
        _kind(ACTION, ProjectAction, ActionDraft, 500),
    )
}


def kind_of(name: str) -> EntryKind:
    """Return a kind by its name; raises InputError for one that there is not."""
    if name not in KINDS:
        raise InputError("not a part of a project that there is.", of_field="entry")
    return KINDS[name]


def checked(
    connection: Connection, viewer: Viewer, draft: Draft, there: Mapping[str, frozenset[int]]
) -> dict[str, Any]:
    """Return the columns of a draft; `there` has the numbers of a project's parts, lines and minutes.

    Raises InputError with the field that is at fault, and UnknownIdError for an unknown researcher.
    """
    values = asdict(draft)
    for name, value in values.items():
        if isinstance(value, date) and not FIRST_DAY <= value <= LAST_DAY:
            raise InputError("not a day from 1949 to 2199.", of_field=_told(name))
    if "name" in values:
        values["name"] = line_in(values["name"], "name", required=True)
    _check_links(values, there)
    _CHECKS[type(draft)](connection, viewer, values)
    return values


def _check_links(values: Mapping[str, Any], there: Mapping[str, frozenset[int]]) -> None:
    for name, kind in (("part_id", PART), ("budget_id", BUDGET), ("minutes_id", MINUTES)):
        if values.get(name) is not None and values[name] not in there[kind]:
            raise InputError("the project has none of that number.", of_field=name)


def _check_part(connection: Connection, viewer: Viewer, values: dict[str, Any]) -> None:
    _among(values, "state", PART_STATES)
    _in_order(values, "starts_on", "ends_on")
    if values["lead"]:
        values["lead"] = researcher_of(connection, viewer, values["lead"]).card.researcher_id


def _check_share(connection: Connection, viewer: Viewer, values: dict[str, Any]) -> None:
    _between(values, "percent", 1, FULL_TIME)
    _in_order(values, "since", "until")
    found = researcher_of(connection, viewer, values["researcher_id"])
    values["researcher_id"] = found.card.researcher_id


def _check_milestone(connection: Connection, viewer: Viewer, values: dict[str, Any]) -> None:
    _among(values, "state", MILESTONE_STATES)
    if (values["actual_on"] is not None) != (values["state"] == REACHED_IT):
        raise InputError(
            "a milestone that was reached has the day, and no other one has.", of_field="actual_on"
        )


def _check_budget(connection: Connection, viewer: Viewer, values: dict[str, Any]) -> None:
    _among(values, "kind", BUDGET_KINDS)
    _between(values, "amount_jpy", 0, MAX_AMOUNT_JPY)


def _check_spending(connection: Connection, viewer: Viewer, values: dict[str, Any]) -> None:
    _between(values, "amount_jpy", -MAX_AMOUNT_JPY, MAX_AMOUNT_JPY)
    values["voucher"] = line_in(values["voucher"], "voucher")
    values["note"] = line_in(values["note"], "note")


def _check_risk(connection: Connection, viewer: Viewer, values: dict[str, Any]) -> None:
    _among(values, "state", RISK_STATES)
    _between(values, "probability", 1, WORST)
    _between(values, "impact", 1, WORST)
    values["measure"] = text_in(values["measure"], "measure")
    _check_owner(connection, viewer, values)


def _check_minutes(connection: Connection, viewer: Viewer, values: dict[str, Any]) -> None:
    values["text"] = text_in(values["text"], "text")
    values["decisions"] = text_in(values["decisions"], "decisions")


def _check_action(connection: Connection, viewer: Viewer, values: dict[str, Any]) -> None:
    if not values["owner"]:
        raise InputError("missing.", of_field="owner")
    _check_owner(connection, viewer, values)


def _check_owner(connection: Connection, viewer: Viewer, values: dict[str, Any]) -> None:
    owner = values["owner"]
    if owner and owner != viewer.viewer_id and not can_manage(connection, owner):
        raise InputError("no user of the office has this login.", of_field="owner")


_CHECKS: Mapping[type[Any], Any] = {
    PartDraft: _check_part, ShareDraft: _check_share, MilestoneDraft: _check_milestone,
    BudgetDraft: _check_budget, SpendingDraft: _check_spending, RiskDraft: _check_risk,
    MinutesDraft: _check_minutes, ActionDraft: _check_action,
}  # fmt: skip


def _among(values: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> None:
    if values[name] not in allowed:
        raise InputError("not a value that there is.", of_field=name)


def _between(values: Mapping[str, Any], name: str, least: int, most: int) -> None:
    if not least <= values[name] <= most:
        raise InputError("expected %(least)s to %(most)s.", of_field=name, least=least, most=most)


def _in_order(values: Mapping[str, Any], first: str, last: str) -> None:
    if values[first] and values[last] and values[last] < values[first]:
        raise InputError("it ends before it begins.", of_field=_told(last))


def _told(name: str) -> str:
    """Return the name under which a field is told: years have `since` and `until` elsewhere."""
    return "period" if name in {"since", "until"} else name
