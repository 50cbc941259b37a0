"""The teams that are proposed: the best one, and others that differ from it."""

from dataclasses import replace

from matcher.teams.exact import MOST_EXACT, FoundTeam, best_team
from matcher.teams.greedy import greedy_team
from matcher.teams.objective import TeamProblem, TeamRules, losses

ALTERNATIVES = 3
WORTH_SHOWING = 0.5


def find_team(problem: TeamProblem, rules: TeamRules) -> FoundTeam | None:
    """Return the best team: exactly for up to MOST_EXACT candidates, greedily with a bound beyond."""
    if problem.size - len(rules.excluded) < rules.smallest:
        return None
    if problem.size <= MOST_EXACT:
        return best_team(problem, rules)
    return greedy_team(problem, rules)


def find_teams(
    problem: TeamProblem, rules: TeamRules, *, count: int = ALTERNATIVES
) -> list[FoundTeam]:
    """Return up to `count` teams, the best first.

    Each shares at most half with any before it, is worth WORTH_SHOWING of the best, and has nobody without
    whom it would be worth as much: two is the smallest team, and somebody is found to fill it up.
    """
    tried: list[FoundTeam] = []
    found: list[FoundTeam] = []
    while len(found) < count and len(tried) < 2 * count:
        apart = (*rules.apart, *(team.members for team in tried))
        team = find_team(problem, replace(rules, apart=apart))
        if team is None or (found and team.worth < WORTH_SHOWING * found[0].worth):
            break
        tried.append(team)
        # the best is shown all the same: its page says who adds nothing
        if not found or not _has_passenger(problem, rules, team):
            found.append(team)
    return found


def _has_passenger(problem: TeamProblem, rules: TeamRules, team: FoundTeam) -> bool:
    lost = losses(problem, team.members, rules.lead)
    return any(lost[member] <= 0 for member in team.members - rules.fixed)
