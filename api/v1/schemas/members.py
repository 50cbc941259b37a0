"""Members and delegations, as the API shows and takes them."""

from datetime import date, datetime
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import AnId, Line, NextCursor
from office.delegations.delegations import DelegationDraft, KeptDelegation
from office.delegations.handing_over import KeptHandOver
from office.members.kept import KeptMembership
from office.members.memberships import MembershipDraft

MemberKind = Literal["regular", "special", "supporting", "trial", "other"]
DelegatedPart = Literal["gates", "queue"]


class MemberOut(BaseModel):
    """A company's membership."""

    membership_id: int
    organisation_id: str
    kind: MemberKind
    since: date
    until: date | None = Field(description="The last day; null: no end.")
    state: str = Field(
        description="Today: holds, ended, later (not begun yet), withdrawn.", examples=["holds"]
    )
    contacts: str = Field(description="A person a line.")
    terms: str
    recorded_by: str = Field(description="Who of the office; empty for portals.")
    recorded_at: datetime
    withdrawn_at: datetime | None
    version: int

    @classmethod
    def of(cls, kept: KeptMembership, today: date) -> "MemberOut":
        """Return the answer for a membership."""
        return cls.model_validate({**vars(kept), "state": kept.state(today)})


class MembersOut(BaseModel):
    """A page of memberships, the newest record first."""

    items: list[MemberOut]
    next_cursor: NextCursor


class MemberIn(BaseModel):
    """A membership. One of the same company that began on the same day gets what is sent."""

    model_config = ConfigDict(extra="forbid")

    company: AnId = Field(
        description="The company's organisation_id, or its name.", examples=["org-4f1c7a527d0e4a8e"]
    )
    since: date
    until: date | None = None
    kind: MemberKind = "regular"
    contacts: str = Field("", max_length=4_000)
    terms: str = Field("", max_length=4_000)

    def draft(self) -> MembershipDraft:
        """Return what is to be kept."""
        return MembershipDraft(**self.model_dump())


class DelegationOut(BaseModel):
    """Who stands in for whom."""

    delegation_id: int
    from_user: str
    to_user: str
    starts_on: date
    ends_on: date
    what: list[DelegatedPart]
    state: str = Field(description="Today: now, coming or over.", examples=["now"])
    made_by: str
    made_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, kept: KeptDelegation, today: date) -> "DelegationOut":
        """Return the answer for a delegation."""
        return cls.model_validate(
            {**vars(kept), "what": list(kept.what), "state": kept.state(today)}
        )


class DelegationsOut(BaseModel):
    """A page of delegations, the newest first."""

    items: list[DelegationOut]
    next_cursor: NextCursor


class DelegationIn(BaseModel):
    """Who is to stand in, from day to day, both included."""

    model_config = ConfigDict(extra="forbid")

    to_user: AnId
    starts_on: date
    ends_on: date
    what: list[DelegatedPart] = Field(
        default_factory=lambda: list(get_args(DelegatedPart)), min_length=1, max_length=2
    )
    from_user: Line = Field("", description="Who is away; empty: yourself. The chief names others.")

    def draft(self, viewer_id: str) -> DelegationDraft:
        """Return what is to be kept."""
        said = {**self.model_dump(), "what": tuple(self.what)}
        return DelegationDraft(**{**said, "from_user": self.from_user or viewer_id})


class HandOverIn(BaseModel):
    """Whose work goes to whom."""

    model_config = ConfigDict(extra="forbid")

    to_user: AnId
    from_user: Line = Field("", description="Empty: your own.")


class HandOverOut(BaseModel):
    """What was handed over, by kind."""

    hand_over_id: int
    from_user: str
    to_user: str
    made_by: str
    made_at: datetime
    undone_by: str
    undone_at: datetime | None
    counts: dict[str, int]

    @classmethod
    def of(cls, kept: KeptHandOver) -> "HandOverOut":
        """Return the answer for a hand-over."""
        return cls.model_validate({**vars(kept), "counts": dict(kept.counts)})


class HandOversOut(BaseModel):
    """The newest hand-overs."""

    items: list[HandOverOut]
