"""What speaks against a match: each rule looks at one person's case and may object.

The reasons and their values: `weak` (probability, None below the re-ranked), `part_unmet` (share of
the candidates who come no nearer to that part of the need), `one_seed`, `thin_evidence`, `old` (year
of the newest seed), `no_industry`, `other_language` (the last is information, no fault).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.records import COMPETITIVE, Evidence, NeedPart, Objection
from matcher.reranking.calibration import WEAK

OLD_YEARS = 8
THIN_KINDS = {"profile", "course"}  # they describe a researcher's topics, not results
MIN_CANDIDATES = 10  # fewer say little about what is usual
UNMET_SHARE = 0.5  # no nearer to the part than the usual candidate …
MET_SHARE = 0.75  # … though clearly nearer to the rest


@dataclass(frozen=True)
class Case:
    """What is known of one person and one need.

    `carrying_seeds` is how many seeds help to carry the match (see `evidence.carries`); `shares` are
    those of `coverage.part_shares`, empty where they are not known.
    """

    strength: str
    probability: float | None
    evidence: Sequence[Evidence]
    carrying_seeds: int
    parts: Sequence[NeedPart]
    shares: NDArray[np.float64]
    newest_year: float  # NaN where it is not known, like the catalogue's
    this_year: float  # the newest of the whole catalogue
    industry_seeds: int
    area: str
    need_language: str


def object_to(case: Case) -> tuple[Objection, ...]:
    """Return what speaks against a match, the weightiest first."""
    return tuple(found for rule in RULES if (found := rule(case)) is not None)


def _weak(case: Case) -> Objection | None:
    return Objection("weak", case.probability) if case.strength == WEAK else None


def _part_unmet(case: Case) -> Objection | None:
    if len(case.shares) < 2:
        return None
    weakest = int(np.argmin(case.shares))
    others = np.delete(case.shares, weakest)
    if case.shares[weakest] > UNMET_SHARE or others.mean() < MET_SHARE:
        return None
    return Objection("part_unmet", round(float(case.shares[weakest]), 3), case.parts[weakest])


def _one_seed(case: Case) -> Objection | None:
    return Objection("one_seed") if case.carrying_seeds == 1 else None


def _thin_evidence(case: Case) -> Objection | None:
    return Objection("thin_evidence") if {e.kind for e in case.evidence} <= THIN_KINDS else None


def _old(case: Case) -> Objection | None:
    # comparisons with NaN are false
    if case.this_year - case.newest_year > OLD_YEARS:
        return Objection("old", case.newest_year)
    return None


def _no_industry(case: Case) -> Objection | None:
    missing = case.area == COMPETITIVE and not case.industry_seeds
    return Objection("no_industry") if missing else None


def _other_language(case: Case) -> Objection | None:
    languages = {evidence.language for evidence in case.evidence}
    if len(languages) != 1 or case.need_language in languages:
        return None
    return Objection("other_language", language=languages.pop())


RULES: tuple[Callable[[Case], Objection | None], ...] = (
    _weak,
    _part_unmet,
    _one_seed,
    _thin_evidence,
    _old,
    _no_industry,
    _other_language,
)
REASONS = tuple(rule.__name__.removeprefix("_") for rule in RULES)
