"""All projects that a viewer sees, with lights, money and milestones; and the time of people across them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from catalogue.database.case_models import CASE_STATES, HELD, RUNNING
from catalogue.database.project_models import LIGHTS, PLANNED
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from enmusubi.settings import Settings
from matcher.records import ResearcherCard
from office.access.rules import WORK_ON_CASES, require
from office.cases.clocks import Clocks
from office.cases.kept import CASES, kept_cases, seen
from office.people import cards_of
from office.projects.drafts import ACTION, KINDS, MILESTONE
from office.projects.kept import KeptProject, projects_of
from office.projects.lights import LightFacts, ProjectLights, lights_of, severity
from office.projects.shares import (
    PROJECT_STAGES,
    Load,
    ShareOfTime,
    is_project,
    loads,
    shares_of,
)
from office.query_texts import check_text

ACTIVE, ALL = "active", "all"
OVERDUE, SOON = "overdue", "soon"
DUES = (OVERDUE, SOON)
SOON_DAYS = timedelta(days=30)
STATES = (ACTIVE, *CASE_STATES, ALL)
MONTHS = 12
_MILESTONES, _ACTIONS = KINDS[MILESTONE].table, KINDS[ACTION].table


@dataclass(frozen=True)
class ProjectFilter:
    """Which projects are listed; an empty field allows all.

    `due` asks for milestones or actions that are overdue, or milestones of the next 30 days; `mine` for
    projects whose case the viewer looks after, or in which they have something to do.
    """

    light: str = ""
    state: str = ACTIVE
    stage: str = ""
    manager: str = ""
    due: str = ""
    mine: str = ""


@dataclass(frozen=True)
class PortfolioRow:
    """A project and its lights."""

    project: KeptProject
    lights: ProjectLights


@dataclass(frozen=True)
class PersonTime:
    """The time of a person in projects: the greatest sum in each month, and the stretches above the limit."""

    card: ResearcherCard
    months: tuple[int, ...]
    shares: tuple[ShareOfTime, ...]
    overloads: tuple[Load, ...]


@dataclass(frozen=True)
class Allocation:
    """People's time by month: the first days of the months, people by name's id, titles of the cases."""

    months: tuple[date, ...]
    people: tuple[PersonTime, ...]
    titles: Mapping[int, str] = field(repr=False)
    limit_percent: int


def project_filter(values: Mapping[str, str]) -> ProjectFilter:
    """Return the filter that plain values say; raises InputError for one that there is not."""
    known = {one.name for one in fields(ProjectFilter)}
    wanted = ProjectFilter(**{n: v for n, v in values.items() if n in known and v})
    allowed = {
        "light": ("", *LIGHTS), "state": STATES, "stage": ("", *PROJECT_STAGES),
        "due": ("", *DUES),
    }  # fmt: skip
    for name, values_of in allowed.items():
        if getattr(wanted, name) not in values_of:
            raise InputError("not a value that there is.", of_field=name)
    check_text("manager", wanted.manager)
    return wanted


def facts_of(connection: Connection, viewer: Viewer, settings: Settings) -> LightFacts:
    """Return what lights are told by besides a project: people's time of all projects that are seen."""
    days = Clocks(settings.cases).days
    today = days.today()
    kept = shares_of(connection, viewer, today, today + timedelta(days=366))
    return LightFacts(today, days, _by_card(connection, kept)[0], settings.screening.time_percent)


def portfolio(
    connection: Connection, viewer: Viewer, wanted: ProjectFilter, settings: Settings
) -> list[PortfolioRow]:
    """Return the projects wanted that the viewer sees, the worst light first, then by number.

    Raises ForbiddenError.
    """
    require(viewer, WORK_ON_CASES)
    facts = facts_of(connection, viewer, settings)
    query = seen(viewer).where(is_project(), *_conditions(viewer, wanted, facts.today))
    cases = kept_cases(connection, viewer, query.order_by(CASES.c.case_id))
    rows = [
        PortfolioRow(project, lights_of(project, facts))
        for project in projects_of(connection, viewer, cases)
    ]
    shown = [row for row in rows if wanted.light in {"", row.lights.whole.color}]
    return sorted(shown, key=lambda row: -severity(row.lights.whole.color))


def allocation(
    connection: Connection, viewer: Viewer, settings: Settings, first: date | None = None
) -> Allocation:
    """Return people's time in the twelve months from that of a day on, today's without one.

    Those who are above the limit stand first, then by their greatest month. Raises ForbiddenError.
    """
    require(viewer, WORK_ON_CASES)
    months = _months(first or Clocks(settings.cases).days.today())
    last = _months(months[-1])[1] - timedelta(days=1)
    kept = shares_of(connection, viewer, months[0], last)
    by_person, cards = _by_card(connection, kept)
    limit = settings.screening.time_percent
    people = []
    for person, shares in by_person.items():
        stretches = loads(shares, months[0], last)
        highest = tuple(_highest(stretches, month) for month in months)
        over = tuple(one for one in stretches if one.percent > limit)
        people.append(PersonTime(cards[person], highest, tuple(shares), over))
    people.sort(key=lambda one: (not one.overloads, -max(one.months), one.card.researcher_id))
    ids = {share.case_id for one in people for share in one.shares}
    query = seen(viewer).where(CASES.c.case_id.in_(sorted(ids)))
    titles = {case.case_id: case.title for case in kept_cases(connection, viewer, query)}
    return Allocation(months, tuple(people), titles, limit)


def waits_in_projects(viewer: Viewer, today: date) -> ColumnElement[bool]:
    """Return the condition on cases for a viewer's overdue milestones and actions (see `of_viewer`)."""
    return or_(
        (CASES.c.manager == viewer.viewer_id) & _has_overdue_milestone(today),
        _has_overdue_action(today, viewer.viewer_id),
    )


def _conditions(viewer: Viewer, wanted: ProjectFilter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state == ACTIVE:
        found.append(CASES.c.state.in_((RUNNING, HELD)))
    elif wanted.state != ALL:
        found.append(CASES.c.state == wanted.state)
    if wanted.stage:
        found.append(CASES.c.stage == wanted.stage)
    if wanted.manager:
        found.append(CASES.c.manager == wanted.manager)
    if wanted.mine:
        theirs = exists(
            select(_ACTIONS.c.entry_id).where(
                _ACTIONS.c.case_id == CASES.c.case_id, _ACTIONS.c.owner == viewer.viewer_id,
                _ACTIONS.c.removed_at.is_(None), _ACTIONS.c.done_on.is_(None),
            )
        )  # fmt: skip
        found.append(or_(CASES.c.manager == viewer.viewer_id, theirs))
    if wanted.due == OVERDUE:
        found.append(or_(_has_overdue_milestone(today), _has_overdue_action(today)))
    elif wanted.due == SOON:
        found.append(_has_milestone(today, today + SOON_DAYS))
    return found


def _has_overdue_milestone(today: date) -> ColumnElement[bool]:
    return _has_milestone(date.min, today - timedelta(days=1))


def _has_milestone(first: date, last: date) -> ColumnElement[bool]:
    return exists(
        select(_MILESTONES.c.entry_id).where(
            _MILESTONES.c.case_id == CASES.c.case_id, _MILESTONES.c.state == PLANNED,
            _MILESTONES.c.removed_at.is_(None), _MILESTONES.c.planned_on.between(first, last),
        )
    )  # fmt: skip


def _has_overdue_action(today: date, owner: str = "") -> ColumnElement[bool]:
    query = select(_ACTIONS.c.entry_id).where(
        _ACTIONS.c.case_id == CASES.c.case_id, _ACTIONS.c.removed_at.is_(None),
        _ACTIONS.c.done_on.is_(None), _ACTIONS.c.due_on < today,
    )  # fmt: skip
    return exists(query.where(_ACTIONS.c.owner == owner) if owner else query)


def _by_card(
    connection: Connection, kept: Mapping[str, Sequence[ShareOfTime]]
) -> tuple[dict[str, list[ShareOfTime]], dict[str, ResearcherCard]]:
    """Return shares by the present ids of their people, and the cards; who left the catalogue is out."""
    cards = cards_of(connection, kept)
    found: dict[str, list[ShareOfTime]] = {}
    for kept_id, shares in kept.items():
        if card := cards.get(kept_id):
            found.setdefault(card.researcher_id, []).extend(shares)
    return found, {card.researcher_id: card for card in cards.values()}


def _months(day: date) -> tuple[date, ...]:
    """Return the first days of the month of a day and the eleven that follow."""
    months = (day.year * 12 + day.month - 1 + number for number in range(MONTHS))
    return tuple(date(month // 12, month % 12 + 1, 1) for month in months)


def _highest(stretches: Sequence[Load], month: date) -> int:
    following = _months(month)[1]
    inside = (one.percent for one in stretches if one.since < following and one.until >= month)
    return max(inside, default=0)
