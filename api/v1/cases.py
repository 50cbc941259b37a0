"""The routes of cases: listed, opened, read and changed; their gates put up for decision and decided."""

from functools import partial
from typing import Annotated

from fastapi import Query, Request, Response

from api.dependencies import CurrentViewer, Number, Services, link_next, problems
from api.v1.headers import IfMatch, IfNoneMatch, check_match, etag, is_known
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from api.v1.schemas.cases import (
    CaseIn,
    CaseOut,
    CasePatch,
    CasesOut,
    CasesQuery,
    DecisionOut,
    DecisionsOut,
    GateDecisionIn,
    GateOut,
    GatesOut,
    TurnIn,
)
from catalogue.database.viewer import Viewer
from office.access.access_log import note_naming, note_reading_by_id
from office.access.rules import OPEN_CASES, SEE_CASES, WORK_ON_CASES, require
from office.access.scoped import reading_as, writing_as
from office.cases.changing import change_case, set_turn
from office.cases.clocks import Clocks
from office.cases.deciding import decide_gate, submit
from office.cases.decisions import decisions_of
from office.cases.gates import gates_of
from office.cases.kept import KeptCase, case_of
from office.cases.listing import When, cases_page
from office.cases.opening import open_case

CASES = "/v1/cases"
ONE = f"{CASES}/{{case_id}}"
NOT_MODIFIED = 304


def build_router(services: Services) -> Router:
    """Return the routes of cases."""
    router = Router(tags=["cases"])
    _add_lists(router, services)
    _add_one(router, services)
    _add_gates(router, services)
    return router


def _add_lists(router: Router, services: Services) -> None:
    @router.get(CASES, operation_id="listCases", responses=problems(422))
    def listed(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[CasesQuery, Query()],
    ) -> CasesOut:
        """List the cases that you may see. Portals see those that their company knows of."""
        clocks = Clocks(services.settings.cases)
        today = clocks.days.today()
        with reading_as(services.catalogue, viewer) as connection:
            page = cases_page(
                connection,
                viewer,
                wanted.wanted(),
                When(today, clocks.soon(today)),
                gates_of(connection, viewer),
                after=wanted.cursor,
                limit=wanted.limit,
            )
        note_naming(services.catalogue, viewer, {one.need_id for one in page.items}, "cases")
        link_next(request, response, page.after)
        return CasesOut(
            items=[CaseOut.of(one, viewer) for one in page.items], next_cursor=page.after
        )

    @router.post(
        CASES,
        operation_id="openCase",
        status_code=201,
        response_model=CaseOut,
        responses=problems(404, 409, 413),
    )
    def create(viewer: CurrentViewer, request: CaseIn, key: IdempotencyKey = None) -> Response:
        """Open a case at its first stage; its first review waits for its decision at once. A portal asks
        for a case with people whom a released list of its need names."""
        with writing_as(services.catalogue, viewer) as connection:
            require(viewer, OPEN_CASES)

            def make() -> Creation:
                case = open_case(connection, viewer, request.draft(), services.settings)
                said = CaseOut.of(case, viewer)
                link = f"{CASES}/{said.case_id}"
                return Creation(said, {"ETag": _tag(case), "Location": link})

            still = lambda connection, body: case_of(connection, viewer, body["case_id"])  # noqa: E731
            return create_once(connection, viewer, key, (CASES, request), make, still=still)

    @router.get("/v1/case-gates", operation_id="listCaseGates", responses=problems())
    def gates(viewer: CurrentViewer) -> GatesOut:
        """Return the gates in force: who decides each besides the chief, and what is looked at."""
        require(viewer, WORK_ON_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            found = gates_of(connection, viewer)
        return GatesOut(gates=[GateOut.of(gate) for gate in found.values()])


def _add_one(router: Router, services: Services) -> None:
    @router.get(
        ONE,
        operation_id="readCase",
        response_model=CaseOut,
        responses={**problems(404), 304: {"description": "What you have still holds: no body."}},
    )
    def read(
        viewer: CurrentViewer,
        case_id: Number,
        response: Response,
        if_none_match: IfNoneMatch = None,
    ) -> CaseOut | Response:
        """Return a case, and the ETag for a change."""
        require(viewer, SEE_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            case = case_of(connection, viewer, case_id)
        note_reading_by_id(services.catalogue, viewer, case.need_id, "case")
        if is_known(if_none_match, str(case.version)):
            return Response(status_code=NOT_MODIFIED, headers={"ETag": _tag(case)})
        return _answer(response, case, viewer)

    @router.patch(ONE, operation_id="changeCase", responses=problems(404, 412, 413, 428))
    def change(
        viewer: CurrentViewer,
        case_id: Number,
        request: CasePatch,
        response: Response,
        if_match: IfMatch = None,
    ) -> CaseOut:
        """Change what a case says, who is in it or who manages it; If-Match says in which version."""
        version = _version(services, viewer, case_id, if_match)
        with writing_as(services.catalogue, viewer) as connection:
            change_it = partial(change_case, connection, viewer, case_id, request.change())
            case = change_it(expected_version=version)
        return _answer(response, case, viewer)

    @router.put(
        f"{ONE}/turn", operation_id="setCaseTurn", responses=problems(404, 409, 412, 413, 428)
    )
    def turn(
        viewer: CurrentViewer,
        case_id: Number,
        request: TurnIn,
        response: Response,
        if_match: IfMatch = None,
    ) -> CaseOut:
        """Say whose turn it is: while it is the company's, the clock stands."""
        version = _version(services, viewer, case_id, if_match)
        with writing_as(services.catalogue, viewer) as connection:
            case = set_turn(
                connection,
                viewer,
                case_id,
                request.turn,
                services.settings.cases,
                expected_version=version,
            )
        return _answer(response, case, viewer)


def _add_gates(router: Router, services: Services) -> None:
    @router.post(
        f"{ONE}/submission", operation_id="submitCase", responses=problems(404, 409, 412, 428)
    )
    def put_up(
        viewer: CurrentViewer, case_id: Number, response: Response, if_match: IfMatch = None
    ) -> CaseOut:
        """Put the case's next gate up for decision: its clock starts, and who decides it is told."""
        version = _version(services, viewer, case_id, if_match)
        with writing_as(services.catalogue, viewer) as connection:
            case = submit(connection, viewer, case_id, services.settings, expected_version=version)
        return _answer(response, case, viewer)

    @router.post(
        f"{ONE}/decisions",
        operation_id="decideCase",
        responses=problems(404, 409, 412, 413, 428),
    )
    def decide(
        viewer: CurrentViewer,
        case_id: Number,
        request: GateDecisionIn,
        response: Response,
        if_match: IfMatch = None,
    ) -> CaseOut:
        """Decide the gate before which a case stands. What screening stops (409) waits for those who
        clear it."""
        version = _version(services, viewer, case_id, if_match)
        case = decide_gate(
            services.catalogue,
            viewer,
            case_id,
            request.choice(),
            services.settings,
            expected_version=version,
        )
        return _answer(response, case, viewer)

    @router.get(f"{ONE}/decisions", operation_id="listCaseDecisions", responses=problems(404))
    def decisions(viewer: CurrentViewer, case_id: Number) -> DecisionsOut:
        """Return what was decided of a case, the newest first."""
        require(viewer, WORK_ON_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            case = case_of(connection, viewer, case_id)
            found = decisions_of(connection, case)
        note_reading_by_id(services.catalogue, viewer, case.need_id, "case")
        return DecisionsOut(decisions=[DecisionOut.of(one) for one in found])


def _version(services: Services, viewer: Viewer, case_id: int, if_match: str | None) -> int:
    """Return the version that a writer names and that the case has; raises 428 and 412."""
    require(viewer, WORK_ON_CASES)
    with reading_as(services.catalogue, viewer) as connection:
        case = case_of(connection, viewer, case_id)
    check_match(if_match, str(case.version))
    return case.version


def _answer(response: Response, case: KeptCase, viewer: Viewer) -> CaseOut:
    response.headers["ETag"] = _tag(case)
    return CaseOut.of(case, viewer)


def _tag(case: KeptCase) -> str:
    return etag(str(case.version))
