"""The route of the clinic: which questions to ask of a need, and its list with the answers."""

from typing import Literal

import anyio
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import OF_NEED, CurrentViewer, NeedId, Services, problems
from api.middleware.rate_limits import SEARCHES
from api.v1.json_bodies import Router
from catalogue.database.viewer import Viewer
from enmusubi.translation import translations
from office.access.access_log import note_reading
from office.access.rules import VEIL, require
from office.access.scoped import reading_as, writing_as
from office.clinic.choosing import Consultation, consult, people_of
from office.clinic.purpose import (
    check_may_consult,
    keep_purpose,
    proposed_purpose,
    purpose_of,
)
from office.needs.reading import SeenNeed, need_of

QuestionId = Literal["what", "whom", "value", "tried", "success", "secret"]


class AnswersIn(BaseModel):
    """Answers that were given so far."""

    model_config = ConfigDict(extra="forbid")

    answers: dict[QuestionId, str] = Field(
        default={}, description="By the question's id, in words.", examples=[{"whom": "食品工場"}]
    )


class PlausibleAnswerOut(BaseModel):
    """An answer that may be given."""

    text: str
    probability: float = Field(description="How plausible it is beside the others.")
    change: float = Field(description="By how much it changes the list, from 0 to 1.")


class AskedQuestionOut(BaseModel):
    """A question with its plausible answers."""

    question_id: QuestionId
    text: str
    expected_change: float = Field(description="Of the list, over the plausible answers.")
    answers: list[PlausibleAnswerOut]


class ConsultationOut(BaseModel):
    """A need with the answers given so far, and what to ask next."""

    is_vague: bool
    text: str = Field(description="The need's text with the answers. Nothing is stored.")
    researcher_ids: list[str] = Field(description="The first ten with the answers.")
    before: list[str] = Field(description="The first ten without them.")
    questions: list[AskedQuestionOut] = Field(description="Those first that change the list most.")
    purpose: str = Field(description="The purpose that was kept, else a draft of one.")

    @classmethod
    def of(cls, found: Consultation, purpose: str) -> "ConsultationOut":
        """Return the answer for a consultation."""
        language = found.vagueness.language
        questions = [
            AskedQuestionOut.model_validate(
                {
                    "question_id": one.question_id,
                    "text": translations(language).say(one.text),
                    "expected_change": round(one.expected, 4),
                    "answers": [vars(answer) for answer in one.answers],
                }
            )
            for one in found.questions
        ]
        return cls(
            is_vague=found.vagueness.is_vague,
            text=found.text,
            researcher_ids=people_of(found.matches),
            before=people_of(found.before),
            questions=questions,
            purpose=purpose,
        )


class PurposeIn(BaseModel):
    """A need's purpose in one sentence; empty takes it away."""

    model_config = ConfigDict(extra="forbid")

    purpose: str = Field(max_length=300)


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["clinic"])

    @router.post(
        f"{OF_NEED}/clinic",
        operation_id="consultNeed",
        responses=problems(404, 413, 503),
        dependencies=SEARCHES,
    )
    async def ask(viewer: CurrentViewer, need_id: NeedId, request: AnswersIn) -> ConsultationOut:
        """Return the questions whose answers would change the need's list the most, and its list.

        The list is made anew for about twenty answers, which takes some seconds. Nothing is stored.
        """
        require(viewer, VEIL)
        need, kept = await anyio.to_thread.run_sync(_read, services, viewer, need_id)
        given: dict[str, str] = {str(one): said for one, said in request.answers.items()}
        found = await consult(services.matching, viewer, need.as_need(), given)
        draft = proposed_purpose(need.title, found.before, given, found.vagueness.language)
        return ConsultationOut.of(found, kept or draft)

    @router.put(f"{OF_NEED}/purpose", operation_id="setPurpose", responses=problems(404, 413))
    def set_purpose(viewer: CurrentViewer, need_id: NeedId, request: PurposeIn) -> PurposeIn:
        """Keep a need's purpose in one sentence."""
        require(viewer, VEIL)
        with writing_as(services.catalogue, viewer) as connection:
            return PurposeIn(purpose=keep_purpose(connection, viewer, need_id, request.purpose))

    return router


def _read(services: Services, viewer: Viewer, need_id: str) -> tuple[SeenNeed, str]:
    with reading_as(services.catalogue, viewer) as connection:
        need = need_of(connection, viewer, need_id)
        check_may_consult(viewer, need)
        kept = purpose_of(connection, viewer, need_id)
    note_reading(services.catalogue, viewer, need, "clinic")
    return need, kept
