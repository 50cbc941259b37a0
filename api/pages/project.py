"""The page of a project: lights, sub-projects, people, milestones, money, risks, minutes and actions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import Request, Response

from api.dependencies import CurrentViewer, Number, Services
from api.pages.case import ONE
from api.pages.case_texts import SHOWN_OF_CASES
from api.pages.project_form import ProjectForm, as_typed
from api.pages.project_texts import FORM_FIELDS, SHOWN_OF_PROJECTS
from api.pages.rendering import render
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, StaleVersionError
from office.access.access_log import note_reading_by_id
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import reading_as
from office.needs.managers import possible_managers
from office.people import names_of
from office.projects.kept import KeptProject, project_of
from office.projects.lights import LOOKED_AHEAD, lights_of
from office.projects.portfolio import facts_of
from office.projects.shares import peak

PROJECT = f"{ONE}/project"
SHOWN_SPENDINGS = 100


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)

    @router.get(PROJECT)
    def page(request: Request, viewer: CurrentViewer, case_id: Number) -> Response:
        return shown(request, viewer, services, case_id)

    return router


@dataclass(frozen=True)
class TypedEntry:
    """What was typed into a form of a project that was refused, and why.

    `entry_id` is 0 for something new; `form` is a kind of entry, light or period.
    """

    form: str
    entry_id: int
    sent: ProjectForm
    fault: EnmusubiError

    @property
    def is_late(self) -> bool:
        """Whether another changed the project meanwhile."""
        return isinstance(self.fault, StaleVersionError)


@dataclass(frozen=True)
class FormState:
    """How a form is shown: its values, open or not, and what stands now where that is not what was typed."""

    values: Mapping[str, str]
    is_open: bool = False
    others: Mapping[str, str] = field(default_factory=dict)


def shown(
    request: Request,
    viewer: Viewer,
    services: Services,
    case_id: int,
    typed: TypedEntry | None = None,
) -> Response:
    """Return the page; with a form that was refused, what was typed in it and why."""
    require(viewer, WORK_ON_CASES)
    with reading_as(services.catalogue, viewer) as connection:
        project = project_of(connection, viewer, case_id)
        facts = facts_of(connection, viewer, services.settings)
        users = {project.case.manager, project.changed_by}
        users |= {one.said.owner for one in project.risks}
        users |= {one.said.owner for one in project.actions}
        users |= {project.hand_light.by} if project.hand_light else set()
        names = names_of(connection, users - {""})
        managers = possible_managers(connection, viewer)
    note_reading_by_id(services.catalogue, viewer, project.case.need_id, "project")
    last = facts.today + LOOKED_AHEAD
    loads = {person: peak(shares, facts.today, last) for person, shares in facts.shares.items()}
    people = {one.card.researcher_id: one.card for one in project.case.people}
    people |= {card.researcher_id: card for card in project.cards.values()}
    return render(
        request,
        viewer,
        "project.html",
        200 if not typed else 412 if typed.is_late else 422,
        project=project,
        case=project.case,
        lights=lights_of(project, facts),
        loads={person: load for person, load in loads.items() if load},
        limit=facts.limit_percent,
        today=facts.today,
        late={one.entry_id for one in project.overdue_milestones(facts.today)},
        late_actions={one.entry_id for one in project.overdue_actions(facts.today)},
        soon=facts.today + timedelta(days=30),
        people=people,
        managers=managers,
        names=names,
        spendings=list(project.spendings)[-SHOWN_SPENDINGS:][::-1],
        form_of=lambda kind, entry_id: form_state(project, kind, entry_id, typed),
        typed=typed,
        fault=typed.fault.message if typed else None,
        **{**SHOWN_OF_CASES, **SHOWN_OF_PROJECTS},
    )


def form_state(
    project: KeptProject, kind: str, entry_id: int, typed: TypedEntry | None
) -> FormState:
    """Return how the form of an entry is shown, 0 for that of something new."""
    entry = project.entry(kind, entry_id) if entry_id else None
    names = [one.name for one in FORM_FIELDS[kind]]
    stands = {name: as_typed(getattr(entry.said, name)) for name in names} if entry else {}
    if typed is None or (typed.form, typed.entry_id) != (kind, entry_id):
        return FormState(stands)
    entered = {name: getattr(typed.sent, name) for name in names}
    differing = {n: v for n, v in stands.items() if v != entered[n]} if typed.is_late else {}
    return FormState(entered, is_open=True, others=differing)
