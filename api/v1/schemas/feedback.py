"""Feedback on a need's researchers, as the API takes and shows it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from api.parameters import AnId

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
