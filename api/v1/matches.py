"""The routes of matches: by a need's text, and of a stored need."""

from dataclasses import replace
from functools import partial
from typing import Annotated

import anyio
from fastapi import APIRouter, Body, Query

from api.dependencies import (
    OF_NEED,
    AcceptLanguage,
    CurrentViewer,
    NeedId,
    Services,
    language_for,
    problems,
)
from api.v1.schemas.matches import MATCH_EXAMPLES, MatchRequest, ServedListOut, Top
from catalogue.database.viewer import Viewer
from matcher.records import NOT_REFINED, Need
from office.access.rules import ASK, require
from office.matching import Question, stored_need


def build_router(services: Services) -> APIRouter:
    """Return the routes of matches."""
    router = APIRouter(tags=["matches"])

    @router.post("/v1/matches", operation_id="match", responses=problems(404, 413))
    async def match(
        viewer: CurrentViewer,
        request: Annotated[MatchRequest, Body(openapi_examples=MATCH_EXAMPLES)],
        language: AcceptLanguage = "",
    ) -> ServedListOut:
        """Find researchers for a need, with evidence. A text is neither stored nor logged.

        A list can be refined: more like a person or a sentence of the last one, not like another.
        """
        require(viewer, ASK)
        need = Need(request.need_text or "")
        if request.need_id is not None:
            need = await stored(viewer, request.need_id)
        refinement = request.refinement()
        is_varied = refinement != NOT_REFINED
        need = replace(need, refinement=refinement)
        question = Question(need, request.top, request.filters.record(), is_varied=is_varied)
        found = await services.matching.match_for(viewer, question)
        return ServedListOut.of(found, language_for(language), need.title)

    @router.get(
        f"{OF_NEED}/matches",
        operation_id="matchNeed",
        responses=problems(400, 404),
    )
    async def of_need(
        viewer: CurrentViewer,
        need_id: NeedId,
        top: Annotated[Top, Query()] = 10,
        language: AcceptLanguage = "",
    ) -> ServedListOut:
        """Return the match list of a need as it is now."""
        require(viewer, ASK)
        need = await stored(viewer, need_id)
        found = await services.matching.match_for(viewer, Question(need, top))
        return ServedListOut.of(found, language_for(language), need.title)

    async def stored(viewer: Viewer, need_id: str) -> Need:
        read = partial(stored_need, services.catalogue, viewer, need_id)
        return (await anyio.to_thread.run_sync(read)).as_need()

    return router
