"""A good team among many candidates: whoever adds most, one after the other, with an upper bound.

For a monotone submodular worth the first k members have at least 1 - 1/e of the best team of k (Nemhauser,
Wolsey and Fisher 1978). Here members cost something and a joint record isn't submodular, so a bound is
computed with the team instead: whatever the best team O is, for every team S on the way

    worth(O) <= g(S) + sum over the k best i of max(0, g(i | S) - cost_i) + J k

with g the submodular terms without cost. The gains of all candidates are one array, so nothing is gained by
keeping stale ones in a queue.
"""

import numpy as np

from matcher.teams.exact import FoundTeam
from matcher.teams.objective import (
    NO_DEPARTMENT,
    FloatArray,
    TeamProblem,
    TeamRules,
    worth_of,
)


def greedy_team(problem: TeamProblem, rules: TeamRules) -> FoundTeam | None:
    """Return the team that grows by its best next member, None where the rules leave too few.

    It grows while that adds to its worth, and to the smallest size in any case.
    """
    members = sorted(rules.fixed)
    bound = np.inf
    while True:
        gains = submodular_gains(problem, members, rules.lead) - problem.costs
        bound = min(bound, _bound(problem, rules, members, gains))
        added = _next(problem, rules, members, gains)
        if added is None:
            break
        members = [*members, added]
    if not rules.smallest <= len(members) <= rules.largest or not rules.keeps_apart(members):
        return None
    worth = worth_of(problem, members, rules.lead).total
    return FoundTeam(frozenset(members), worth, max(worth, float(bound)))


def _next(
    problem: TeamProblem, rules: TeamRules, members: list[int], gains: FloatArray
) -> int | None:
    """Return who adds most, None where nobody is left or adds anything to a team that is large enough."""
    if len(members) >= rules.largest:
        return None
    worths = gains + joint_gains(problem, members)
    order = np.lexsort((np.arange(problem.size), -worths))
    for candidate in order.tolist():
        if worths[candidate] <= 0 and len(members) >= rules.smallest:
            return None
        is_free = candidate not in members and candidate not in rules.excluded
        if is_free and rules.keeps_apart([*members, candidate]):
            return int(candidate)
    return None


def _bound(problem: TeamProblem, rules: TeamRules, members: list[int], gains: FloatArray) -> float:
    base = worth_of(problem, members, rules.lead)
    reached = base.total + base.cost - base.joint
    others = np.setdiff1d(np.arange(problem.size), [*members, *rules.excluded])
    best = np.sort(np.maximum(gains[others], 0))[::-1][: rules.largest]
    return float(reached + best.sum() + problem.weights.joint * rules.largest)


def submodular_gains(problem: TeamProblem, members: list[int], lead: int | None) -> FloatArray:
    """Return what each candidate adds to a team in coverage, lead, departments and fields, shape (n,)."""
    weights = problem.weights
    unmet = problem.importance * np.prod(1 - problem.chances[members], axis=0)
    gains = problem.chances @ unmet
    if lead is None:
        best = problem.leads[members].max(initial=0.0)
        gains = gains + weights.lead * np.maximum(problem.leads - best, 0)
    is_new = ~np.isin(problem.departments, [*problem.departments[members], NO_DEPARTMENT])
    open_fields = ~problem.known_for[members].any(axis=0)
    fields = problem.known_for @ (problem.field_shares * open_fields)
    gains = gains + weights.department * is_new + weights.fields * fields
    gains[members] = 0
    return np.asarray(gains, dtype=np.float64)


def joint_gains(problem: TeamProblem, members: list[int]) -> FloatArray:
    """Return what each candidate adds by having worked with members, shape (n,)."""
    among = problem.joint[np.ix_(members, members)].any(axis=1)
    with_them = problem.joint[:, members]
    newly = with_them[:, ~among].sum(axis=1) if members else np.zeros(problem.size)
    return np.asarray(problem.weights.joint * (with_them.any(axis=1) + newly), dtype=np.float64)
