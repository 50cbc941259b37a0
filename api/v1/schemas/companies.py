"""The other directions as the API tells them: companies, profiles, needs for a researcher, kinds of needs."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.dependencies import AnId, NextCursor
from api.v1.schemas.people import ResearcherOut
from matcher.need_kinds.classifier import NEED_KINDS
from office.outbound.companies import MOST_COMPANIES
from office.outbound.fitting import FittingNeed
from office.outbound.found import (
    CompanyReason,
    FoundCompanies,
    FoundCompany,
    PersonChance,
    TechnologyAsked,
)
from office.outbound.profiles import Profile


class TechnologyIn(BaseModel):
    """A technology in words, or a seed: one of both."""

    model_config = ConfigDict(extra="forbid")

    technology_text: str | None = Field(
        None,
        description="What it is and what it can do, in Japanese or English; neither stored nor logged.",
        examples=["プラスチックを使わずに酸素を通さない薄い膜"],
    )
    seed_id: AnId | None = Field(None, description="A seed of the catalogue, such as a patent.")
    top: int = Field(10, ge=1, le=MOST_COMPANIES, strict=True, description="Companies to list.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "TechnologyIn":
        if (self.technology_text is None) == (self.seed_id is None):
            raise ValueError("give one of technology_text and seed_id")
        return self

    def record(self) -> TechnologyAsked:
        """Return what is asked."""
        return TechnologyAsked(self.technology_text or "", self.seed_id or "", self.top)


class PersonChanceOut(BaseModel):
    """One of the seed's people in the need's own list."""

    researcher: ResearcherOut
    rank: int = Field(description="In the order by probability.")
    score: float = Field(description="The same as in the need's list.")
    probability: float | None

    @classmethod
    def of(cls, chance: PersonChance) -> "PersonChanceOut":
        """Return a line as the API tells it."""
        person = ResearcherOut.of(chance.researcher)
        return cls(
            researcher=person,
            rank=chance.rank,
            score=chance.score,
            probability=chance.probability,
        )


class CompanyReasonOut(BaseModel):
    """A text by which the company was found."""

    kind: str = Field(description="need, profile or joint (a work made with the company).")
    id: str = Field(description="Of the need, the profile or the seed.")
    title: str
    sentence: str = Field(description="The nearest sentence of the text.")
    words: list[str] = Field(description="Technical words that it shares with the technology.")
    likeness: float
    people: list[PersonChanceOut] = Field(
        description="Of a need: the seed's people, as the need's own list has them."
    )

    @classmethod
    def of(cls, reason: CompanyReason) -> "CompanyReasonOut":
        """Return a reason as the API tells it."""
        return cls(
            kind=reason.text.kind,
            id=reason.text.document_id,
            title=reason.text.title,
            sentence=reason.sentence,
            words=list(reason.words),
            likeness=reason.likeness,
            people=[PersonChanceOut.of(one) for one in reason.people],
        )


class CompanyOut(BaseModel):
    """A company that the technology could be for."""

    name_ja: str
    name_en: str
    organisation_id: str = Field(description="Empty for a company that the catalogue doesn't have.")
    score: float = Field(description="How near its texts are; it only orders the companies.")
    reasons: list[CompanyReasonOut]

    @classmethod
    def of(cls, found: FoundCompany) -> "CompanyOut":
        """Return a company as the API tells it."""
        return cls(
            **vars(found.names),
            score=found.score,
            reasons=[CompanyReasonOut.of(reason) for reason in found.reasons],
        )


class CompaniesOut(BaseModel):
    """The companies, the best first, and how many texts were compared."""

    companies: list[CompanyOut]
    needs: int
    profiles: int
    joint: int
    lists_reordered: bool = Field(
        description="Whether settings let a need's list stand in another order than the ranks told "
        "here, which count by probability alone."
    )

    @classmethod
    def of(cls, found: FoundCompanies) -> "CompaniesOut":
        """Return what was found as the API tells it."""
        counts = {"needs": found.needs, "profiles": found.profiles, "joint": found.joint}
        told = [CompanyOut.of(one) for one in found.companies]
        return cls(companies=told, **counts, lists_reordered=found.lists_reordered)


class ProfileOut(BaseModel):
    """A company's profile."""

    profile_id: int
    name_ja: str
    name_en: str
    business_ja: str
    business_en: str
    products_ja: str
    products_en: str
    fields: list[str] = Field(description="Ids of fields of research.")
    membership: str
    homepage: str

    @classmethod
    def of(cls, profile: Profile) -> "ProfileOut":
        """Return a profile as the API tells it."""
        given: dict[str, Any] = {name: getattr(profile, name) for name in cls.model_fields}
        return cls(**{**given, "fields": list(profile.fields)})


class ProfilesOut(BaseModel):
    """A page of profiles."""

    profiles: list[ProfileOut]
    next_cursor: NextCursor


class FittingNeedOut(BaseModel):
    """An open need, and the researcher's line in its list."""

    need_id: str
    title: str
    rank: int = Field(description="In the order by probability.")
    score: float = Field(description="The same as in the need's list.")
    probability: float | None
    strength: str
    seed_ids: list[str] = Field(description="The evidence.")

    @classmethod
    def of(cls, found: FittingNeed) -> "FittingNeedOut":
        """Return a need as the API tells it."""
        match = found.match
        return cls(
            need_id=found.need.need_id,
            title=found.need.title,
            rank=match.rank,
            score=match.score,
            probability=match.probability,
            strength=match.strength,
            seed_ids=[evidence.seed_id for evidence in match.evidence],
        )


class FittingNeedsOut(BaseModel):
    """The open needs that the researcher may fit, the likeliest first."""

    needs: list[FittingNeedOut]
    compared: int = Field(description="How many open needs that you may see were compared.")
    lists_reordered: bool = Field(
        description="Whether settings let a need's list stand in another order than the ranks told "
        "here, which count by probability alone."
    )


class NeedKindOut(BaseModel):
    """Which kind of need it is."""

    kind: str = Field(
        description="sustaining or disruptive, as somebody of the office set it; empty: told by its text."
    )


class NeedKindIn(BaseModel):
    """Which kind of need it is to be; empty lets its text tell."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=20, json_schema_extra={"enum": ["", *NEED_KINDS]})
