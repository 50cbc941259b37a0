"""The routes of screening: findings of a need and researchers, and the clearances of what stops."""

from functools import partial
from typing import Annotated, Literal

import anyio
from fastapi import Query, Request, Response

from api.dependencies import (
    OF_NEED,
    AcceptLanguage,
    AnId,
    CurrentViewer,
    NeedId,
    Number,
    PageQuery,
    Services,
    allowed,
    language_for,
    link_next,
    problems,
)
from api.v1.json_bodies import Router
from api.v1.schemas.screening import (
    ClearanceOut,
    ClearancesOut,
    DecisionIn,
    FindingOut,
    ScreeningOut,
)
from office.access.access_log import note_naming, note_reading
from office.access.rules import CLEAR, SEE_SCREENING, require
from office.access.scoped import reading_as, writing_as
from office.delegations.acting import require_or_stand_in
from office.matching import stored_need
from office.screening.clearances import decide, revoke_clearance
from office.screening.kept_clearances import clearances_page
from office.screening.list_screening import screen_list

Which = Literal["waiting", "cleared", "refused", "all"]
MAX_SCREENED = 100
CLEARANCES_PATH = "/v1/clearances"
ONE = f"{CLEARANCES_PATH}/{{clearance_id}}"


class ClearanceQuery(PageQuery):
    """Which clearances are listed."""

    which: Which = "waiting"
    need_id: str = ""


def build_router(services: Services) -> Router:
    """Return the routes of screening."""
    router = Router(tags=["screening"])
    _add_findings(router, services)
    _add_clearances(router, services)
    return router


def _add_findings(router: Router, services: Services) -> None:
    catalogue = services.catalogue

    @router.get(f"{OF_NEED}/screening", operation_id="screenNeed", responses=problems(404))
    async def screening(
        viewer: CurrentViewer,
        need_id: NeedId,
        researcher_id: Annotated[list[AnId], Query(max_length=MAX_SCREENED)] = [],  # noqa: B006
        language: AcceptLanguage = "",
    ) -> ScreeningOut:
        """Return what screening finds of a need and researchers, what stops a release first. For the
        office alone."""
        require(viewer, SEE_SCREENING)
        need = await anyio.to_thread.run_sync(partial(stored_need, catalogue, viewer, need_id))
        await anyio.to_thread.run_sync(note_reading, catalogue, viewer, need, "screening")
        found = await anyio.to_thread.run_sync(
            screen_list, catalogue, viewer, need, researcher_id, services.settings.screening
        )
        wanted = language_for(language)
        findings = [FindingOut.of(one, wanted) for one in found.all()]
        return ScreeningOut(need_id=need_id, stops=bool(found.stops), findings=findings)


def _add_clearances(router: Router, services: Services) -> None:
    catalogue = services.catalogue

    @router.get(CLEARANCES_PATH, operation_id="listClearances", responses=problems())
    def clearances(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[ClearanceQuery, Query()],
    ) -> ClearancesOut:
        """List what waits for clearance, or what was decided, of needs that you see."""
        require(viewer, SEE_SCREENING)
        with reading_as(catalogue, viewer) as connection:
            page = clearances_page(
                connection,
                viewer,
                which=wanted.which,
                need_id=wanted.need_id,
                after=wanted.cursor,
                limit=wanted.limit,
            )
        note_naming(catalogue, viewer, {one.need_id for one in page.items}, "screening")
        link_next(request, response, page.after)
        shown = [ClearanceOut.of(one) for one in page.items]
        return ClearancesOut(clearances=shown, next_cursor=page.after)

    @router.post(
        f"{ONE}/decision",
        operation_id="decideClearance",
        dependencies=allowed(SEE_SCREENING),
        responses=problems(404, 409, 413),
    )
    def decision(viewer: CurrentViewer, clearance_id: Number, said: DecisionIn) -> ClearanceOut:
        """Clear or refuse what waits: legal, IP or the chief, as the rule says."""
        with writing_as(catalogue, viewer) as connection:
            kept = decide(
                connection,
                viewer,
                clearance_id,
                said.decision,
                reason=said.reason,
                valid_until=said.valid_until,
            )
        return ClearanceOut.of(kept)

    @router.post(f"{ONE}/revoke", operation_id="revokeClearance", responses=problems(404, 409))
    def revoke(viewer: CurrentViewer, clearance_id: Number) -> ClearanceOut:
        """Take a decision back: what it cleared stops releases again."""
        require_or_stand_in(viewer, CLEAR)
        with writing_as(catalogue, viewer) as connection:
            return ClearanceOut.of(revoke_clearance(connection, viewer, clearance_id))
