"""Estimates and plans of cases as the API shows and takes them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from office.estimates.amounts import (
    MAX_LINES,
    MAX_NOTE_CHARS,
    MAX_TEXT_CHARS,
    MAX_UNIT_JPY,
    MAX_YEARS,
    CostLine,
    Estimate,
    Percentages,
    YearTotal,
    quantity_in,
    rate_in,
)
from office.estimates.kept import KeptEstimate
from office.plans.kept import MAX_SECTION_CHARS, KeptPlan

CostKind = Literal[
    "people", "equipment", "facilities", "travel", "outsourcing", "consumables", "advice", "data",
]  # fmt: skip
EstimateState = Literal["draft", "asked", "checked", "returned"]
SectionName = Literal[
    "outline", "need", "wishes", "team", "evidence", "means", "stages", "estimate", "risks",
    "screens", "next",
]  # fmt: skip
Percent = Annotated[str, StringConstraints(max_length=10)]
Told = Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS)]


class EstimateLine(BaseModel):
    """A line: unit price × quantity, fractions of a yen cut off."""

    model_config = ConfigDict(extra="forbid")

    year: Annotated[int, Field(ge=1, le=MAX_YEARS)] = Field(1, description="1 is the first year.")
    kind: CostKind
    text: Told = Field(examples=["Associate professor"])
    unit_jpy: Annotated[int, Field(ge=0, le=MAX_UNIT_JPY, strict=True)] = Field(examples=[8000])
    quantity: Percent = Field("1", description="At most two decimals.", examples=["120"])


class EstimateIn(BaseModel):
    """An estimate as it is to be; percentages that are not named are those of the settings."""

    model_config = ConfigDict(extra="forbid")

    title: Told
    years: Annotated[int, Field(ge=1, le=MAX_YEARS)] = 1
    first_year: int = Field(0, description="A fiscal year such as 2027; 0: open.")
    indirect_percent: Percent | None = None
    strategic_percent: Percent | None = None
    tax_percent: Percent | None = None
    lines: Annotated[list[EstimateLine], Field(min_length=1, max_length=MAX_LINES)]
    note: Annotated[str, StringConstraints(max_length=MAX_NOTE_CHARS)] = ""

    def estimate(self, usual: dict[str, str]) -> Estimate:
        """Return the estimate; raises InputError. `usual` are the percentages of the settings."""
        told = {name: getattr(self, name) or usual[name] for name in usual}
        rates = Percentages(
            *(rate_in(told[f"{name}_percent"], name) for name in ("indirect", "strategic", "tax"))
        )
        lines = tuple(
            CostLine(one.year, one.kind, one.text, one.unit_jpy, quantity_in(one.quantity))
            for one in self.lines
        )
        return Estimate(self.title, self.years, rates, lines, self.first_year, self.note)


class EstimateSums(BaseModel):
    """What a year, or all of them, cost in yen."""

    direct_jpy: int
    indirect_jpy: int
    strategic_jpy: int
    fees_jpy: int
    net_jpy: int
    tax_jpy: int
    total_jpy: int

    @classmethod
    def of(cls, sums: YearTotal) -> "EstimateSums":
        """Return it as it is shown."""
        return cls(**{name: getattr(sums, name) for name in cls.model_fields})


class EstimateOut(BaseModel):
    """A version of an estimate."""

    estimate_id: int
    version: int
    case_id: int
    title: str
    state: EstimateState
    years: int
    first_year: int
    indirect_percent: str
    strategic_percent: str
    tax_percent: str
    lines: list[EstimateLine]
    note: str
    by_year: list[EstimateSums]
    total: EstimateSums
    made_by: str
    made_at: datetime
    checked_by: str
    checked_at: datetime | None
    remark: str

    @classmethod
    def of(cls, kept: KeptEstimate) -> "EstimateOut":
        """Return it as it is shown."""
        said, rates = kept.estimate, kept.estimate.rates
        names = (
            "estimate_id", "version", "case_id", "state", "made_by", "made_at", "checked_by",
            "checked_at", "remark",
        )  # fmt: skip
        lines = [
            EstimateLine(
                year=one.year, kind=one.kind, text=one.text, unit_jpy=one.unit_jpy,
                quantity=str(one.quantity),
            )
            for one in said.lines
        ]  # fmt: skip
        return cls(
            **{name: getattr(kept, name) for name in names}, title=said.title, years=said.years,
            first_year=said.first_year, indirect_percent=str(rates.indirect),
            strategic_percent=str(rates.strategic), tax_percent=str(rates.tax), lines=lines,
            note=said.note, by_year=[EstimateSums.of(one) for one in said.by_year()],
            total=EstimateSums.of(said.total()),
        )  # fmt: skip


class EstimatesOut(BaseModel):
    """The estimates of a case, or the versions of one, the newest first."""

    estimates: list[EstimateOut]


class EstimateCheckIn(BaseModel):
    """What is done of a check: `ask` for it, `accept`, or `return` it with a remark."""

    model_config = ConfigDict(extra="forbid")

    do: Literal["ask", "accept", "return"]
    remark: Annotated[str, StringConstraints(max_length=5_000)] = ""


class PlanSectionOut(BaseModel):
    """A section of a plan."""

    name: SectionName
    text: str
    is_edited: bool


class PlanOut(BaseModel):
    """A plan in a language; version 0 is the draft of what is known now."""

    case_id: int
    language: Literal["ja", "en"]
    version: int
    sections: list[PlanSectionOut]
    estimate_id: int
    estimate_version: int
    made_by: str
    made_at: datetime | None

    @classmethod
    def of(cls, plan: KeptPlan) -> "PlanOut":
        """Return it as it is shown."""
        sections = [
            PlanSectionOut.model_validate(
                {"name": one.name, "text": one.text, "is_edited": one.is_edited}
            )
            for one in plan.sections
        ]
        names = ("case_id", "language", "version", "estimate_id", "estimate_version", "made_by")
        return cls(
            **{name: getattr(plan, name) for name in names}, sections=sections,
            made_at=plan.made_at,
        )  # fmt: skip


class PlanIn(BaseModel):
    """Sections as they are to be; those that are not named stay, those of `anew` are drafted again."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["ja", "en"] = "ja"
    sections: dict[SectionName, Annotated[str, StringConstraints(max_length=MAX_SECTION_CHARS)]] = (
        Field(default_factory=dict)
    )
    anew: list[SectionName] = Field(default_factory=list, max_length=11)


class PlanQuery(BaseModel):
    """Which plan is read."""

    language: Literal["ja", "en"] = "ja"
    version: int | None = Field(None, ge=0, description="0: the draft of now; none: the newest.")
