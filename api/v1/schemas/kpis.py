"""Figures (KPI), entries of cases and odds, as the API shows and takes them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from office.cases.opening import MAX_AMOUNT_JPY
from office.cases.steps import MAX_LINE_CHARS
from office.figures.counting import Value
from office.figures.recording import EntryDraft, KeptEntry
from office.figures.review import CaseGiven, FigureView, GroupChange
from office.odds.predicting import GateOdds, OddsOfCases

Code = Annotated[str, Field(max_length=40)]
EntryKind = Literal["revenue", "contract", "indirect", "licence", "investment", "joint_patent"]
Dimension = Literal["company", "department", "means", "type", "origin"]


class KpisQuery(BaseModel):
    """Which periods and cases are counted."""

    by: Literal["quarter", "year"] = "quarter"
    period: Annotated[str, Field(max_length=6)] = Field(
        "", description="The last period, such as `2026` or `2026Q1`; without one, the present one."
    )
    company: Code = Field(
        "", description="The key of a group, as the answers of one figure have it."
    )
    department: Code = ""
    means: Code = ""
    type: Code = ""
    origin: Code = ""


class KpiQuery(KpisQuery):
    """Besides, by which groups a figure is told."""

    dimension: Dimension = "means"


class KpiValueOut(BaseModel):
    """A figure in a period; null where there is nothing to count. Shares lie between 0 and 1."""

    period: str
    value: float | None
    target: float | None
    count: int = Field(description="Over how many cases, decisions or entries it is made.")

    @classmethod
    def of(cls, value: Value) -> "KpiValueOut":
        """Return the answer for a value."""
        return cls(
            period=value.period.code, value=value.value, target=value.target, count=value.count
        )


class KpiOut(BaseModel):
    """A figure over eight periods, the last one at the end."""

    name: str
    group: Literal["finance", "speed", "learning"]
    unit: Literal["yen", "days", "share", "count"]
    title: str
    definition: str
    change: float | None = Field(description="Against the period before.")
    is_better: bool | None
    yardstick: float | None = Field(description="A clock in days, or the line to standing alone.")
    values: list[KpiValueOut]

    @classmethod
    def of(cls, view: FigureView, language: str) -> "KpiOut":
        """Return the answer for a figure."""
        figure = view.figure
        return cls.model_validate(
            {
                "name": figure.name, "group": figure.group, "unit": figure.unit,
                "title": figure.title(language), "definition": figure.definition(language),
                "change": view.change, "is_better": view.is_better,
                "yardstick": view.yardsticks[-1],
                "values": [KpiValueOut.of(value) for value in view.series],
            }
        )  # fmt: skip


class KpisOut(BaseModel):
    """All figures until a period."""

    period: str
    kpis: list[KpiOut]


class KpiGroupOut(BaseModel):
    """A figure of one group of cases, now and in the period before."""

    key: str
    name: str
    value: float | None
    before: float | None
    count: int

    @classmethod
    def of(cls, group: GroupChange) -> "KpiGroupOut":
        """Return the answer for a group."""
        return cls.model_validate(vars(group))


class KpiCaseOut(BaseModel):
    """What a case gave to a figure, now and in the period before."""

    case_id: int
    value: float | None
    before: float | None

    @classmethod
    def of(cls, case: CaseGiven) -> "KpiCaseOut":
        """Return the answer for a case."""
        return cls.model_validate(vars(case))


class KpiDetailOut(BaseModel):
    """A figure, what changed against the period before, and which cases made it."""

    kpi: KpiOut
    groups: list[KpiGroupOut]
    cases: list[KpiCaseOut]


class CaseEntryIn(BaseModel):
    """Money or joint patents of a case."""

    kind: EntryKind
    happened_on: date
    amount: Annotated[int, Field(ge=1, le=MAX_AMOUNT_JPY, strict=True)] = Field(
        description="Yen, or a number of patents."
    )
    note: Annotated[str, Field(max_length=MAX_LINE_CHARS)] = ""

    def draft(self) -> EntryDraft:
        """Return what the office is given."""
        return EntryDraft(self.kind, self.happened_on, self.amount, self.note)


class CaseEntryOut(BaseModel):
    """An entry of a case that stands."""

    entry_id: int
    case_id: int
    kind: EntryKind
    happened_on: date
    amount: int
    note: str

    @classmethod
    def of(cls, kept: KeptEntry) -> "CaseEntryOut":
        """Return the answer for an entry."""
        return cls.model_validate({**vars(kept), "happened_on": kept.day})


class CaseEntriesOut(BaseModel):
    """The entries of a case, the newest day first."""

    entries: list[CaseEntryOut]


class GateOddsOut(BaseModel):
    """The chance to reach a stage within two years; where `silent` says why not, nothing is said."""

    stage: str
    ended: int = Field(
        description="Stays that ended at the stage on the way of which the fewest did."
    )
    silent: Literal["", "few_cases", "few_at_stage", "too_wide"]
    chance: float | None
    low: float | None = Field(description="The 5th percentile of what the chance may be.")
    high: float | None = Field(description="The 95th percentile.")
    days: tuple[int, int, int] | None = Field(
        description="Business days from now, of those who reach it: 10th, 50th and 90th percentile."
    )

    @classmethod
    def of(cls, odds: GateOdds, stages: tuple[str, ...]) -> "GateOddsOut":
        """Return the answer for a gate."""
        return cls.model_validate({**vars(odds), "stage": stages[odds.stage]})


class TrackRecordOut(BaseModel):
    """How odds as of past quarters did, each learned from what was known then."""

    since: datetime | None = Field(description="Null: no past quarter in which odds were said.")
    cases: int = Field(description="Cases of which something was said.")
    expected: float = Field(description="Passed gates that the odds of the time let expect.")
    corrected: float = Field(description="The same, corrected by the past that was known then.")
    happened: int = Field(description="Gates that were passed.")


class CaseOddsOut(BaseModel):
    """The odds of each stage still before a case, the next first; empty for one that ended."""

    odds: list[GateOddsOut]
    cases: int = Field(description="Cases on whose ended stays the odds rest.")
    record: TrackRecordOut

    @classmethod
    def of(cls, learned: OddsOfCases, case_id: int, stages: tuple[str, ...]) -> "CaseOddsOut":
        """Return the answer for a case."""
        odds = [GateOddsOut.of(gate, stages) for gate in learned.of_case(case_id)]
        record = TrackRecordOut.model_validate(learned.record, from_attributes=True)
        return cls(odds=odds, cases=learned.cases, record=record)
