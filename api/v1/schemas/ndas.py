"""NDAs with companies, as the API shows and takes them."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import AnId, Line, NextCursor
from office.companies.ndas import KeptNda, NdaDraft


class NdaOut(BaseModel):
    """An NDA with a company: for all its needs, or for one."""

    nda_id: int
    organisation_id: str
    need_id: str = Field(description="Empty where it holds for all needs of the company.")
    signed_on: date
    valid_until: date | None = Field(description="The last day on which it holds; null: no end.")
    state: str = Field(
        description="Today: holds, ended, later (not signed yet), withdrawn.", examples=["holds"]
    )
    remark: str
    recorded_by: str
    recorded_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, kept: KeptNda) -> "NdaOut":
        """Return the answer for an NDA."""
        return cls.model_validate({**vars(kept), "state": kept.state(date.today())})


class NdasOut(BaseModel):
    """A page of NDAs, the newest first."""

    items: list[NdaOut]
    next_cursor: NextCursor


class NdaIn(BaseModel):
    """An NDA to be recorded. One of the same company, need and day of signing gets the new end and remark."""

    model_config = ConfigDict(extra="forbid")

    company: AnId = Field(
        description="The company's organisation_id, or its name.", examples=["org-4f1c7a527d0e4a8e"]
    )
    signed_on: date
    valid_until: date | None = None
    need_id: Line = Field("", description="For this need alone.")
    remark: str = Field("", max_length=2_000)

    def draft(self) -> NdaDraft:
        """Return what is to be recorded."""
        return NdaDraft(**self.model_dump())
