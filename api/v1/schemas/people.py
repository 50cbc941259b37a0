"""Researchers and seeds, as the API shows them."""

from typing import Literal

from pydantic import BaseModel, Field

from api.dependencies import NextCursor
from matcher.records import ResearcherCard
from office.researchers import SeenResearcher
from office.seeds import SeenSeed

SeedKind = Literal["paper", "patent", "grant", "course", "note", "presentation", "award", "profile"]


class ResearcherOut(BaseModel):
    """A researcher, in both scripts; unknown fields are empty."""

    researcher_id: str = Field(examples=["HU-0102"])
    name_ja: str
    name_en: str
    institution_ja: str
    institution_en: str
    department_ja: str
    department_en: str
    position_ja: str
    position_en: str
    industry_seeds: int = Field(description="Seeds made together with companies.")
    industry_last_year: int | None = Field(description="Year of the latest of them.")
    industry_partners: str = Field(description="Names of the companies, joined by '; '.")

    @classmethod
    def of(cls, card: ResearcherCard) -> "ResearcherOut":
        """Return the answer for a card."""
        return cls.model_validate(card, from_attributes=True)


class ResearcherDetailOut(ResearcherOut):
    """A researcher with what the catalogue knows besides; lists in a text are joined by '; '."""

    name_kana: str
    aliases: str
    ids: dict[str, str] = Field(
        description="Ids of other systems: orcid, openalex_id, researchmap_id, kaken_id, erad_id.",
        examples=[{"orcid": "0000-0002-1825-0097"}],
    )
    keywords_ja: str
    keywords_en: str
    profile_ja: str
    profile_en: str

    @classmethod
    def seen(cls, seen: SeenResearcher) -> "ResearcherDetailOut":
        """Return the answer for a researcher."""
        more = {name: getattr(seen, name) for name in cls.model_fields if hasattr(seen, name)}
        return cls.model_validate({**vars(seen.card), **more})


class ResearchersOut(BaseModel):
    """Researchers by id."""

    items: list[ResearcherOut]
    next_cursor: NextCursor


class AuthorOut(BaseModel):
    """One of a seed's people."""

    researcher_id: str
    name_ja: str
    name_en: str
    representative: bool = Field(description="Chosen by this person as a representative work.")


class SeedOut(BaseModel):
    """A piece of research: a paper, a patent, a grant and so on; unknown fields are empty."""

    seed_id: str = Field(examples=["S-01"])
    kind: str = Field(examples=["paper"])
    lang: str = Field(examples=["ja"])
    title: str
    text: str
    year: int | None
    doi: str
    url: str
    venue: str
    visibility: str = Field(examples=["public"])
    patent_status: str
    family_id: str
    field_codes: str = Field(description="`scheme:code`, joined by '; '.")
    companies: str = Field(description="Companies it was made with, joined by '; '.")
    authors: list[AuthorOut]

    @classmethod
    def of(cls, seed: SeenSeed) -> "SeedOut":
        """Return the answer for a seed."""
        authors = [
            {**vars(author), "representative": bool(author.choice)} for author in seed.authors
        ]
        return cls.model_validate({**vars(seed), "authors": authors})


class SeedsOut(BaseModel):
    """Seeds, the newest first, those without a year last."""

    items: list[SeedOut]
    next_cursor: NextCursor
