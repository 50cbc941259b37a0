"""What a team is worth: the objective, its terms, and the rules that a team keeps.

    worth(S) = sum over wishes j of w_j (1 - prod over members i of (1 - c_ij))     coverage
             + L max over members of lead_i                                        lead
             + D (number of departments)                                           departments
             + F sum over the need's fields f that a member is known for, of q_f    fields
             + J (number of members who have worked with another member)           joint record
             - sum over members of cost_i                                          cost

`c_ij` is the chance that member i meets wish j, `w_j` the wish's importance (they sum to 1). Coverage is a
noisy-or: a second member for the same wish adds only what the first left open, so a team of five experts
for one wish is worth hardly more than one of them. All terms but the joint record are submodular. A member
costs more than another department and a joint work with one other member bring, so that nobody is there for
these alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NO_DEPARTMENT = -1
SMALLEST, LARGEST = 2, 6
SUREST = 0.99  # no chance is larger: -ln(1 - c) of a chance of 1 has no end


@dataclass(frozen=True)
class TeamWeights:
    """What the terms weigh beside coverage, which is 1 where every wish is surely met."""

    lead: float = 0.1
    department: float = 0.02
    fields: float = 0.05
    joint: float = 0.015
    member: float = 0.06  # what somebody with free capacity costs


@dataclass(frozen=True, eq=False)
class TeamProblem:
    """Whom a team can be chosen from: n candidates, m wishes, f fields of the need.

    `departments` are numbers of departments, NO_DEPARTMENT where none is known; `joint` says which two
    have worked together, symmetric and False on the diagonal.
    """

    chances: FloatArray  # (n, m), in [0, SUREST]
    importance: FloatArray  # (m,), sums to 1
    leads: FloatArray  # (n,), in [0, 1]
    costs: FloatArray  # (n,), not negative
    departments: IntArray  # (n,)
    known_for: BoolArray  # (n, f)
    field_shares: FloatArray  # (f,), sums to 1 at most
    joint: BoolArray  # (n, n)
    weights: TeamWeights = field(default_factory=TeamWeights)

    @property
    def size(self) -> int:
        """How many candidates there are."""
        return len(self.chances)


@dataclass(frozen=True)
class TeamRules:
    """What a team must keep: its size, who must or must not be in it, and who leads it.

    `apart` are earlier teams: at most half of either may stand in both, not counting whoever is required.
    Half of the new one alone would let the earlier one come back with others added who bring nothing.
    """

    smallest: int = SMALLEST
    largest: int = 4
    required: frozenset[int] = frozenset()
    excluded: frozenset[int] = frozenset()
    lead: int | None = None
    apart: tuple[frozenset[int], ...] = ()

    @property
    def fixed(self) -> frozenset[int]:
        """Whoever every team has: the required and a lead that was named."""
        return self.required | ({self.lead} if self.lead is not None else set())

    def keeps_apart(self, team: Iterable[int]) -> bool:
        """Say whether a team differs enough from the earlier ones."""
        free = set(team) - self.fixed
        others = [earlier - self.fixed for earlier in self.apart]
        return all(2 * len(free & other) <= min(len(free), len(other)) for other in others)


@dataclass(frozen=True)
class TeamWorth:
    """What a team is worth, term by term, and who leads it; `met` is each wish's chance to be met."""

    coverage: float
    lead_term: float
    departments: float
    fields: float
    joint: float
    cost: float
    met: tuple[float, ...]
    lead: int | None

    @property
    def total(self) -> float:
        """The objective: all terms together."""
        terms = (self.coverage, self.lead_term, self.departments, self.fields, self.joint)
        return sum(terms) - self.cost


def worth_of(problem: TeamProblem, team: Iterable[int], lead: int | None = None) -> TeamWorth:
    """Return the worth of a team; the best of its members leads unless `lead` is named."""
    members = sorted(set(team))
    weights = problem.weights
    met = 1 - np.prod(1 - problem.chances[members], axis=0)
    leader = lead if lead in members else _best_lead(problem, members)
    known = problem.departments[members]
    fields = problem.known_for[members].any(axis=0)
    together = problem.joint[np.ix_(members, members)].any(axis=1).sum()
    return TeamWorth(
        coverage=float(problem.importance @ met),
        lead_term=0.0 if leader is None else weights.lead * float(problem.leads[leader]),
        departments=weights.department * len(np.unique(known[known != NO_DEPARTMENT])),
        fields=weights.fields * float(problem.field_shares @ fields),
        joint=weights.joint * float(together),
        cost=float(problem.costs[members].sum()),
        met=tuple(met.tolist()),
        lead=leader,
    )


def _best_lead(problem: TeamProblem, members: list[int]) -> int | None:
    return max(members, key=lambda i: (problem.leads[i], -i)) if members else None


def losses(problem: TeamProblem, team: Iterable[int], lead: int | None = None) -> dict[int, float]:
    """Return for each member what the team would lose without them; negative for a padded one."""
    members = frozenset(team)
    whole = worth_of(problem, members, lead).total
    return {one: whole - worth_of(problem, members - {one}, lead).total for one in sorted(members)}
