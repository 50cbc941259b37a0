"""Projects and what belongs to them as the API shows and takes them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import AnId, Line, NextCursor, PageQuery
from api.v1.schemas.cases import Prose, Short
from enmusubi.case_settings import CaseStage
from office.cases.opening import MAX_AMOUNT_JPY
from office.projects import drafts
from office.projects.kept import KeptProject
from office.projects.lights import ProjectLights
from office.projects.portfolio import Allocation, PortfolioRow

Color = Literal["green", "amber", "red", "grey"]
EntryName = Literal[
    "part", "share", "milestone", "budget", "spending", "risk", "minutes", "action"
]  # fmt: skip
LightName = Literal["schedule", "money", "risks", "people"]
Scale = Annotated[int, Field(ge=1, le=drafts.WORST, strict=True)]
EntryNumber = Annotated[int, Field(ge=1, lt=2**63, strict=True)]
Yen = Annotated[int, Field(ge=-MAX_AMOUNT_JPY, le=MAX_AMOUNT_JPY, strict=True)]


class _EntryIn(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PartIn(_EntryIn):
    """A sub-project."""

    entry: Literal["part"]
    name: Short
    lead: Line = Field("", description="Id of a researcher.")
    starts_on: date | None = None
    ends_on: date | None = None
    state: Literal["planned", "running", "done", "dropped"] = "planned"


class ShareIn(_EntryIn):
    """The share of a researcher's time, to the end of `until`."""

    entry: Literal["share"]
    researcher_id: AnId
    percent: Annotated[int, Field(ge=1, le=drafts.FULL_TIME, strict=True)]
    since: date
    until: date
    part_id: EntryNumber | None = None


class MilestoneIn(_EntryIn):
    """A milestone; `actual_on` for one that was reached."""

    entry: Literal["milestone"]
    name: Short
    planned_on: date
    actual_on: date | None = None
    state: Literal["planned", "reached", "dropped"] = "planned"
    part_id: EntryNumber | None = None


class BudgetIn(_EntryIn):
    """A line of the budget."""

    entry: Literal["budget"]
    name: Short
    kind: Literal[
        "people", "equipment", "facilities", "travel", "outsourcing", "indirect", "other"
    ]  # fmt: skip
    amount_jpy: Yen


class SpendingIn(_EntryIn):
    """What was spent on a line of the budget; negative for what came back."""

    entry: Literal["spending"]
    budget_id: EntryNumber
    amount_jpy: Yen
    spent_on: date
    voucher: Short = ""
    note: Short = ""


class RiskIn(_EntryIn):
    """A risk; probability and impact from 1 (very low) to 5."""

    entry: Literal["risk"]
    name: Short
    probability: Scale
    impact: Scale
    owner: Line = Field("", description="Login of who answers for it.")
    measure: Prose = ""
    state: Literal["open", "treated", "occurred", "closed"] = "open"


class MinutesIn(_EntryIn):
    """Minutes of a meeting."""

    entry: Literal["minutes"]
    held_on: date
    name: Short
    text: Prose = ""
    decisions: Prose = ""


class ActionIn(_EntryIn):
    """What somebody of the office does until a day."""

    entry: Literal["action"]
    name: Short
    owner: Line = Field(description="Login.")
    due_on: date
    done_on: date | None = None
    minutes_id: EntryNumber | None = None


EntryIn = Annotated[
    PartIn | ShareIn | MilestoneIn | BudgetIn | SpendingIn | RiskIn | MinutesIn | ActionIn,
    Field(discriminator="entry"),
]


def draft_of(sent: EntryIn) -> drafts.Draft:
    """Return what was sent as a draft."""
    made: drafts.Draft = drafts.KINDS[sent.entry].draft(**sent.model_dump(exclude={"entry"}))
    return made


class PeriodIn(BaseModel):
    """From when to when a project runs."""

    model_config = ConfigDict(extra="forbid")

    starts_on: date | None = None
    ends_on: date | None = None


class LightIn(BaseModel):
    """A light by hand, why, and until the end of which day; an empty one lets it be computed again."""

    model_config = ConfigDict(extra="forbid")

    light: Literal["", "green", "amber", "red"]
    reason: Prose = ""
    until: date | None = None


class LightOut(BaseModel):
    """A light and why it is so."""

    color: Color
    reason: str = Field(description="In English.")


class LightsOut(BaseModel):
    """The lights of a project; that of its money is told to those who handle it."""

    whole: LightOut
    by_hand: bool
    of: dict[LightName, LightOut]

    @classmethod
    def told(cls, lights: ProjectLights) -> "LightsOut":
        """Return the answer for lights."""
        of: dict[Any, LightOut] = {
            name: LightOut(color=one.color, reason=str(one.reason))
            for name, one in lights.of.items()
        }
        whole = LightOut(color=lights.whole.color, reason=str(lights.whole.reason))
        return cls(whole=whole, by_hand=lights.by_hand, of=of)


class EntryOut(BaseModel):
    """Something that belongs to a project: its kind, its number, and what it says by its kind's names."""

    entry: EntryName
    entry_id: int
    changed_by: str
    changed_at: datetime
    said: dict[str, Any]


class ProjectOut(BaseModel):
    """A project and all that belongs to it; money for those who handle it alone."""

    case_id: int
    title: str
    company: str
    stage: CaseStage
    state: Literal["running", "held", "declined", "completed"]
    manager: str
    starts_on: date | None
    ends_on: date | None
    version: int
    may_change: bool
    handles_money: bool
    budget_jpy: int | None
    spent_jpy: int | None
    lights: LightsOut
    entries: list[EntryOut]

    @classmethod
    def of(cls, row: PortfolioRow) -> "ProjectOut":
        """Return the answer for a project."""
        project, case = row.project, row.project.case
        return cls(
            case_id=case.case_id,
            title=case.title,
            company=case.company,
            stage=case.stage,
            state=case.state,
            manager=case.manager,
            starts_on=project.starts_on,
            ends_on=project.ends_on,
            version=project.version,
            may_change=project.may_change,
            handles_money=project.handles_money,
            budget_jpy=project.budget_jpy if project.handles_money else None,
            spent_jpy=project.spent_jpy if project.handles_money else None,
            lights=LightsOut.told(row.lights),
            entries=list(_entries(project)),
        )


def _entries(project: KeptProject) -> list[EntryOut]:
    return [
        EntryOut(
            entry=kind,
            entry_id=one.entry_id,
            changed_by=one.changed_by,
            changed_at=one.changed_at,
            said=dict(vars(one.said)),
        )
        for kind, entries in project.entries.items()
        for one in entries
    ]


class ProjectsQuery(PageQuery):
    """Which projects are listed; without a filter, those of cases that run or are held."""

    light: Color | Literal[""] = ""
    state: Literal["active", "running", "held", "declined", "completed", "all"] = "active"
    stage: Literal["", "small_prototype", "full_prototype", "deployment"] = ""
    manager: Line = ""
    due: Literal["", "overdue", "soon"] = ""


class ProjectsOut(BaseModel):
    """Projects by number."""

    items: list[ProjectOut]
    next_cursor: NextCursor


class PersonTimeOut(BaseModel):
    """The time of a person: the greatest sum of shares in each of the months, in percent."""

    researcher_id: str
    name_ja: str
    name_en: str
    months: list[int]
    is_overloaded: bool
    case_ids: list[int]


class AllocationOut(BaseModel):
    """People's time in twelve months, by the first day of each."""

    months: list[date]
    limit_percent: int
    people: list[PersonTimeOut]

    @classmethod
    def of(cls, time: Allocation) -> "AllocationOut":
        """Return the answer."""
        people = [
            PersonTimeOut(
                researcher_id=one.card.researcher_id,
                name_ja=one.card.name_ja,
                name_en=one.card.name_en,
                months=list(one.months),
                is_overloaded=bool(one.overloads),
                case_ids=sorted({share.case_id for share in one.shares}),
            )
            for one in time.people
        ]
        return cls(months=list(time.months), limit_percent=time.limit_percent, people=people)
