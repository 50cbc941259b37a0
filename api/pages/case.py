"""The page of a case with its timeline, gate, people and documents."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request, Response

from api.dependencies import CurrentViewer, Number, Services
from api.pages.case_form import CaseForm
from api.pages.case_texts import SHOWN_OF_CASES
from api.pages.cases import PATH
from api.pages.lesson_texts import SHOWN_OF_LESSONS, lessons_of
from api.pages.project_texts import DONE_LABELS, ENTRY_LABELS
from api.pages.rendering import render
from api.routing import LazyRouter
from catalogue.database.case_models import DEPLOYMENT, RUNNING
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, StaleVersionError
from office.access.access_log import note_reading_by_id
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import reading_as
from office.cases.clocks import Clocks
from office.cases.decisions import decisions_of
from office.cases.documents import documents_of
from office.cases.gates import NDA_HOLDS, gates_of
from office.cases.kept import KeptCase, case_of
from office.cases.recorded_ndas import nda_of_case
from office.cases.steps import timeline_of
from office.delegations.acting import on_case
from office.needs.managers import possible_managers
from office.needs.reading import titles_of
from office.people import cards_of, names_of
from office.projects.shares import PROJECT_STAGES

ONE = f"{PATH}/{{case_id}}"


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)

    @router.get(ONE)
    def page(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        to: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        return shown(request, viewer, services, case_id, to=to)

    return router


@dataclass(frozen=True)
class Typed:
    """What was typed into a form that was refused, and why."""

    form: str
    values: dict[str, Any]
    fault: EnmusubiError
    change: CaseForm | None = None  # of the form that changes the case

    @property
    def is_late(self) -> bool:
        """Whether another changed the case meanwhile, so that what it says now stands beside."""
        return self.change is not None and isinstance(self.fault, StaleVersionError)


def shown(
    request: Request,
    viewer: Viewer,
    services: Services,
    case_id: int,
    *,
    to: str = "",
    typed: Typed | None = None,
) -> Response:
    """Return the page; with a form that was refused, what was typed in it and why."""
    require(viewer, WORK_ON_CASES)
    clocks = Clocks(services.settings.cases)
    with reading_as(services.catalogue, viewer) as connection:
        case = case_of(connection, viewer, case_id)
        gates = gates_of(connection, viewer)
        events, decisions = timeline_of(connection, case), decisions_of(connection, case)
        users = {case.manager, case.submitted_by, case.opened_by, *(one.actor for one in events)}
        users |= {one.detail.get("manager", "") for one in events}
        users |= {one.decided_by for one in decisions}
        users |= {one.decided_for for one in decisions} - {""}
        users |= {one.detail.get("decided_for", "") for one in events} - {""}
        users |= {typed.change.manager} if typed and typed.change else set()
        told = {r for one in events for r in one.detail.get("researchers", ())}
        context = {
            "need_titles": titles_of(connection, viewer, [case.need_id] if case.need_id else []),
            "documents": documents_of(connection, case),
            "managers": possible_managers(connection, viewer),
            "names": names_of(connection, users - {""}),
            "cards": cards_of(connection, told),
            "nda": nda_of_case(connection, viewer, case, clocks.days.today()),
            "lessons": lessons_of(connection, viewer, services, case),
        }
        entered = cards_of(connection, typed.change.person if typed and typed.change else ())
        acting = on_case(connection, viewer, case_id)
    note_reading_by_id(services.catalogue, viewer, case.need_id, "case")
    gate = gates.get(case.gate)
    people = {one.card.researcher_id: one.card for one in case.people} | entered
    values = typed.values if typed else {}
    differing: list[str] = []
    if typed and typed.change and typed.is_late:
        differing = typed.change.differing(case)
        values = {**values, "version": case.version}  # sent again, what was entered is to stand
    return render(
        request,
        viewer,
        "case.html",
        200 if not typed else 412 if isinstance(typed.fault, StaleVersionError) else 422,
        case=case,
        gate=gate,
        decides=bool(gate and gate.is_decided_by(acting)),
        in_stead=gate.stand_in(acting) if gate else None,
        events=events,
        decisions=decisions,
        clock=clocks.state(case, clocks.days.today()),
        by_records={NDA_HOLDS} if case.organisation_id else (),
        to=to if to in SHOWN_OF_CASES["stages"] else "",
        typed=values,
        typed_form=typed.form if typed else "",
        fault=typed.fault.message if typed and not typed.is_late else None,
        is_late=bool(typed and typed.is_late),
        differing=differing,
        people=people,
        lead=next((one.card.researcher_id for one in case.people if one.is_lead), ""),
        is_project=case.stage in PROJECT_STAGES,
        lost=_without_form(case, typed),
        entry_labels=ENTRY_LABELS,
        done_labels=DONE_LABELS,
        **context,
        **SHOWN_OF_CASES,
        **SHOWN_OF_LESSONS,
    )


def _without_form(case: KeptCase, typed: Typed | None) -> str:
    """Return what was typed into a form that the case has not any more, as another led it on meanwhile."""
    if typed is None:
        return ""
    is_there = {
        "take-up": case.may_change and case.state != RUNNING,
        "complete": case.may_change and case.stage == DEPLOYMENT and not case.has_ended,
    }
    return str(typed.values.get("reason" if typed.form == "take-up" else "outcome", "")) * (
        not is_there.get(typed.form, True)
    )
