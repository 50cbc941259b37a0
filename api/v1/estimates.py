"""The routes of estimates and plans of cases: listed, written in versions, checked."""

from typing import Annotated

from fastapi import Query, Response

from api.dependencies import CurrentViewer, Number, Services, problems
from api.v1.headers import IfMatch, check_match, etag
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from api.v1.schemas.estimates import (
    EstimateCheckIn,
    EstimateIn,
    EstimateOut,
    EstimatesOut,
    PlanIn,
    PlanOut,
    PlanQuery,
)
from catalogue.database.viewer import Viewer
from office.access.access_log import note_reading_by_id
from office.access.rules import CHECK_ESTIMATES, WORK_ON_CASES, require
from office.access.scoped import reading_as, writing_as
from office.cases.kept import case_of
from office.delegations.acting import require_or_stand_in
from office.estimates.kept import (
    KeptEstimate,
    ask_for_check,
    check_estimate,
    estimate_of,
    estimates_of,
    save_estimate,
    versions_of,
)
from office.plans.kept import read_plan, save_plan

CASE = "/v1/cases/{case_id}"
ALL, ONE, PLANS = f"{CASE}/estimates", f"{CASE}/estimates/{{estimate_id}}", f"{CASE}/plans"


def build_router(services: Services) -> Router:
    """Return the routes of estimates and plans."""
    router = Router(tags=["cases"])
    _add_reading(router, services)
    _add_writing(router, services)
    _add_plans(router, services)
    return router


def _add_reading(router: Router, services: Services) -> None:
    @router.get(ALL, operation_id="listCaseEstimates", responses=problems(404))
    def listed(viewer: CurrentViewer, case_id: Number) -> EstimatesOut:
        """Return the newest version of each estimate of a case."""
        require(viewer, WORK_ON_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            case = case_of(connection, viewer, case_id)
            found = estimates_of(connection, viewer, case)
        note_reading_by_id(services.catalogue, viewer, case.need_id, "case")
        return EstimatesOut(estimates=[EstimateOut.of(one) for one in found])

    @router.get(ONE, operation_id="readCaseEstimate", responses=problems(404))
    def read(
        viewer: CurrentViewer,
        case_id: Number,
        estimate_id: Number,
        response: Response,
        version: Annotated[int, Query(ge=0, description="0: the newest.")] = 0,
    ) -> EstimateOut:
        """Return a version of an estimate; the newest one has the ETag for a change."""
        require(viewer, WORK_ON_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            need_id = case_of(connection, viewer, case_id).need_id
            kept = estimate_of(connection, viewer, case_id, estimate_id, version)
        note_reading_by_id(services.catalogue, viewer, need_id, "case")
        if kept.newest:
            response.headers["ETag"] = etag(kept.tag)
        return EstimateOut.of(kept)

    @router.get(f"{ONE}/versions", operation_id="listEstimateVersions", responses=problems(404))
    def versions(viewer: CurrentViewer, case_id: Number, estimate_id: Number) -> EstimatesOut:
        """Return all versions of an estimate, the newest first."""
        require(viewer, WORK_ON_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            need_id = case_of(connection, viewer, case_id).need_id
            found = versions_of(connection, viewer, case_id, estimate_id)
        note_reading_by_id(services.catalogue, viewer, need_id, "case")
        return EstimatesOut(estimates=[EstimateOut.of(one) for one in found])


def _add_writing(router: Router, services: Services) -> None:
    settings = services.settings.estimates
    names = ("indirect_percent", "strategic_percent", "tax_percent")
    usual = {name: str(getattr(settings, name)) for name in names}

    @router.post(
        ALL,
        operation_id="writeCaseEstimate",
        status_code=201,
        response_model=EstimateOut,
        responses=problems(404, 409, 413),
    )
    def create(
        viewer: CurrentViewer, case_id: Number, request: EstimateIn, key: IdempotencyKey = None
    ) -> Response:
        """Write a new estimate of a case; it begins as a draft."""
        with writing_as(services.catalogue, viewer) as connection:
            require(viewer, WORK_ON_CASES)

            def make() -> Creation:
                kept = save_estimate(connection, viewer, case_id, request.estimate(usual))
                link = f"/v1/cases/{case_id}/estimates/{kept.estimate_id}"
                return Creation(EstimateOut.of(kept), {"ETag": etag(kept.tag), "Location": link})

            content = (f"{ALL} {case_id}", request)
            still = lambda connection, body: case_of(connection, viewer, body["case_id"])  # noqa: E731
            return create_once(connection, viewer, key, content, make, still=still)

    @router.put(ONE, operation_id="changeCaseEstimate", responses=problems(404, 412, 413, 428))
    def change(  # noqa: PLR0917 - FastAPI passes them by name
        viewer: CurrentViewer,
        case_id: Number,
        estimate_id: Number,
        request: EstimateIn,
        response: Response,
        if_match: IfMatch = None,
    ) -> EstimateOut:
        """Write the next version of an estimate; If-Match says which was the newest."""
        tag = _tag(services, viewer, case_id, estimate_id, if_match)
        with writing_as(services.catalogue, viewer) as connection:
            kept = save_estimate(
                connection, viewer, case_id, request.estimate(usual), estimate_id=estimate_id,
                expected_tag=tag,
            )  # fmt: skip
        return _answer(response, kept)

    @router.post(
        f"{ONE}/check",
        operation_id="checkCaseEstimate",
        responses=problems(404, 409, 412, 413, 428),
    )
    def check(  # noqa: PLR0917 - FastAPI passes them by name
        viewer: CurrentViewer,
        case_id: Number,
        estimate_id: Number,
        request: EstimateCheckIn,
        response: Response,
        if_match: IfMatch = None,
    ) -> EstimateOut:
        """Ask for a check of the newest version, accept it, or send it back with a remark."""
        require(viewer, WORK_ON_CASES)
        if request.do != "ask":
            require_or_stand_in(viewer, CHECK_ESTIMATES)
        mail = services.settings.mail
        tag = _tag(services, viewer, case_id, estimate_id, if_match)
        number = (case_id, estimate_id)
        with writing_as(services.catalogue, viewer) as connection:
            if request.do == "ask":
                kept = ask_for_check(connection, viewer, *number, expected_tag=tag, mail=mail)
            else:
                kept = check_estimate(
                    connection, viewer, *number, accepts=request.do == "accept",
                    remark=request.remark, expected_tag=tag, mail=mail,
                )  # fmt: skip
        return _answer(response, kept)


def _add_plans(router: Router, services: Services) -> None:
    @router.get(PLANS, operation_id="readCasePlan", responses=problems(404, 422))
    def read(
        viewer: CurrentViewer,
        case_id: Number,
        response: Response,
        wanted: Annotated[PlanQuery, Query()],
    ) -> PlanOut:
        """Return a case's plan in a language: the newest version, or the draft of what is known now."""
        require(viewer, WORK_ON_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            found = read_plan(
                connection, viewer, case_id, wanted.language, services.settings, wanted.version
            )
        note_reading_by_id(services.catalogue, viewer, found.case.need_id, "case")
        response.headers["ETag"] = etag(str(found.plan.version))
        return PlanOut.of(found.plan)

    @router.put(PLANS, operation_id="changeCasePlan", responses=problems(404, 412, 413, 428))
    def change(
        viewer: CurrentViewer,
        case_id: Number,
        request: PlanIn,
        response: Response,
        if_match: IfMatch = None,
    ) -> PlanOut:
        """Keep the plan's next version; If-Match says which was read, "0" where none was kept."""
        require(viewer, WORK_ON_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            found = read_plan(connection, viewer, case_id, request.language, services.settings)
        version = found.plan.version
        check_match(if_match, str(version))
        texts = {str(name): text for name, text in request.sections.items()}
        with writing_as(services.catalogue, viewer) as connection:
            kept = save_plan(
                connection, viewer, case_id, request.language, texts, services.settings,
                anew=request.anew, expected_version=version,
            )  # fmt: skip
        response.headers["ETag"] = etag(str(kept.version))
        return PlanOut.of(kept)


def _tag(
    services: Services, viewer: Viewer, case_id: int, estimate_id: int, if_match: str | None
) -> str:
    """Return the tag that a writer names and that the newest version has; raises 428 and 412."""
    require(viewer, WORK_ON_CASES)
    with reading_as(services.catalogue, viewer) as connection:
        kept = estimate_of(connection, viewer, case_id, estimate_id)
    check_match(if_match, kept.tag)
    return kept.tag


def _answer(response: Response, kept: KeptEstimate) -> EstimateOut:
    response.headers["ETag"] = etag(kept.tag)
    return EstimateOut.of(kept)
