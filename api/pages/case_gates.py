"""The routes of the gates: who decides each and what is looked at, read by all and edited by the chief."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Form, Request, Response

from api.dependencies import CurrentViewer, Services
from api.pages.case_texts import SHOWN_OF_CASES
from api.pages.cases import PATH
from api.pages.rendering import render, see_other
from api.routing import LazyRouter
from catalogue.database.viewer import OFFICE_ROLES, Viewer
from enmusubi.errors import InputError, StaleVersionError
from office.access.rules import EDIT_GATES, WORK_ON_CASES, require
from office.access.scoped import reading_as, writing_as
from office.cases.gates import Criterion, edit_gate, gates_of
from office.people import names_of


def build_router(services: Services) -> LazyRouter:
    """Return the routes; they come before those of one case."""
    router = LazyRouter(include_in_schema=False)

    @router.get(f"{PATH}/gates")
    def gates(request: Request, viewer: CurrentViewer) -> Response:
        return _shown(request, viewer, services)

    @router.post(f"{PATH}/gates/{{gate}}")
    def edit(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        gate: str,
        version: Annotated[int, Form(ge=0)] = 0,
        role: Annotated[list[str] | None, Form(max_length=10)] = None,
        criterion: Annotated[list[str] | None, Form(max_length=40)] = None,
        ja: Annotated[list[str] | None, Form(max_length=40)] = None,
        en: Annotated[list[str] | None, Form(max_length=40)] = None,
    ) -> Response:
        require(viewer, EDIT_GATES)
        rows = list(zip(criterion or (), ja or (), en or (), strict=False))
        criteria = [
            Criterion(its_id or f"added_{number}", in_ja, in_en)
            for number, (its_id, in_ja, in_en) in enumerate(rows, start=1)
            if in_ja.strip() or in_en.strip()
        ]
        try:
            with writing_as(services.catalogue, viewer) as connection:
                edit_gate(
                    connection,
                    viewer,
                    gate,
                    roles=role or (),
                    criteria=_renumbered(criteria),
                    expected_version=version,
                )
        except (InputError, StaleVersionError) as error:
            return _shown(request, viewer, services, _Typed(gate, role or [], rows, error))
        return see_other(f"{PATH}/gates", "saved")

    return router


@dataclass(frozen=True)
class _Typed:
    """An edit of a gate that was refused: the roles and rows (id, Japanese, English) as typed, and why."""

    gate: str
    roles: list[str]
    rows: list[tuple[str, str, str]]
    fault: InputError | StaleVersionError

    @property
    def is_late(self) -> bool:
        """Whether another edited the gate meanwhile, so that what it says now stands beside."""
        return isinstance(self.fault, StaleVersionError)


def _shown(
    request: Request, viewer: Viewer, services: Services, typed: _Typed | None = None
) -> Response:
    require(viewer, WORK_ON_CASES)
    with reading_as(services.catalogue, viewer) as connection:
        found = gates_of(connection, viewer)
        names = names_of(connection, {gate.changed_by for gate in found.values()})
    return render(
        request,
        viewer,
        "case_gates.html",
        200 if not typed else 412 if typed.is_late else 422,
        gates=found,
        names=names,
        typed=typed,
        roles=OFFICE_ROLES,
        days=services.settings.cases.decision_days,
        stage_days=services.settings.cases.stage_days,
        **SHOWN_OF_CASES,
    )


def _renumbered(criteria: Sequence[Criterion]) -> list[Criterion]:
    """Return criteria with ids of their own: a new one takes the next free number."""
    taken: set[str] = set()
    found = []
    for one in criteria:
        its_id, number = one.id, 2
        while its_id in taken:
            its_id, number = f"{one.id}_{number}", number + 1
        taken.add(its_id)
        found.append(replace(one, id=its_id))
    return found
