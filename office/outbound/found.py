"""What is asked of a technology, and what is found: companies, why, and the chances of a seed's people."""

from dataclasses import dataclass, field

from matcher.outbound import NEED
from matcher.records import Match, ResearcherCard
from office.outbound.documents import CompanyNames, SpeakingText
from office.seeds import SeenSeed


@dataclass(frozen=True)
class TechnologyAsked:
    """A technology in words, or the id of a seed; `top` companies are wanted."""

    text: str = field(default="", repr=False)
    seed_id: str = ""
    top: int = 10


@dataclass(frozen=True)
class PersonChance:
    """One of a seed's people, and what the need's own list says of them."""

    researcher: ResearcherCard
    rank: int
    score: float
    probability: float | None

    @classmethod
    def of(cls, match: Match) -> "PersonChance":
        """Return what a line of a list says."""
        return cls(match.researcher, match.rank, match.score, match.probability)


@dataclass(frozen=True)
class CompanyReason:
    """Why a company was found: a text that speaks of it, its nearest sentence, technical words of both."""

    text: SpeakingText
    likeness: float
    sentence: str = field(default="", repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)
    people: tuple[PersonChance, ...] = ()


@dataclass(frozen=True)
class FoundCompany:
    """A company, its score, and why it was found, the weightiest first."""

    names: CompanyNames
    score: float
    reasons: tuple[CompanyReason, ...]

    @property
    def has_need(self) -> bool:
        """Whether a need of it is among the reasons."""
        return any(reason.text.kind == NEED for reason in self.reasons)


@dataclass(frozen=True)
class FoundCompanies:
    """The companies, the best first, what was asked, and how many texts were compared.

    `lists_reordered`: settings let needs' lists stand in another order than the ranks of people told here.
    """

    companies: tuple[FoundCompany, ...]
    seed: SeenSeed | None
    needs: int
    profiles: int
    joint: int
    lists_reordered: bool = False
