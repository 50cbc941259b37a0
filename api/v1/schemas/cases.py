"""Cases, their gates and decisions as the API shows and takes them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.dependencies import AnId, Line, NextCursor, PageQuery
from catalogue.database.viewer import Viewer
from enmusubi.case_settings import CaseGate, CaseStage
from office.cases.changing import CaseChange
from office.cases.deciding import GateChoice
from office.cases.decisions import KeptDecision
from office.cases.gates import Gate
from office.cases.kept import KeptCase
from office.cases.listing import CaseFilter
from office.cases.opening import MAX_AMOUNT_JPY, MAX_PEOPLE, CaseDraft
from office.cases.steps import MAX_LINE_CHARS, MAX_TEXT_CHARS

MeansCode = Literal[
    "", "joint_research", "licence_out", "licence_in", "alliance", "cvc", "accelerator",
    "joint_venture", "m_and_a", "consulting",
]  # fmt: skip
State = Literal["active", "running", "held", "declined", "completed", "all"]
Due = Literal["", "overdue", "due_soon", "attention", "paused", "to_decide"]
Order = Literal["due", "opened", "changed", "stage", "company", "amount"]
Turn = Literal["office", "company"]
Reason = Literal[
    "", "too_early", "no_benefit", "no_commercial_route", "description_vague", "wrong_field",
    "no_capacity", "conflict", "other",
]  # fmt: skip
Short = Annotated[str, StringConstraints(max_length=MAX_LINE_CHARS)]
Prose = Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS)]
People = Annotated[list[AnId], Field(max_length=MAX_PEOPLE)]
Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT_JPY, strict=True)]


class CasesQuery(PageQuery):
    """Which cases are listed; without a filter, those that run or are held."""

    state: State = "active"
    stage: CaseStage | Literal[""] = ""
    means: MeansCode = ""
    due: Due = Field("", description="`to_decide`: gates that wait for a decision of your role.")
    turn: Turn | Literal[""] = ""
    manager: Line = ""
    need_id: Line = ""
    organisation_id: Line = ""
    researcher_id: Line = ""
    order: Order = "due"

    def wanted(self) -> CaseFilter:
        """Return what the office is asked."""
        return CaseFilter(**self.model_dump(exclude={"cursor", "limit"}))


class CaseIn(BaseModel):
    """A case to be opened. A portal says its need, people of its released lists, and a note alone."""

    model_config = ConfigDict(extra="forbid")

    need_id: Line = Field("", description="Without one, `title` is needed.", examples=["N-01"])
    title: Short = ""
    company: Short = ""
    researcher_ids: People = Field(default_factory=list, examples=[["HU-0102"]])
    lead: Line = ""
    means: MeansCode = ""
    amount_jpy: Amount | None = None
    next_step: Short = ""
    manager: Line = Field("", description="Login; without one, the need's manager, else you.")
    is_closed: bool = Field(False, description="Of a case without a need: few see it.")
    origin: Literal["list", "team", "release", "hand"] = "hand"
    note: Prose = ""

    def draft(self) -> CaseDraft:
        """Return the case."""
        values = self.model_dump() | {"researcher_ids": tuple(self.researcher_ids)}
        return CaseDraft(**values)


class CasePatch(BaseModel):
    """What of a case is changed; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    title: Short | None = None
    company: Short | None = None
    means: MeansCode | None = None
    amount_jpy: Amount | None = Field(None, description="null, where it is named, takes it away.")
    next_step: Short | None = None
    manager: Line | None = None
    researcher_ids: People | None = None
    lead: Line | None = None

    def change(self) -> CaseChange:
        """Return the change."""
        people = None if self.researcher_ids is None else tuple(self.researcher_ids)
        clears = "amount_jpy" in self.model_fields_set and self.amount_jpy is None
        values = self.model_dump() | {"researcher_ids": people, "clears_amount": clears}
        return CaseChange(**values)


class TurnIn(BaseModel):
    """Whose turn it is."""

    model_config = ConfigDict(extra="forbid")

    turn: Turn


class GateDecisionIn(BaseModel):
    """What is decided at a case's gate."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["go", "hold", "stop", "recycle"]
    criteria: dict[str, Literal["met", "unmet", "not_applicable"]] = Field(
        default_factory=dict, description="By the criterion's id; unmet where it is not named."
    )
    reason: Prose = Field(
        "", description="Needed unless it is a go with everything met and no gate passed over."
    )
    reason_code: Reason = Field("", description="Needed for a stop.")
    to_stage: CaseStage | Literal[""] = Field(
        "", description="Empty: the next stage for a go, this one for a recycle."
    )

    def choice(self) -> GateChoice:
        """Return the decision."""
        return GateChoice(
            self.decision, self.criteria, self.reason, self.reason_code, self.to_stage
        )


class CasePersonOut(BaseModel):
    """A researcher in a case."""

    researcher_id: str
    name_ja: str
    name_en: str
    is_lead: bool


class CaseOut(BaseModel):
    """A case. Portals are told need, title, company, stage, state, turn and times; the rest is empty."""

    case_id: int = Field(
        description="Portals are told a number of their own, which tells no count."
    )
    need_id: str
    title: str
    company: str
    is_closed: bool = Field(description="Few may see it.")
    stage: CaseStage
    state: Literal["running", "held", "declined", "completed"]
    reason: Reason = Field(description="Why it was declined.")
    gate: CaseGate | Literal[""] = Field(description="The gate before which it stands.")
    means: MeansCode
    amount_jpy: int | None
    next_step: str
    manager: str
    turn: Turn
    due_on: date | None = Field(description="Last day of its clock; null: none runs.")
    days_left: int | None = Field(description="Business days left where the clock stands.")
    submitted_at: datetime | None = Field(description="Since when the gate waits for its decision.")
    stage_since: datetime
    opened_at: datetime
    changed_at: datetime
    version: int
    may_change: bool
    people: list[CasePersonOut]

    @classmethod
    def of(cls, case: KeptCase, viewer: Viewer) -> "CaseOut":
        """Return the answer for a case, by the number by which the viewer knows it."""
        people = [
            CasePersonOut(
                researcher_id=one.card.researcher_id,
                name_ja=one.card.name_ja,
                name_en=one.card.name_en,
                is_lead=one.is_lead,
            )
            for one in case.people
        ]
        names = set(cls.model_fields) - {"case_id", "people"}
        said = {name: getattr(case, name) for name in names}
        return cls(case_id=case.number_for(viewer), people=people, **said)


class CasesOut(BaseModel):
    """Cases, in the order wanted."""

    items: list[CaseOut]
    next_cursor: NextCursor


class CriterionOut(BaseModel):
    """What is looked at before a gate is opened."""

    id: str
    ja: str
    en: str


class LookedOut(CriterionOut):
    """A criterion with what was found of it."""

    answer: Literal["met", "unmet", "not_applicable"]


class GateOut(BaseModel):
    """A gate: who decides it besides the chief, what is looked at, its version."""

    gate: CaseGate
    roles: list[str]
    criteria: list[CriterionOut]
    version: int

    @classmethod
    def of(cls, gate: Gate) -> "GateOut":
        """Return the answer for a gate."""
        criteria = [CriterionOut(**vars(one)) for one in gate.criteria]
        return cls(
            gate=gate.name,
            roles=list(gate.roles),
            criteria=criteria,
            version=gate.version,
        )


class GatesOut(BaseModel):
    """The gates in force, in their order."""

    gates: list[GateOut]


class DecisionOut(BaseModel):
    """What was decided at a gate."""

    decision_id: int
    gate: CaseGate
    decision: Literal["go", "hold", "stop", "recycle"]
    from_stage: CaseStage
    to_stage: CaseStage
    skipped: list[CaseGate]
    criteria: list[LookedOut]
    reason: str
    decided_by: str
    role: str
    decided_at: datetime
    due_on: date | None = Field(description="What the clock said then.")
    decided_for: str = Field(description="The login of who was away, whose role it is; or empty.")

    @classmethod
    def of(cls, kept: KeptDecision) -> "DecisionOut":
        """Return the answer for a decision."""
        looked = [LookedOut(**vars(one.criterion), answer=one.answer) for one in kept.looked]
        names = set(cls.model_fields) - {"criteria", "skipped"}
        said = {name: getattr(kept, name) for name in names}
        return cls(criteria=looked, skipped=list(kept.skipped), **said)


class DecisionsOut(BaseModel):
    """The decisions on a case, the newest first."""

    decisions: list[DecisionOut]
