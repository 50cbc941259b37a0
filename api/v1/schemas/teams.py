"""Teams for a need, as the API takes and shows them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.dependencies import TEXT_PATTERN, AnId, Line
from api.v1.schemas.matches import NeedPartOut
from api.v1.schemas.people import ResearcherOut
from matcher.teams.objective import LARGEST, SMALLEST
from matcher.teams.pool import TeamPool
from office.teams.proposing import USUAL_LARGEST, Team, TeamMember, TeamsShown, TeamWanted
from office.teams.saving import MAX_NAME_CHARS, KeptTeam, TeamDraft

People = Annotated[list[AnId], Field(max_length=20)]
Name = Annotated[str, StringConstraints(max_length=MAX_NAME_CHARS, pattern=TEXT_PATTERN)]


class TeamsQuery(BaseModel):
    """What is asked of the teams that are proposed."""

    model_config = ConfigDict(extra="forbid")

    largest: int = Field(
        USUAL_LARGEST, ge=SMALLEST, le=LARGEST, description="Members at most.", examples=[4]
    )
    lead: Line = Field("", description="Id of who leads; whoever leads best without.")

    def wanted(self) -> TeamWanted:
        """Return what the office is asked."""
        return TeamWanted(largest=self.largest, lead=self.lead)


class TeamIn(BaseModel):
    """A team to be saved."""

    model_config = ConfigDict(extra="forbid")

    researcher_ids: People = Field(
        min_length=SMALLEST, description="Its members.", examples=[["HU-0102", "HU-0301"]]
    )
    lead: Line = Field("", description="Id of the member who leads; empty: not decided.")
    name: Name = ""

    def draft(self) -> TeamDraft:
        """Return the team."""
        return TeamDraft(tuple(self.researcher_ids), self.lead, self.name)


class TeamPatch(BaseModel):
    """What of a team is changed; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    researcher_ids: People | None = Field(None, min_length=SMALLEST)
    lead: Line | None = None
    name: Name | None = None

    def draft(self, kept: KeptTeam) -> TeamDraft:
        """Return the team as it is to be; a lead who is taken out leads no more."""
        members = kept.ids if self.researcher_ids is None else tuple(self.researcher_ids)
        lead = self.lead if self.lead is not None else kept.lead if kept.lead in members else ""
        return TeamDraft(members, lead, kept.name if self.name is None else self.name)


class WishOut(BaseModel):
    """A part of the need that a team should meet."""

    part: NeedPartOut
    role: str = Field(description="wish, problem, constraint or background.", examples=["wish"])
    importance: float = Field(description="What it makes up of the need; they sum to 1.")


class CoveredOut(BaseModel):
    """A wish that a member covers, by its place among the wishes, and the sentence that says so."""

    wish: int
    chance: float = Field(description="Calibrated chance that the member meets it.")
    seed_id: str
    sentence: str


class JointWorkOut(BaseModel):
    """The newest public work of two members together."""

    researcher_id: str
    seed_id: str
    title: str
    year: int | None


class TeamMemberOut(BaseModel):
    """Somebody in a team."""

    researcher: ResearcherOut
    probability: float | None = Field(description="Calibrated, of suiting the whole need.")
    strength: str
    is_lead: bool
    is_blocked: bool = Field(description="A screen keeps them out of proposals.")
    brings: float = Field(description="What the team would lose without them, in its worth.")
    covers: list[CoveredOut]
    worked_with: list[JointWorkOut]

    @classmethod
    def of(cls, member: TeamMember) -> "TeamMemberOut":
        """Return the answer for a member."""
        return cls(
            researcher=ResearcherOut.of(member.match.researcher),
            probability=member.match.probability,
            strength=member.match.strength,
            is_lead=member.is_lead,
            is_blocked=member.is_blocked,
            brings=round(member.brings, 4),
            covers=[
                CoveredOut(
                    wish=wish,
                    chance=round(member.chances[wish], 4),
                    seed_id=answer.seed_id,
                    sentence=answer.sentence,
                )
                for wish, answer in member.covers.items()
            ],
            worked_with=[
                JointWorkOut(researcher_id=one, **vars(work)) for one, work in member.joint.items()
            ],
        )


class TeamOut(BaseModel):
    """A team and what it is worth: the terms of docs/teams.md, which add up to `worth`."""

    members: list[TeamMemberOut]
    worth: float
    coverage: float = Field(description="Expected share of the wishes that are met.")
    lead_term: float
    departments_term: float
    fields_term: float
    joint_term: float
    cost: float
    chances: list[float] = Field(description="Of each wish to be met by the team.")
    uncovered: list[int] = Field(description="Wishes that are met less likely than not.")
    is_best: bool = Field(description="No team under the same rules is worth more.")

    @classmethod
    def of(cls, team: Team) -> "TeamOut":
        """Return the answer for a team."""
        worth = team.worth
        return cls(
            members=[TeamMemberOut.of(member) for member in team.members],
            worth=round(worth.total, 4),
            coverage=round(worth.coverage, 4),
            lead_term=round(worth.lead_term, 4),
            departments_term=round(worth.departments, 4),
            fields_term=round(worth.fields, 4),
            joint_term=round(worth.joint, 4),
            cost=round(worth.cost, 4),
            chances=[round(met, 4) for met in worth.met],
            uncovered=[wish for wish, covered in enumerate(team.covered) if not covered],
            is_best=team.is_best,
        )


class SavedTeamOut(BaseModel):
    """A saved team; `team` and `wishes` are there where it is read by its number."""

    team_id: int
    need_id: str
    name: str
    researcher_ids: list[str]
    lead: str
    saved_by: str
    saved_at: datetime
    changed_by: str
    changed_at: datetime
    may_change: bool
    team: TeamOut | None = None
    wishes: list[WishOut] = Field(default_factory=list)

    @classmethod
    def of(cls, kept: KeptTeam, shown: TeamsShown | None = None) -> "SavedTeamOut":
        """Return the answer for a saved team."""
        names = ("team_id", "need_id", "name", "lead", "saved_by", "saved_at", "may_change")
        said = {name: getattr(kept, name) for name in (*names, "changed_by", "changed_at")}
        return cls(
            **said,
            researcher_ids=list(kept.ids),
            team=TeamOut.of(shown.saved[0]) if shown else None,
            wishes=wishes_of(shown.pool) if shown else [],
        )


class TeamsOut(BaseModel):
    """Teams for a need: proposed, the best first, and saved, the newest first."""

    wishes: list[WishOut]
    proposed: list[TeamOut]
    reason: str = Field(
        description="Why none is proposed: one_wish, nobody, too_few; empty where some are."
    )
    saved: list[SavedTeamOut]

    @classmethod
    def of(cls, shown: TeamsShown, kept: list[KeptTeam]) -> "TeamsOut":
        """Return the answer for a need."""
        return cls(
            wishes=wishes_of(shown.pool),
            proposed=[TeamOut.of(team) for team in shown.proposed],
            reason=shown.reason,
            saved=[SavedTeamOut.of(one) for one in kept],
        )


def wishes_of(pool: TeamPool) -> list[WishOut]:
    """Return the wishes of a need as the API shows them."""
    return [
        WishOut(
            part=NeedPartOut.model_validate(wish.part, from_attributes=True),
            role=wish.role,
            importance=round(wish.importance, 4),
        )
        for wish in pool.wishes
    ]
