"""The routes of matches: by a need's text, and of a stored need."""

from functools import partial
from typing import Annotated

import anyio
from fastapi import Body, Query

from api.dependencies import (
    OF_NEED,
    AcceptLanguage,
    CurrentViewer,
    NeedId,
    Services,
    allowed,
    language_for,
    problems,
)
from api.v1.json_bodies import Router
from api.v1.schemas.matches import MATCH_EXAMPLES, Level, MatchRequest, ServedListOut, Top
from catalogue.database.viewer import Viewer
from matcher.records import MatchList, Need
from office.access.rules import ASK, require
from office.matching import Question, stored_need
from office.needs.reading import SeenNeed
from office.screening.list_screening import screen_list


def build_router(services: Services) -> Router:
    """Return the routes of matches."""
    router = Router(tags=["matches"])

    @router.post(
        "/v1/matches", operation_id="match", dependencies=allowed(ASK), responses=problems(404, 413)
    )
    async def match(
        viewer: CurrentViewer,
        request: Annotated[MatchRequest, Body(openapi_examples=MATCH_EXAMPLES)],
        language: AcceptLanguage = "",
    ) -> ServedListOut:
        """Find researchers for a need, with evidence. A text is neither stored nor logged.

        A list can be refined: more like a person or a sentence of the last one, not like another.
        """
        need, asked = Need(request.need_text or ""), None
        if request.need_id is not None:
            asked = await stored(viewer, request.need_id)
            need = asked.as_need()
        question = Question(
            need,
            request.top,
            request.filters.record(),
            spread=request.spread or "",
            may_be_partial=True,
        )
        refined = question.refined(request.refinement())
        found = await services.matching.match_for(viewer, refined)
        return await with_screening(viewer, asked, found, language_for(language))

    @router.get(
        f"{OF_NEED}/matches",
        operation_id="matchNeed",
        responses=problems(400, 404),
    )
    async def of_need(
        viewer: CurrentViewer,
        need_id: NeedId,
        top: Annotated[Top, Query()] = 10,
        spread: Annotated[Level | None, Query()] = None,
        language: AcceptLanguage = "",
    ) -> ServedListOut:
        """Return the match list of a need as it is now, spread as asked or as usual for the need."""
        require(viewer, ASK)
        need = await stored(viewer, need_id)
        question = Question(need.as_need(), top, spread=spread or "", may_be_partial=True)
        found = await services.matching.match_for(viewer, question)
        return await with_screening(viewer, need, found, language_for(language))

    async def stored(viewer: Viewer, need_id: str) -> SeenNeed:
        read = partial(stored_need, services.catalogue, viewer, need_id)
        return await anyio.to_thread.run_sync(read)

    async def with_screening(
        viewer: Viewer, need: SeenNeed | None, found: MatchList, language: str
    ) -> ServedListOut:
        people = [match.researcher.researcher_id for match in found.matches]
        screened = await anyio.to_thread.run_sync(
            screen_list, services.catalogue, viewer, need, people, services.settings.screening
        )
        answer = ServedListOut.of(found, language, need.title if need else "")
        return answer.screened(screened.all(), language)

    return router
