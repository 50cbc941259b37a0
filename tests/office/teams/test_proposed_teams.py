"""Teams as they are shown: who covers what, what nobody covers, who is blocked, who could be added."""

from dataclasses import replace

import numpy as np
import pytest

from matcher.records import AnsweredPart, Match, MatchList, NeedPart, ResearcherCard
from matcher.teams.coverage import TeamWish
from matcher.teams.pool import JointWork, TeamPool
from office.teams.proposing import (
    NOBODY,
    ONE_WISH,
    TOO_FEW,
    TeamScreen,
    TeamWanted,
    additions,
    by_hand,
    propose,
)

PARTS = tuple(NeedPart(text, n, n + 1) for n, text in enumerate(("film", "steam", "price")))
CHANCES = np.array([[0.8, 0.3, 0.1], [0.2, 0.7, 0.1], [0.7, 0.1, 0.1], [0.1, 0.6, 0.2]])


def pool_of(chances: np.ndarray = CHANCES, parts: tuple[NeedPart, ...] = PARTS) -> TeamPool:
    """Four people of three departments; the first two answer with sentences of their own."""
    told = chances >= 0.6
    matches = tuple(
        Match(
            place + 1,
            ResearcherCard(f"r{place}", department_en=f"Department {place % 3}"),
            0.0,
            (),
            probability=0.5,
            parts=tuple(
                AnsweredPart(part, f"s{place}", "a sentence")
                if told[place, w]
                else AnsweredPart(part)
                for w, part in enumerate(parts)
            ),
        )
        for place in range(len(chances))
    )
    return TeamPool(
        matches=MatchList("n", "en", matches, 9, "v1", "m"),
        wishes=tuple(TeamWish(part, "wish", 1 / len(parts)) for part in parts),
        main=0,
        chances=chances,
        fields=(),
        field_shares=np.zeros(0),
        known_for=np.zeros((len(chances), 0), dtype=bool),
        joint={(0, 1): JointWork("s-both", "Both", 2020)},
    )


def test_the_best_team_covers_what_it_can_and_says_what_is_open() -> None:
    best = propose(pool_of(), TeamWanted(largest=2)).proposed[0]

    assert (best.ids, best.lead_id, best.is_best) == (("r0", "r1"), "r0", True)
    assert [set(member.covers) for member in best.members] == [{0}, {1}]
    assert best.covered == (True, True, False)
    assert best.departments == 2
    assert best.members[0].joint == {"r1": JointWork("s-both", "Both", 2020)}
    assert all(member.brings > 0 for member in best.members)


def test_alternatives_come_with_other_people() -> None:
    teams = propose(pool_of(), TeamWanted(largest=2)).proposed

    assert [set(team.ids) for team in teams][:2] == [{"r0", "r1"}, {"r0", "r3"}]
    assert [team.is_best for team in teams] == [True] + [False] * (len(teams) - 1)


def test_somebody_whose_work_says_nothing_of_a_wish_is_in_a_team_only_if_they_are_named() -> None:
    chances = np.array(
        [[0.8, 0.3, 0.1], [0.2, 0.7, 0.1], [0.1, 0.1, 0.59]]
    )  # the last without a sentence
    pool = pool_of(chances)

    assert [team.ids for team in propose(pool, TeamWanted()).proposed] == [("r0", "r1")]
    for wanted in (TeamWanted(required=("r2",)), TeamWanted(lead="r2")):
        assert "r2" in propose(pool, wanted).proposed[0].ids


def test_nobody_who_is_blocked_is_proposed_or_offered_and_a_saved_one_is_marked() -> None:
    screen = TeamScreen(frozenset({"r1"}), {"r3": 0.0})
    pool = pool_of()

    proposed = propose(pool, TeamWanted(), screen).proposed
    saved = by_hand(pool, ["r0", "r1"], "r1", screen)

    assert proposed and all("r1" not in team.ids for team in proposed)
    assert [m.is_blocked for m in saved.members] == [True, False]  # the lead comes first
    team = by_hand(pool, ["r0", "r2"], "", screen)
    offered = {
        one.match.researcher.researcher_id: one.gains for one in additions(pool, team, screen)
    }
    assert set(offered) == {"r3"}
    free = additions(pool, team)
    assert next(a.gains for a in free if a.match.rank == 4) == pytest.approx(offered["r3"] + 0.06)


def test_a_team_by_hand_has_the_worth_that_its_additions_promise() -> None:
    pool = pool_of()
    team = by_hand(pool, ["r0", "r2", "gone"])
    best = additions(pool, team)[0]
    grown = by_hand(pool, [*team.ids, best.match.researcher.researcher_id])

    assert team.missing == ("gone",)
    assert grown.worth.total - team.worth.total == pytest.approx(best.gains)
    assert best.match.researcher.researcher_id == "r1"


def test_required_and_named_lead_are_kept_and_excluded_people_left_out() -> None:
    wanted = TeamWanted(largest=3, required=("r3",), excluded=("r0",), lead="r2")
    teams = propose(pool_of(), wanted).proposed

    assert teams and all({"r3", "r2"} <= set(team.ids) for team in teams)
    assert {team.lead_id for team in teams} == {"r2"}
    assert all("r0" not in team.ids for team in teams)


def test_why_there_is_no_team_is_said() -> None:
    lone = pool_of(CHANCES[:, :1], PARTS[:1])
    misfits = replace(pool_of(), matches=replace(pool_of().matches, fits_nobody=True))
    few = TeamScreen(frozenset({"r0", "r1", "r2"}))

    assert propose(lone, TeamWanted()).reason == ONE_WISH
    assert propose(misfits, TeamWanted()).reason == NOBODY
    assert propose(pool_of(), TeamWanted(), few).reason == TOO_FEW
