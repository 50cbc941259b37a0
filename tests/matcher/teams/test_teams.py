"""Teams on problems small enough to look at every team: exact is the best, greedy keeps its promise."""

import math
from dataclasses import replace

import numpy as np
import pytest

from matcher.teams.choosing import find_team, find_teams
from matcher.teams.exact import MOST_EXACT, TOLERANCE, best_team
from matcher.teams.greedy import greedy_team, joint_gains, submodular_gains
from matcher.teams.objective import TeamProblem, TeamRules, TeamWeights, losses, worth_of
from tests.matcher.teams.problems import FREE, best_by_hand, random_problem

RULES = [
    TeamRules(),
    TeamRules(smallest=3, largest=5),
    TeamRules(required=frozenset({2}), excluded=frozenset({0, 5})),
    TeamRules(lead=4, largest=3),
    TeamRules(apart=(frozenset({0, 1, 2}), frozenset({3, 4}))),
    TeamRules(required=frozenset({1}), apart=(frozenset({0, 1, 2, 3}),)),
    TeamRules(lead=3, required=frozenset({6}), largest=6, apart=(frozenset({1, 2, 3, 6, 7}),)),
]


def by_hand(chances: list[list[float]], **given: object) -> TeamProblem:
    """Return a problem of the chances alone, without cost and bonus unless they are given."""
    n, wishes = np.shape(chances)
    plain: dict[str, object] = {
        "chances": np.array(chances),
        "importance": np.full(wishes, 1 / wishes),
        "leads": np.zeros(n),
        "costs": np.zeros(n),
        "departments": np.full(n, -1),
        "known_for": np.zeros((n, 0), dtype=bool),
        "field_shares": np.zeros(0),
        "joint": np.zeros((n, n), dtype=bool),
    }
    return TeamProblem(**{**plain, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize("random_state", range(6))
@pytest.mark.parametrize("rules", RULES)
def test_the_exact_team_is_the_best_of_all_teams(rules: TeamRules, random_state: int) -> None:
    problem = random_problem(random_state)
    best = best_by_hand(problem, rules)

    found = best_team(problem, rules)

    assert found and best
    assert found.worth == pytest.approx(best[0], abs=TOLERANCE)
    assert found.is_exact and rules.fixed <= found.members
    assert not found.members & rules.excluded and rules.keeps_apart(found.members)


@pytest.mark.parametrize("random_state", range(12))
def test_greedy_has_its_share_of_the_best_and_never_exceeds_its_bound(random_state: int) -> None:
    for weights in (FREE, TeamWeights()):
        problem = random_problem(random_state, weights=weights)
        best = best_by_hand(problem, TeamRules())
        found = greedy_team(problem, TeamRules())

        assert found and best
        assert found.worth >= (1 - 1 / math.e) * best[0]
        assert found.worth <= best[0] + 1e-9 <= found.bound + 2e-9


@pytest.mark.parametrize("rules", RULES)
def test_greedy_keeps_the_rules(rules: TeamRules) -> None:
    found = greedy_team(random_problem(3), rules)

    assert found and rules.fixed <= found.members
    assert rules.smallest <= len(found.members) <= rules.largest
    assert not found.members & rules.excluded and rules.keeps_apart(found.members)


def test_the_gains_are_what_the_worth_grows_by() -> None:
    problem, members = random_problem(7), [2, 5]
    before = worth_of(problem, members).total
    gains = submodular_gains(problem, members, None) - problem.costs + joint_gains(problem, members)

    for candidate in set(range(problem.size)) - set(members):
        grown = worth_of(problem, [*members, candidate]).total
        assert gains[candidate] == pytest.approx(grown - before)


def test_a_second_expert_for_one_wish_is_worth_less_than_one_for_an_open_wish() -> None:
    problem = by_hand([[0.9, 0.0], [0.85, 0.0], [0.0, 0.5]])

    found = best_team(problem, TeamRules(largest=2))

    assert found and found.members == {0, 2}
    assert worth_of(problem, found.members).met == pytest.approx((0.9, 0.5))


def test_nobody_is_in_a_team_for_their_department_or_past_work_alone() -> None:
    joint = np.zeros((3, 3), dtype=bool)
    joint[0, 2] = joint[2, 0] = True
    problem = by_hand(
        [[0.9, 0.0], [0.0, 0.9], [0.0, 0.0]],
        costs=np.full(3, TeamWeights().member),
        departments=np.array([0, 0, 1]),
        joint=joint,
    )

    found = best_team(problem, TeamRules())

    assert found and found.members == {0, 1}
    lost = losses(problem, {0, 1, 2})
    assert lost[2] < 0 < min(lost[0], lost[1])


def test_of_two_equal_candidates_the_free_one_of_another_department_is_taken() -> None:
    busy = by_hand([[0.9, 0.0], [0.0, 0.8], [0.0, 0.8]], costs=np.array([0.04, 0.08, 0.04]))
    near = replace(busy, costs=np.full(3, 0.04), departments=np.array([0, 1, 0]))

    taken = [best_team(problem, TeamRules(largest=2)) for problem in (busy, near)]

    assert [team.members for team in taken if team] == [{0, 2}, {0, 1}]


def test_the_lead_is_the_best_unless_one_is_named() -> None:
    problem = by_hand([[0.5, 0.5], [0.5, 0.5]], leads=np.array([0.2, 0.7]))

    assert worth_of(problem, {0, 1}).lead == 1
    named = worth_of(problem, {0, 1}, lead=0)
    assert (named.lead, named.lead_term) == (0, pytest.approx(0.02))


def test_alternatives_share_at_most_half_of_a_team_with_any_before() -> None:
    problem = random_problem(5, candidates=14)

    teams = find_teams(problem, TeamRules(largest=5))

    assert len(teams) == 3
    assert sorted((t.worth for t in teams), reverse=True) == [t.worth for t in teams]
    for place, team in enumerate(teams):
        for earlier in teams[:place]:
            sizes = (len(team.members), len(earlier.members))
            assert 2 * len(team.members & earlier.members) <= min(sizes)


def test_an_alternative_of_half_the_worth_is_not_shown() -> None:
    problem = by_hand([[0.9, 0.0], [0.0, 0.9], [0.1, 0.1], [0.1, 0.1]])

    assert [team.members for team in find_teams(problem, TeamRules(largest=2))][:1] == [{0, 1}]
    assert {2, 3} not in [team.members for team in find_teams(problem, TeamRules(largest=2))]


def test_an_alternative_is_not_filled_up_with_somebody_who_adds_nothing() -> None:
    """One who meets everything alone makes a team only with a second; another pair would be padded, too."""
    chances = [[0.9, 0.9], [0.1, 0.1], [0.12, 0.1], [0.1, 0.12], [0.6, 0.0], [0.0, 0.6]]
    problem = by_hand(chances, costs=np.full(6, 0.06))

    best, *others = find_teams(problem, TeamRules(largest=3))

    assert 0 in best.members
    assert {4, 5} in [team.members for team in others]
    for team in others:
        assert min(losses(problem, team.members).values()) > 0


def test_too_few_candidates_make_no_team() -> None:
    problem = random_problem(1, candidates=3)

    assert find_team(problem, TeamRules(excluded=frozenset({0, 1}))) is None
    assert find_teams(problem, TeamRules(smallest=4, largest=4)) == []


def test_many_candidates_are_answered_with_a_bound() -> None:
    problem = random_problem(2, candidates=MOST_EXACT + 40, wishes=6)

    found = find_team(problem, TeamRules())

    assert found and 0 < found.worth <= found.bound
    exact = best_team(problem, TeamRules(), time_limit_s=20)
    assert exact and exact.worth <= found.bound + TOLERANCE
