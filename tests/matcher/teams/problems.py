"""Random team problems that are small enough to look at every team."""

from itertools import combinations

import numpy as np

from matcher.teams.objective import TeamProblem, TeamRules, TeamWeights, worth_of

FREE = TeamWeights(joint=0.0, member=0.0)


def random_problem(
    random_state: int,
    *,
    candidates: int = 10,
    wishes: int = 4,
    weights: TeamWeights | None = None,
) -> TeamProblem:
    """Return a problem with chances as lists have them: a few good ones among many low ones."""
    chance = np.random.default_rng(random_state)
    importance = chance.uniform(0.3, 1, wishes)
    pairs = np.triu(chance.random((candidates, candidates)) < 0.2, 1)
    kept = weights or TeamWeights()
    return TeamProblem(
        chances=np.minimum(chance.beta(0.6, 2, (candidates, wishes)), 0.99),
        importance=importance / importance.sum(),
        leads=chance.random(candidates),
        costs=kept.member * chance.uniform(1, 2, candidates),
        departments=chance.integers(-1, 4, candidates),
        known_for=chance.random((candidates, 3)) < 0.3,
        field_shares=np.array([0.5, 0.3, 0.1]),
        joint=pairs | pairs.T,
        weights=kept,
    )


def best_by_hand(problem: TeamProblem, rules: TeamRules) -> tuple[float, frozenset[int]] | None:
    """Return the best team of all that keep the rules, found by looking at each."""
    others = [i for i in range(problem.size) if i not in rules.excluded | rules.fixed]
    teams = (
        rules.fixed | set(more)
        for size in range(rules.smallest, rules.largest + 1)
        for more in combinations(others, size - len(rules.fixed))
    )
    kept = (frozenset(team) for team in teams if rules.keeps_apart(team))
    worths = [(worth_of(problem, team, rules.lead).total, team) for team in kept]
    return max(worths, key=lambda one: one[0]) if worths else None
