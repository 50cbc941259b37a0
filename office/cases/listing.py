"""Cases in lists: a board with a column for each stage, and a table with filters and orders."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from catalogue.database.case_models import CASE_STAGES, CASE_STATES, COMPANY, HELD, MEANS, RUNNING
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import PORTAL, Viewer
from enmusubi.errors import InputError
from office.access.keyset_pages import Page, as_number, checked_limit, read_cursor, write_cursor
from office.access.rules import SEE_CASES, require, visible_cases
from office.cases.clocks import DUE_SOON, OVERDUE, PAUSED
from office.cases.gates import Gate
from office.cases.kept import (
    CASES,
    COMPANY_NAME,
    MOST,
    PEOPLE,
    KeptCase,
    as_cases,
    kept_cases,
    number_of,
    seen,
    with_needs,
)
from office.delegations.standing_in import absent
from office.people import ids_of
from office.query_texts import check_text

ACTIVE, ALL = "active", "all"
TO_DECIDE = "to_decide"
STATES = (ACTIVE, *CASE_STATES, ALL)
ATTENTION = "attention"  # due soon or overdue
DUES = (OVERDUE, DUE_SOON, ATTENTION, PAUSED, TO_DECIDE)
ORDERS = ("due", "opened", "changed", "stage", "company", "amount")
COLUMN_CARDS = 25  # of a column of the board; the table has all
_NEVER = "9999-12-31"


@dataclass(frozen=True)
class CaseFilter:
    """Which cases are listed; an empty field allows all. `due` is one of DUES, or empty.

    `gates` are those that the viewer decides, which `to_decide` asks for.
    """

    state: str = ACTIVE
    stage: str = ""
    means: str = ""
    manager: str = ""
    turn: str = ""
    due: str = ""
    need_id: str = ""
    organisation_id: str = ""
    researcher_id: str = ""
    order: str = "due"


@dataclass(frozen=True)
class When:
    """The days that tell what is due: today, and the last day that is due soon."""

    today: date
    soon: date


@dataclass(frozen=True)
class BoardColumn:
    """A column of the board: how many cases are at the stage, and the first of them."""

    stage: str
    count: int
    cases: tuple[KeptCase, ...] = field(default=())


def cases_page(
    connection: Connection,
    viewer: Viewer,
    wanted: CaseFilter,
    when: When,
    gates: Mapping[str, Gate],
    *,
    after: str = "",
    limit: int = 50,
) -> Page[KeptCase]:
    """Return the cases that the viewer sees of those wanted, in the order wanted, then by number.

    `after` is the cursor of the page before. Raises ForbiddenError and InputError.
    """
    require(viewer, SEE_CASES)
    key, descending, read = _order(_told_order(viewer, wanted.order))
    query = seen(viewer).where(*_conditions(connection, viewer, wanted, when, gates))
    query = query.add_columns(key.label("sort_key"))
    number = number_of(viewer)
    if after:
        said, shown_last = read_cursor(after, str, str)
        last, case_id = read(said or ""), as_number(shown_last)
        behind = key < last if descending else key > last
        same = and_(key == last, number < case_id if descending else number > case_id)
        query = query.where(or_(behind, same))
    ordered = query.order_by(*((key.desc(), number.desc()) if descending else (key, number)))
    rows = connection.execute(ordered.limit(checked_limit(limit) + 1)).mappings().all()
    shown = rows[:limit]
    cursor = (
        write_cursor([str(shown[-1]["sort_key"]), str(shown[-1][number.key])])
        if len(rows) > limit
        else ""
    )
    return Page(tuple(as_cases(connection, viewer, shown)), cursor)


def count_cases(
    connection: Connection,
    viewer: Viewer,
    wanted: CaseFilter,
    when: When,
    gates: Mapping[str, Gate],
) -> int:
    """Return how many cases the viewer sees of those wanted; raises as `cases_page` does."""
    require(viewer, SEE_CASES)
    query = with_needs(select(func.count()).select_from(CASES)).where(visible_cases(viewer))
    conditions = _conditions(connection, viewer, wanted, when, gates)
    return int(connection.execute(query.where(*conditions)).scalar_one())


def board_of(
    connection: Connection,
    viewer: Viewer,
    wanted: CaseFilter,
    when: When,
    gates: Mapping[str, Gate],
) -> list[BoardColumn]:
    """Return a column for each stage: the count of the cases wanted, and the first by their last day."""
    require(viewer, SEE_CASES)
    conditions = _conditions(connection, viewer, wanted, when, gates)
    counted = with_needs(select(CASES.c.stage, func.count())).where(
        visible_cases(viewer), *conditions
    )
    rows = connection.execute(counted.group_by(CASES.c.stage))
    counts = {stage: int(count) for stage, count in rows}
    order = (CASES.c.due_on.is_(None), CASES.c.due_on, CASES.c.case_id)
    columns = []
    for stage in CASE_STAGES:
        cases: list[KeptCase] = []
        if counts.get(stage):
            query = seen(viewer).where(CASES.c.stage == stage, *conditions).order_by(*order)
            cases = kept_cases(connection, viewer, query.limit(COLUMN_CARDS))
        columns.append(BoardColumn(stage, counts.get(stage, 0), tuple(cases)))
    return columns


def filter_from(values: Mapping[str, str]) -> CaseFilter:
    """Return the filter that plain values say; raises InputError for one that there is not."""
    known = {one.name for one in fields(CaseFilter)}
    said = {name: value for name, value in values.items() if name in known and value}
    wanted = CaseFilter(**said)
    allowed = {
        "state": STATES, "stage": ("", *CASE_STAGES), "means": ("", *MEANS),
        "turn": ("", COMPANY, "office"), "due": ("", *DUES), "order": ORDERS,
    }  # fmt: skip
    for name, values_of in allowed.items():
        if getattr(wanted, name) not in values_of:
            raise InputError("not a value that there is.", of_field=name)
    for name, value in asdict(wanted).items():
        check_text(name, value)
    return wanted


def _conditions(
    connection: Connection,
    viewer: Viewer,
    wanted: CaseFilter,
    when: When,
    gates: Mapping[str, Gate],
) -> list[ColumnElement[bool]]:
    not_told = wanted.manager, wanted.researcher_id, wanted.due, wanted.means
    if viewer.role == PORTAL and any(not_told):
        raise InputError("portals are not told of this. Leave it out.", of_field="filter")
    equal = {
        CASES.c.stage: wanted.stage, CASES.c.means: wanted.means, CASES.c.manager: wanted.manager,
        CASES.c.turn: wanted.turn, CASES.c.need_id: wanted.need_id,
        StoredNeed.organisation_id: wanted.organisation_id,
    }  # fmt: skip
    found: list[ColumnElement[bool]] = [column == v for column, v in equal.items() if v]
    if wanted.state == ACTIVE:
        found.append(CASES.c.state.in_((RUNNING, HELD)))
    elif wanted.state != ALL:
        found.append(CASES.c.state == wanted.state)
    if wanted.researcher_id:
        theirs = select(PEOPLE.c.case_id).where(
            PEOPLE.c.researcher_id.in_(ids_of(connection, wanted.researcher_id))
        )
        found.append(CASES.c.case_id.in_(theirs))
    if wanted.due:
        found.append(_due(viewer, wanted.due, when, gates))
    return found


def _due(viewer: Viewer, due: str, when: When, gates: Mapping[str, Gate]) -> ColumnElement[bool]:
    if due == PAUSED:
        return CASES.c.days_left.is_not(None)
    if due == TO_DECIDE:
        return to_decide(viewer, gates)
    is_due = CASES.c.due_on < when.today if due == OVERDUE else CASES.c.due_on <= when.soon
    return and_(is_due, CASES.c.due_on >= when.today) if due == DUE_SOON else is_due


def to_decide(viewer: Viewer, gates: Mapping[str, Gate]) -> ColumnElement[bool]:
    """Return the condition on cases whose gate waits for a decision that the viewer's role makes."""
    waits = CASES.c.submitted_at.is_not(None) & (CASES.c.state == RUNNING)
    own = CASES.c.stage.in_(_stages(replace(viewer, stands_in=()), gates))
    in_place = (
        and_(
            CASES.c.stage.in_(_stages(replace(viewer, stands_in=(one,)), gates)),
            visible_cases(absent(one)),
        )
        for one in viewer.stands_in
    )
    return and_(waits, CASES.c.turn != COMPANY, or_(own, *in_place))


def _stages(viewer: Viewer, gates: Mapping[str, Gate]) -> list[str]:
    """Return the stages before the gates that a viewer decides."""
    names = [*gates]
    return [CASE_STAGES[names.index(name)] for name in names if gates[name].is_decided_by(viewer)]


def _told_order(viewer: Viewer, order: str) -> str:
    """Return the order in which a viewer is shown cases: portals have neither last days nor amounts."""
    if viewer.role == PORTAL and order == "amount":
        raise InputError("portals are not told of this. Leave it out.", of_field="order")
    return "opened" if viewer.role == PORTAL and order == "due" else order


def _order(order: str) -> tuple[ColumnElement[Any], bool, Callable[[str], Any]]:
    """Return what sorts as wanted, whether the greatest comes first, and how a cursor's text is read."""
    if order == "opened":
        return literal(""), True, str
    if order == "changed":
        return cast(CASES.c.changed_at, String), True, str
    if order == "stage":
        return (
            case({name: n for n, name in enumerate(CASE_STAGES)}, value=CASES.c.stage),
            False,
            _int,
        )
    if order == "company":
        return COMPANY_NAME, False, str
    if order == "amount":
        return func.coalesce(CASES.c.amount_jpy, 0), True, _int
    return func.coalesce(cast(CASES.c.due_on, String), _NEVER), False, str


def _int(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < len(str(MOST)) else 0
