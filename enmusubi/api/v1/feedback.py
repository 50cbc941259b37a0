"""The routes of feedback: who suits a need and who does not, and why."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from enmusubi.api.guard import CurrentViewer
from enmusubi.api.services import Services
from enmusubi.api.v1.parameters import NeedId, problems
from enmusubi.api.v1.paths import OF_NEED
from enmusubi.api.v1.shapes.feedback import (
    FEEDBACK_EXAMPLES,
    FeedbackIn,
    FeedbackOut,
    FeedbacksOut,
)
from enmusubi.matcher.access.judging import judge, standing_judgements
from enmusubi.matcher.access.scoped import reading_as, writing_as
from enmusubi.matcher.catalogue.drafts import ADDED
from enmusubi.matcher.catalogue.judgements import Judgement

PATH = f"{OF_NEED}/feedback"


def build_router(services: Services) -> APIRouter:
    """Return the routes of feedback."""
    router = APIRouter(tags=["feedback"])
    catalogue = services.catalogue

    @router.post(
        PATH,
        operation_id="giveFeedback",
        status_code=201,
        responses=problems(404, 413)
        | {200: {"description": "You said the same before", "model": FeedbackOut}},
    )
    def give(
        viewer: CurrentViewer,
        need_id: NeedId,
        request: Annotated[FeedbackIn, Body(openapi_examples=FEEDBACK_EXAMPLES)],
        response: Response,
    ) -> FeedbackOut:
        """Say whether a researcher suits the need. What is said later replaces what was said before,
        and saying the same twice changes nothing."""
        with writing_as(catalogue, viewer) as connection:
            recorded = judge(connection, viewer, _judgement(need_id, request))
            found = standing_judgements(connection, viewer, need_id)
        if recorded.change != ADDED:
            response.status_code = 200
        mine = next(row for row in found if row["researcher_id"] == recorded.researcher_id)
        return FeedbackOut.model_validate(mine)

    @router.get(PATH, operation_id="listFeedback", responses=problems(404))
    def listed(viewer: CurrentViewer, need_id: NeedId) -> FeedbacksOut:
        """List the judgements that stand; a portal is told its own."""
        with reading_as(catalogue, viewer) as connection:
            found = standing_judgements(connection, viewer, need_id)
        return FeedbacksOut(items=[FeedbackOut.model_validate(row) for row in found])

    return router


def _judgement(need_id: str, said: FeedbackIn) -> Judgement:
    verdict, reason, stage = said.verdict or "", said.reason or "", said.stage or ""
    return Judgement(need_id, said.researcher_id, verdict, reason, stage)
