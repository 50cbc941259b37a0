"""Spreads a list over fields and departments: from the safest order to an unexpected one.

The POOL likeliest people who are possible or better are taken one by one by maximal marginal relevance
(Carbonell and Goldstein 1998, "The use of MMR, diversity-based reranking"):

    value = (1 - w) p - w (largest likeness to those taken before + KNOWN_COST if the company knows them)

where p is the probability of fitting, and two people's likeness is DEPARTMENT_SHARE for one department and
the rest times the Jaccard index of the fields that they are known for. w is 0 for the safest order, which
is the plain one. Nobody who is weak is moved up, and nobody's probability changes. What an order costs is
said in people: the sum of the probabilities of the first ten. docs/exploring.md has what it costs and brings.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.domains.taxonomy import load_taxonomy
from matcher.records import Match, MatchList, ResearcherCard, SpreadEffect
from matcher.reranking.calibration import POSSIBLE

SAFEST, BALANCED, WIDE, UNEXPECTED = "safest", "balanced", "wide", "unexpected"
WEIGHTS: Mapping[str, float] = {SAFEST: 0.0, BALANCED: 0.15, WIDE: 0.3, UNEXPECTED: 0.5}
LEVELS = tuple(WEIGHTS)
POOL = 40
FIRST = 10  # of a list, for which an order's cost is said
DEPARTMENT_SHARE = 0.5
KNOWN_COST = 0.5
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def known_to_nobody(card: ResearcherCard) -> bool:
    """Return that nobody worked with the company before: it is not known."""
    return False


@dataclass(frozen=True)
class Spread:
    """How far a list is spread: one of LEVELS, and who worked with the need's company before."""

    level: str = SAFEST
    is_known: Callable[[ResearcherCard], bool] = known_to_nobody

    @property
    def weight(self) -> float:
        """The weight of difference against probability."""
        return WEIGHTS[self.level]


NOT_SPREAD = Spread()


def spread_list(
    matches: MatchList, spread: Spread, known_for: Callable[[str], Sequence[str]], *, top: int
) -> MatchList:
    """Return the first `top` of a list, spread as far as is asked.

    `matches` has POOL people at least, where there are so many; `known_for` returns the ids of the fields
    that a researcher is known for. Ranks count anew, and the plain ones are kept besides.
    """
    people = matches.matches
    chances = np.array([np.nan if m.probability is None else m.probability for m in people])
    if not spread.weight:
        return replace(matches, matches=people[:top])
    # where hardly anybody may fit the list stays as it is, and says so: somebody asked for another
    size = pool_size(chances, dict(matches.cuts).get(POSSIBLE, 0.0))
    pool = _pooled(people[:size], spread, known_for)
    order = spread_order(pool, spread.weight)
    effect = effect_of(spread.level, pool, order, chances[size:])
    ordered = [*(people[place] for place in order.tolist()), *people[size:]][:top]
    shown = [replace(m, rank=n, plain_rank=m.rank) for n, m in enumerate(ordered, start=1)]
    return replace(matches, matches=tuple(shown), spread=effect)


def _pooled(
    people: Sequence[Match], spread: Spread, known_for: Callable[[str], Sequence[str]]
) -> "PooledPeople":
    columns = {key: column for column, key in enumerate(load_taxonomy().ids)}
    known = np.zeros((len(people), len(columns)), dtype=bool)
    for row, match in enumerate(people):
        known[row, [columns[key] for key in known_for(match.researcher.researcher_id)]] = True
    return PooledPeople(
        probability=np.array([match.probability for match in people], dtype=np.float64),
        departments=[_department_of(match.researcher) for match in people],
        known_for=known,
        is_known=np.array([spread.is_known(match.researcher) for match in people], dtype=bool),
    )


def _department_of(card: ResearcherCard) -> str:
    """Return what tells a researcher's department apart, their institution where no more is known."""
    institution = card.institution_ja or card.institution_en
    department = card.department_ja or card.department_en
    return "\n".join(name for name in (institution, department) if name)


@dataclass(frozen=True, eq=False)
class PooledPeople:
    """The people of a list's beginning, by rank: arrays of one length n.

    `probability` falls; `known_for` has shape (n, n_fields). `departments` are empty where unknown.
    """

    probability: FloatArray
    departments: Sequence[str]
    known_for: NDArray[np.bool_]
    is_known: NDArray[np.bool_]


def pool_size(probability: FloatArray, least: float) -> int:
    """Return how many of the first people may change places: those with `least` or more, POOL at most."""
    able = np.nan_to_num(probability[:POOL], nan=-1.0) >= least
    return len(able) if able.all() else int(np.argmin(able))


def spread_order(pool: "PooledPeople", weight: float) -> IntArray:
    """Return the places of the pool in their new order; ties are broken by rank."""
    n = len(pool.probability)
    likeness = _likeness(pool)
    nearest, left = np.zeros(n), np.ones(n, dtype=bool)
    order = np.empty(n, dtype=np.int64)
    for place in range(n):
        cost = nearest + KNOWN_COST * pool.is_known
        value = np.round((1 - weight) * pool.probability - weight * cost, 9)
        order[place] = taken = int(np.argmax(np.where(left, value, -np.inf)))
        left[taken] = False
        nearest = np.maximum(nearest, likeness[taken])
    return order


def effect_of(
    level: str, pool: "PooledPeople", order: IntArray, beyond: FloatArray
) -> SpreadEffect:
    """Return what an order changes in the first FIRST; `beyond` are the probabilities behind the pool."""
    behind = np.nan_to_num(beyond[: max(0, FIRST - len(order))])
    rest = float(behind.sum())
    plain, spread = np.arange(len(order))[:FIRST], order[:FIRST]
    return SpreadEffect(
        level=level,
        expected_plain=round(float(pool.probability[plain].sum()) + rest, 3),
        expected=round(float(pool.probability[spread].sum()) + rest, 3),
        departments_plain=_departments(pool, plain),
        departments=_departments(pool, spread),
        entered=int(np.isin(spread, plain, invert=True).sum()),
    )


def _likeness(pool: PooledPeople) -> FloatArray:
    names = np.asarray(pool.departments, dtype=object)
    same = (names[:, None] == names[None, :]) & (names != "")[:, None]
    fields = pool.known_for.astype(np.float64)
    shared = fields @ fields.T
    sizes = fields.sum(axis=1)
    either = sizes[:, None] + sizes[None, :] - shared
    jaccard = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
    return np.asarray(DEPARTMENT_SHARE * same + (1 - DEPARTMENT_SHARE) * jaccard)


def _departments(pool: PooledPeople, places: IntArray) -> int:
    return len({pool.departments[place] for place in places.tolist()} - {""})
