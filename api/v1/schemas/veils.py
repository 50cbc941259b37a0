"""A need's veil, as the API takes and shows it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.v1.schemas.needs import Prose, ShortLine
from office.veil.deciding import DecidedMark, StandingVeil, VeilDraft
from office.veil.finding import Cost, VeilProposal

Kind = Literal["company", "person", "contact", "product", "place", "number", "term"]


class CostOut(BaseModel):
    """What a veil costs the need's list, measured by making it anew."""

    kept: int = Field(description="How many of the first ten stay among the first ten.")
    of: int = Field(description="How many the first ten are.")
    places: float = Field(description="Places that they lose on average.")

    @classmethod
    def of_cost(cls, cost: Cost | None) -> "CostOut | None":
        """Return the answer for a cost."""
        return cls(kept=cost.kept, of=cost.of, places=cost.places) if cost else None


class ProposedMarkOut(BaseModel):
    """Something in the need that tells whose it is."""

    kind: Kind
    said: str
    identifies: int = Field(description="How far it identifies the company, from 0 to 100.")
    proposals: list[str] = Field(description="What could stand there instead, the best first.")
    is_proposed: bool = Field(description="Whether it is proposed to be kept secret.")
    cost: CostOut | None = Field(
        description="What the first proposal costs; null where it is not matched or not measured."
    )


class ProposalOut(BaseModel):
    """What of a need could be veiled, and what all that is proposed costs together."""

    marks: list[ProposedMarkOut]
    together: CostOut | None
    company: str = Field(description="What could stand for the company's name.")
    has_index: bool = Field(
        description="False where no index can be searched: no rare terms and no costs then."
    )

    @classmethod
    def of(cls, found: VeilProposal) -> "ProposalOut":
        """Return the answer for a proposal."""
        marks = [
            ProposedMarkOut(
                kind=mark.kind,
                said=mark.said,
                identifies=mark.identifies,
                proposals=list(mark.proposals),
                is_proposed=mark.is_proposed,
                cost=CostOut.of_cost(cost),
            )
            for mark, cost in zip(found.marks, found.costs, strict=True)
        ]
        together = CostOut.of_cost(found.together)
        told = {"company": found.company, "has_index": found.has_index}
        return cls(marks=marks, together=together, **told)


class VeilMarkIn(BaseModel):
    """A mark that was decided on."""

    model_config = ConfigDict(extra="forbid")

    said: str = Field(min_length=1, max_length=300, description="What is said in the need.")
    kind: Kind
    is_secret: bool = Field(description="Whether it must not come out before an NDA.")
    instead: str = Field("", max_length=300, description="What stands instead.")
    identifies: int = Field(0, ge=0, le=100)


class VeilIn(BaseModel):
    """A veil: the need in words that may be shown, and what is secret."""

    model_config = ConfigDict(extra="forbid")

    title: ShortLine = ""
    text: Prose = Field(min_length=2)
    constraints: Prose = ""
    horizon: ShortLine = ""
    company: ShortLine = Field("", description="What stands for the company's name.")
    marks: list[VeilMarkIn] = Field(default=[], max_length=200)

    def draft(self, version: str) -> VeilDraft:
        """Return the veil of a version of the need."""
        texts = self.model_dump(exclude={"marks"})
        marks = [DecidedMark(**mark.model_dump()) for mark in self.marks]
        return VeilDraft(**texts, marks=marks, version=version)


class KeptMarkOut(BaseModel):
    """A mark that was decided on."""

    kind: Kind
    said: str
    identifies: int
    decision: Literal["accepted", "declined"] = Field(description="accepted: it is secret.")
    instead: str


class VeilOut(BaseModel):
    """A need's veil."""

    title: str
    text: str
    constraints: str
    horizon: str
    company: str
    is_stale: bool = Field(description="Whether the need has changed since.")
    is_lifted: bool = Field(
        description="Whether an NDA holds today, so that outsiders see the need."
    )
    decided_by: str
    decided_at: datetime
    marks: list[KeptMarkOut]

    @classmethod
    def of(cls, standing: StandingVeil) -> "VeilOut":
        """Return the answer for a veil."""
        marks = [KeptMarkOut.model_validate(vars(mark)) for mark in standing.marks]
        named = {n: v for n, v in vars(standing.veil).items() if n in cls.model_fields}
        told = {"is_stale": standing.is_stale, "is_lifted": standing.is_lifted}
        return cls(**named, **told, marks=marks)
