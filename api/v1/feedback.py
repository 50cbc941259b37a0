"""The routes of feedback: who suits a need and who does not, and why."""

from typing import Annotated

from fastapi import APIRouter, Body, Response
from sqlalchemy import Connection

from api.authentication import CurrentViewer
from api.parameters import NeedId, problems
from api.services import Services
from api.v1.idempotency import IdempotencyKey, Made, created_once
from api.v1.paths import OF_NEED
from api.v1.schemas.feedback import FEEDBACK_EXAMPLES, FeedbackIn, FeedbackOut, FeedbacksOut
from catalogue.database.viewer import Viewer
from catalogue.judgements.judgements import Judgement
from catalogue.records.drafts import ADDED
from office.access.access_log import note_naming
from office.access.rules import JUDGE, require
from office.access.scoped import reading_as, writing_as
from office.needs.judging import judge, standing_judgements

PATH = f"{OF_NEED}/feedback"


def build_router(services: Services) -> APIRouter:
    """Return the routes of feedback."""
    router = APIRouter(tags=["feedback"])
    catalogue = services.catalogue

    @router.post(
        PATH,
        operation_id="giveFeedback",
        status_code=201,
        response_model=FeedbackOut,
        responses=problems(404, 413)
        | {200: {"description": "You said the same before", "model": FeedbackOut}},
    )
    def give(
        viewer: CurrentViewer,
        need_id: NeedId,
        request: Annotated[FeedbackIn, Body(openapi_examples=FEEDBACK_EXAMPLES)],
        key: IdempotencyKey = None,
    ) -> Response:
        """Say whether a researcher suits the need. What is said later replaces what was said before,
        and saying the same twice changes nothing."""
        require(viewer, JUDGE)
        judgement, asked = _judgement(need_id, request), (f"{need_id}/feedback", request)
        with writing_as(catalogue, viewer) as connection:
            make = lambda: _made(connection, viewer, judgement)  # noqa: E731
            return created_once(connection, viewer, key, asked, make)

    @router.get(PATH, operation_id="listFeedback", responses=problems(404))
    def listed(viewer: CurrentViewer, need_id: NeedId) -> FeedbacksOut:
        """List the judgements that stand; a portal is told its own."""
        with reading_as(catalogue, viewer) as connection:
            found = standing_judgements(connection, viewer, need_id)
        note_naming(catalogue, viewer, [need_id], "feedback")
        return FeedbacksOut(items=[FeedbackOut.model_validate(row) for row in found])

    return router


def _made(connection: Connection, viewer: Viewer, judgement: Judgement) -> Made:
    recorded = judge(connection, viewer, judgement)
    found = standing_judgements(connection, viewer, judgement.need_id)
    mine = next(row for row in found if row["researcher_id"] == recorded.researcher_id)
    status = 201 if recorded.change == ADDED else 200
    return Made(FeedbackOut.model_validate(mine), status=status)


def _judgement(need_id: str, said: FeedbackIn) -> Judgement:
    verdict, reason, stage = said.verdict or "", said.reason or "", said.stage or ""
    return Judgement(need_id, said.researcher_id, verdict, reason, stage)
