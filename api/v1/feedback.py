"""The routes of feedback: who suits a need and who does not, and why."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Body, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from sqlalchemy import Connection

from api.dependencies import OF_NEED, AnId, CurrentViewer, NeedId, Services, allowed, problems
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from catalogue.database.viewer import Viewer
from catalogue.judgements.judgements import Judgement
from catalogue.records.drafts import ADDED
from office.access.access_log import note_naming
from office.access.rules import JUDGE
from office.access.scoped import reading_as, writing_as
from office.needs.judging import judge, standing_judgements
from office.needs.reading import need_of

PATH = f"{OF_NEED}/feedback"
Verdict = Literal["suitable", "not_suitable"]
Reason = Literal[
    "too_early",
    "no_benefit",
    "no_commercial_route",
    "description_vague",
    "wrong_field",
    "no_capacity",
    "conflict",
    "other",
]
Stage = Literal[
    "discovery", "dialogue", "nda", "small_prototype", "full_prototype", "deployment", "declined"
]
_REJECTION: JsonDict = {
    "properties": {"verdict": {"const": "not_suitable"}, "reason": {"type": "string"}},
    "required": ["verdict", "reason"],
}
_OTHER: JsonDict = {
    "properties": {"verdict": {"enum": ["suitable", None]}, "reason": {"type": "null"}},
    "anyOf": [
        {"properties": {"verdict": {"const": "suitable"}}, "required": ["verdict"]},
        {"properties": {"stage": {"type": "string"}}, "required": ["stage"]},
    ],
}


class FeedbackIn(BaseModel):
    """What you say of a researcher for a need: a verdict, how far the two came, or both."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"oneOf": [_REJECTION, _OTHER]})

    researcher_id: AnId = Field(examples=["HU-0102"])
    verdict: Verdict | None = Field(None, description="A stage alone means suitable.")
    reason: Reason | None = Field(
        None, description="Why not; required for not_suitable, and for nothing else."
    )
    stage: Stage | None = Field(None, description="How far company and researcher came.")

    @model_validator(mode="after")
    def _whole(self) -> "FeedbackIn":
        if self.verdict is None and self.stage is None:
            raise ValueError("give a verdict, a stage, or both")
        if (self.verdict == "not_suitable") != (self.reason is not None):
            raise ValueError("give a reason with the verdict not_suitable, and only with it")
        return self


class FeedbackOut(BaseModel):
    """A judgement that stands."""

    researcher_id: str
    verdict: str = Field(examples=["not_suitable"])
    reason: str = Field(examples=["too_early"])
    stage: str = Field(examples=["dialogue"])
    rank: int | None = Field(description="Where the researcher stood when the list was shown.")
    judged_by: str = Field(examples=["machine:portal-1"])
    judged_at: datetime


class FeedbacksOut(BaseModel):
    """The latest judgement of every researcher judged for the need, in the order of time."""

    items: list[FeedbackOut]


FEEDBACK_EXAMPLES: dict[str, Any] = {
    "suitable": {
        "summary": "Suitable, and a talk was held",
        "value": {"researcher_id": "HU-0102", "verdict": "suitable", "stage": "dialogue"},
    },
    "not_suitable": {
        "summary": "Not suitable, with the reason",
        "value": {"researcher_id": "HU-0102", "verdict": "not_suitable", "reason": "too_early"},
    },
}


def build_router(services: Services) -> Router:
    """Return the routes of feedback."""
    router = Router(tags=["feedback"])
    catalogue = services.catalogue

    @router.post(
        PATH,
        operation_id="giveFeedback",
        status_code=201,
        response_model=FeedbackOut,
        dependencies=allowed(JUDGE),
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
        judgement, content = _judgement(need_id, request), (f"{need_id}/feedback", request)
        with writing_as(catalogue, viewer) as connection:
            make = lambda: _made(connection, viewer, judgement)  # noqa: E731
            still = lambda connection, _: need_of(connection, viewer, need_id)  # noqa: E731
            return create_once(connection, viewer, key, content, make, still=still)

    @router.get(PATH, operation_id="listFeedback", responses=problems(404))
    def listed(viewer: CurrentViewer, need_id: NeedId) -> FeedbacksOut:
        """List the judgements that stand; a portal is told its own."""
        with reading_as(catalogue, viewer) as connection:
            found = standing_judgements(connection, viewer, need_id)
        note_naming(catalogue, viewer, [need_id], "feedback")
        return FeedbacksOut(items=[FeedbackOut.model_validate(row) for row in found])

    return router


def _made(connection: Connection, viewer: Viewer, judgement: Judgement) -> Creation:
    recorded = judge(connection, viewer, judgement)
    found = standing_judgements(connection, viewer, judgement.need_id)
    mine = next(row for row in found if row["researcher_id"] == recorded.researcher_id)
    status = 201 if recorded.change == ADDED else 200
    return Creation(FeedbackOut.model_validate(mine), status=status)


def _judgement(need_id: str, said: FeedbackIn) -> Judgement:
    verdict, reason, stage = said.verdict or "", said.reason or "", said.stage or ""
    return Judgement(need_id, said.researcher_id, verdict, reason, stage)
