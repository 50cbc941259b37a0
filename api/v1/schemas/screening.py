"""Findings of screening and their clearances, as the API shows and takes them."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import NextCursor
from enmusubi.translation import say
from office.screening.findings import Finding
from office.screening.kept_clearances import KeptClearance
from office.screening.rule_book import DECLARED, rule_name


class FindingOut(BaseModel):
    """A rule that holds of a need or of a researcher for it."""

    rule: str = Field(examples=["competitor_work"])
    rule_name: str = Field(description="In the language that Accept-Language asks for.")
    researcher_id: str = Field(description="Empty for what holds of the need itself.")
    verdict: str = Field(
        description="note: for information; ask and block stop a release until they are cleared."
    )
    role: str = Field(description="The role that clears it.", examples=["legal"])
    stops: bool = Field(description="Whether it stops a release as it is.")
    decision: str = Field(description="cleared, refused, or empty: nothing was decided.")
    clearance_id: int | None
    reason: str = Field(
        description="Why, in a sentence. Of declared interests only chief and legal managers read more "
        "than that there are some."
    )
    evidence: list[str] = Field(
        description="What it was found in. Of declared interests it is told to chief and legal managers.",
        examples=[["seed:S-01"]],
    )

    @classmethod
    def of(cls, finding: Finding, language: str) -> "FindingOut":
        """Return the answer for a finding, its texts in `language` (ja or en)."""
        return cls(
            rule=finding.rule_id,
            rule_name=rule_name(finding.rule_id, language),
            researcher_id=finding.researcher_id,
            verdict=finding.verdict,
            role=finding.role,
            stops=finding.stops,
            decision=finding.decision,
            clearance_id=finding.clearance_id,
            reason=say(finding.reason, language),
            evidence=[] if finding.rule_id == DECLARED else list(finding.evidence),
        )


class ScreeningOut(BaseModel):
    """What screening finds of a need and researchers."""

    need_id: str
    stops: bool = Field(description="Whether anything of it stops a release.")
    findings: list[FindingOut]


class ClearanceOut(BaseModel):
    """What was asked of the role that clears a finding, and what it decided."""

    clearance_id: int
    need_id: str
    researcher_id: str
    rule: str
    role: str
    evidence: list[str] = Field(description="What of it you may see.")
    asked_by: str
    asked_at: datetime
    decision: str = Field(description="cleared, refused, or empty: it waits.")
    reason: str = Field(
        description="Why. Of declared interests only chief and legal managers read it."
    )
    valid_until: date | None
    decided_by: str
    decided_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, kept: KeptClearance) -> "ClearanceOut":
        """Return the answer for a clearance."""
        values = {**vars(kept), "rule": kept.rule_id, "evidence": sorted(kept.evidence)}
        return cls.model_validate({name: values[name] for name in cls.model_fields})


class ClearancesOut(BaseModel):
    """A page of clearances, the newest first."""

    clearances: list[ClearanceOut]
    next_cursor: NextCursor


class DecisionIn(BaseModel):
    """A decision on what waits."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["cleared", "refused"]
    reason: str = Field(min_length=1, max_length=1_000)
    valid_until: date | None = Field(
        None, description="The last day on which it holds; a clearance must have one."
    )
