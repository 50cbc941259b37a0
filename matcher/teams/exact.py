"""The best team, exactly: a mixed-integer program that HiGHS solves (scipy.optimize.milp).

Binary x_i say who is in the team. With a_ij = -ln(1 - c_ij) the chance that wish j is met is the concave
1 - exp(-t) of t = sum of a_ij x_i, so it is replaced by u_j below tangents of that curve. A solved program
bounds the best team from above; tangents at its own team are then added until its worth is that bound, which
happens after finitely many teams (outer approximation, Duran and Grossmann 1986). Departments, fields, joint
record and lead are linear with helper variables that are integral of themselves once x is.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matcher.teams.objective import (
    NO_DEPARTMENT,
    BoolArray,
    FloatArray,
    TeamProblem,
    TeamRules,
    worth_of,
)

TOLERANCE = 1e-5  # of the worth, which is about 1; HiGHS keeps its rows to 1e-6
MOST_EXACT = 60  # candidates; beyond, greedy answers
TIME_LIMIT_S = 5.0
FIRST_TANGENTS = (0.0, 0.2, 0.5, 1.0, 1.8, 3.0)


@dataclass(frozen=True)
class FoundTeam:
    """A team by its candidates' places, its worth, and an upper bound of what any team could have."""

    members: frozenset[int]
    worth: float
    bound: float

    @property
    def is_exact(self) -> bool:
        """Whether no team can be better."""
        return self.bound - self.worth <= TOLERANCE


def best_team(
    problem: TeamProblem, rules: TeamRules, *, time_limit_s: float = TIME_LIMIT_S
) -> FoundTeam | None:
    """Return the best team that keeps the rules, None where there is none.

    Where the time is over, the best team so far with the bound that was reached.
    """
    program = _Program(problem, rules)
    until = time.monotonic() + time_limit_s
    best: FoundTeam | None = None
    bound, seen = np.inf, set[frozenset[int]]()
    while True:
        solved = program.solve(max(0.1, until - time.monotonic()))
        if solved is None:
            return best
        team, reached = solved
        bound = min(bound, reached)
        worth = worth_of(problem, team, rules.lead).total
        if best is None or worth > best.worth:
            best = FoundTeam(team, worth, bound)
        best = FoundTeam(best.members, best.worth, max(bound, best.worth))
        if best.is_exact or team in seen or time.monotonic() >= until:
            return best  # a team that comes again has its tangents already
        seen.add(team)
        program.add_tangents(program.rates.T @ _indicator(team, problem.size))


@dataclass
class _Program:
    """The program's rows: variables are x (n), u (m), departments, fields, joint (n), lead (n)."""

    problem: TeamProblem
    rules: TeamRules
    rows: list[FloatArray] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        problem = self.problem
        n, wishes = problem.chances.shape
        self.rates = -np.log1p(-problem.chances)
        known = np.unique(problem.departments)
        self.in_department = problem.departments[:, None] == known[known != NO_DEPARTMENT]
        counts = (n, wishes, self.in_department.shape[1], problem.known_for.shape[1], n, n)
        ends = np.cumsum(counts)
        self.slices = [slice(e - c, e) for c, e in zip(counts, ends, strict=True)]
        self.total = int(ends[-1])
        self._add_rules()
        self._add_helpers()
        for at in FIRST_TANGENTS:
            self.add_tangents(np.full(wishes, at))

    def solve(self, time_limit_s: float) -> tuple[frozenset[int], float] | None:
        """Return the team and an upper bound, None where no team was found."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        x = self.slices[0]
        low, high = np.zeros(self.total), np.ones(self.total)
        low[list(self.rules.fixed)] = 1
        high[[i for i in self.rules.excluded if i not in self.rules.fixed]] = 0
        integral = np.zeros(self.total)
        integral[x] = 1
        solved = milp(
            -self._gains(),
            constraints=LinearConstraint(np.array(self.rows), self.lows, self.highs),
            bounds=Bounds(low, high),
            integrality=integral,
            options={"mip_rel_gap": 0.0, "time_limit": time_limit_s},
        )
        if solved.x is None:
            return None
        team = frozenset(np.flatnonzero(solved.x[x] > 0.5).tolist())
        bound = solved.fun if solved.mip_dual_bound is None else solved.mip_dual_bound
        return team, -float(bound)

    def add_tangents(self, at: FloatArray) -> None:
        """Hold each u_j below the tangent of 1 - exp(-t) at its `at`."""
        x, u = self.slices[:2]
        for wish, t in enumerate(at):
            slope = float(np.exp(-t))
            row = np.zeros(self.total)
            row[u][wish] = 1
            row[x] = -slope * self.rates[:, wish]
            self._add(row, high=1 - slope * (1 + t))

    def _gains(self) -> FloatArray:
        problem, weights = self.problem, self.problem.weights
        return np.concatenate(
            [
                -problem.costs,
                problem.importance,
                np.full(self.in_department.shape[1], weights.department),
                weights.fields * problem.field_shares,
                np.full(problem.size, weights.joint),
                weights.lead * problem.leads,
            ]
        )

    def _add_rules(self) -> None:
        rules, n = self.rules, self.problem.size
        everybody = self._row(range(n))
        self._add(everybody, low=rules.smallest, high=rules.largest)
        fixed = len(rules.fixed)
        for earlier in rules.apart:
            free = earlier - rules.fixed
            shared = self._row(sorted(free))
            self._add(2 * shared - everybody, high=-fixed)
            self._add(2 * shared, high=len(free))

    def _add_helpers(self) -> None:
        _, _, departments, fields, joint, lead = self.slices
        problem = self.problem
        self._add_any(departments, self.in_department)
        self._add_any(fields, problem.known_for)
        self._add_any(joint, problem.joint)
        for helper in (joint, lead):  # whoever counts is in the team
            for i in range(problem.size):
                row = self._row([i])
                self._add(np.asarray(_unit(self.total, helper.start + i) - row), high=0)
        leaders = np.zeros(self.total)
        leaders[lead] = 1
        self._add(leaders, low=1, high=1)
        if self.rules.lead is not None:
            named = _unit(self.total, lead.start + self.rules.lead)
            self._add(named, low=1, high=1)

    def _add_any(self, helper: slice, of: BoolArray) -> None:
        """Hold each helper variable at 0 unless one of its candidates (a column of `of`) is in."""
        for column in range(of.shape[1]):
            members = self._row(np.flatnonzero(of[:, column]).tolist())
            self._add(np.asarray(_unit(self.total, helper.start + column) - members), high=0)

    def _row(self, candidates: Sequence[int]) -> FloatArray:
        row = np.zeros(self.total)
        row[list(candidates)] = 1
        return row

    def _add(self, row: FloatArray, *, low: float = -np.inf, high: float = np.inf) -> None:
        self.rows.append(row)
        self.lows.append(low)
        self.highs.append(high)


def _unit(length: int, place: int) -> FloatArray:
    row = np.zeros(length)
    row[place] = 1
    return row


def _indicator(team: frozenset[int], size: int) -> NDArray[np.float64]:
    inside = np.zeros(size)
    inside[list(team)] = 1
    return inside
