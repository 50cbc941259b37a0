"""The routes under /v1 and the two that a load balancer asks."""

from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Body, Path
from pydantic import AfterValidator

from enmusubi.api.problems import Problem
from enmusubi.api.schemas import (
    MATCH_EXAMPLES,
    MAX_ID_CHARS,
    MatchListOut,
    MatchRequest,
    NeedOut,
    ResearcherOut,
    State,
    printable,
)
from enmusubi.api.services import Services
from enmusubi.matcher.needs import check_need
from enmusubi.matcher.records import Need

Id = Annotated[str, Path(max_length=MAX_ID_CHARS), AfterValidator(printable)]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of error answers."""
    return {status: {"description": "Problem details", "model": Problem} for status in statuses}


def build_router(services: Services) -> APIRouter:
    """Return the routes, wired to what they answer from."""
    router = APIRouter()
    live, catalogue, settings = services.live, services.catalogue, services.settings
    gate = services.gate

    @router.post("/v1/matches", tags=["matches"], responses=problems(400, 404, 413, 422, 500, 503))
    async def match(
        request: Annotated[MatchRequest, Body(openapi_examples=MATCH_EXAMPLES)],
    ) -> MatchListOut:
        """Find researchers for a need, with evidence. The text is neither stored nor logged."""
        need = await _need(request)
        check_need(need, max_chars=settings.need.max_chars)
        filters = request.filters.record()
        matches = await gate.run(lambda: live.get().match(need, top=request.top, filters=filters))
        return MatchListOut.of(matches)

    async def _need(request: MatchRequest) -> Need:
        if request.need_text is not None:
            return Need(request.need_text)
        return await anyio.to_thread.run_sync(catalogue.need, request.need_id or "")

    @router.get("/v1/needs/{need_id:path}", tags=["needs"], responses=problems(404, 422, 500, 503))
    def need(need_id: Id) -> NeedOut:
        """Return a need of the catalogue."""
        return NeedOut.of(catalogue.need(need_id))

    @router.get(
        "/v1/researchers/{researcher_id:path}",
        tags=["researchers"],
        responses=problems(404, 422, 500, 503),
    )
    def researcher(researcher_id: Id) -> ResearcherOut:
        """Return a researcher of the catalogue."""
        return ResearcherOut.of(catalogue.researcher(researcher_id))

    @router.get("/healthz", tags=["service"])
    async def healthz() -> State:
        """Say that the process runs."""
        return State(status="alive")

    @router.get("/readyz", tags=["service"], responses=problems(503))
    async def readyz() -> State:
        """Say that an index is loaded; 503 until then, with the reason."""
        ready = await anyio.to_thread.run_sync(live.get)
        return State(status="ready", index_version=ready.index_version, model=ready.model)

    return router
