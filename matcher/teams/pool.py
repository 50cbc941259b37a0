"""Whom a team can be chosen from: candidates as a list shows them, and the problem they make."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from matcher.records import AnsweredPart, Match, MatchList, ResearcherCard
from matcher.teams.coverage import TeamWish, joint_matrix
from matcher.teams.objective import NO_DEPARTMENT, BoolArray, FloatArray, TeamProblem, TeamWeights

MOST_CANDIDATES = 60
UNTOLD = 0.5  # what is left of a chance that no sentence of the evidence speaks for
# a lead's worth: the chance to meet the main wish, more of it with seniority and work with companies
LEAD_BASE, LEAD_SENIOR, LEAD_INDUSTRY = 0.6, 0.2, 0.2
MUCH_INDUSTRY = 5  # pieces of work with companies that are a full record
_SENIOR = (  # the first that a position names counts
    (re.compile(r"准教授|associate prof|主任研究員", re.IGNORECASE), 0.7),
    (re.compile(r"助教|assistant prof", re.IGNORECASE), 0.3),
    (re.compile(r"講師|lecturer", re.IGNORECASE), 0.5),
    (re.compile(r"教授|professor|所長|director", re.IGNORECASE), 1.0),
)


@dataclass(frozen=True)
class JointWork:
    """The newest public seed that two candidates made together."""

    seed_id: str
    title: str
    year: int | None


@dataclass(frozen=True, eq=False)
class TeamPool:
    """The candidates of a need (n), by rank, with what each could bring.

    `chances` (n, n_wishes) is before evidence is looked at (see `problem`); `answered` are the parts of the
    need that each wish is, with the sentence of each candidate that answers it. `known_for` says for each of
    the need's likely `fields` who is known for it. `joint` has pairs of places, the smaller first.
    """

    matches: MatchList
    wishes: tuple[TeamWish, ...]
    main: int
    chances: FloatArray
    fields: tuple[str, ...]
    field_shares: FloatArray
    known_for: BoolArray
    joint: Mapping[tuple[int, int], JointWork] = field(default_factory=dict)

    @property
    def candidates(self) -> tuple[Match, ...]:
        """The candidates, in the order of the arrays."""
        return self.matches.matches

    @property
    def ids(self) -> tuple[str, ...]:
        """Their researcher ids, in that order."""
        return tuple(match.researcher.researcher_id for match in self.candidates)

    def told_by(self, place: int, wish: int) -> AnsweredPart | None:
        """Return the sentence of a candidate that answers a wish, None where none is near enough."""
        wanted = self.wishes[wish].part
        parts = (p for p in self.candidates[place].parts if p.part == wanted and p.sentence)
        return next(parts, None)

    @property
    def silent(self) -> frozenset[int]:
        """The candidates of whose work no sentence answers a wish: nobody could say why they are there."""
        wishes = range(len(self.wishes))
        places = range(len(self.candidates))
        return frozenset(p for p in places if not any(self.told_by(p, wish) for wish in wishes))

    def problem(
        self,
        free: Mapping[str, float] | None = None,
        weights: TeamWeights | None = None,
        *,
        untold: float = UNTOLD,
    ) -> TeamProblem:
        """Return the team problem; `free` says by researcher id how free they are, from 0 to 1 (default).

        Nobody is left out for being busy: whoever has no time at all costs twice as much.
        """
        kept = weights or TeamWeights()
        told = np.array(
            [
                [self.told_by(place, wish) is not None for wish in range(len(self.wishes))]
                for place in range(len(self.candidates))
            ],
            dtype=bool,
        ).reshape(self.chances.shape)
        chances = np.where(told, self.chances, untold * self.chances)
        busy = np.array([1 - (free or {}).get(one, 1.0) for one in self.ids])
        cards = [match.researcher for match in self.candidates]
        return TeamProblem(
            chances=chances,
            importance=np.array([wish.importance for wish in self.wishes]),
            leads=chances[:, self.main] * np.array([_standing(card) for card in cards]),
            costs=kept.member * (1 + np.clip(busy, 0, 1)),
            departments=_departments(cards),
            known_for=self.known_for,
            field_shares=self.field_shares,
            joint=joint_matrix(self.joint, len(cards)),
            weights=kept,
        )


def _standing(card: ResearcherCard) -> float:
    """Return how well somebody's standing lets them lead, from LEAD_BASE to 1."""
    position = f"{card.position_ja} {card.position_en}"
    senior = next((worth for words, worth in _SENIOR if words.search(position)), 0.0)
    industry = min(1.0, card.industry_seeds / MUCH_INDUSTRY)
    return LEAD_BASE + LEAD_SENIOR * senior + LEAD_INDUSTRY * industry


def department_of(card: ResearcherCard) -> str:
    """Return what tells a researcher's department apart: institution and department, empty if unknown."""
    institution = card.institution_ja or card.institution_en
    department = card.department_ja or card.department_en
    return "\n".join(name for name in (institution, department) if name)


def _departments(cards: list[ResearcherCard]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    names = [department_of(card) for card in cards]
    numbers = {name: number for number, name in enumerate(sorted(set(names) - {""}))}
    return np.array([numbers.get(name, NO_DEPARTMENT) for name in names], dtype=np.int64)
