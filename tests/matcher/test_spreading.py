"""Lists are spread by maximal marginal relevance: nobody weak moves up, and the cost is said."""

import numpy as np
import pytest

from matcher.records import Match, MatchList, ResearcherCard
from matcher.reranking.calibration import POSSIBLE
from matcher.spreading import (
    LEVELS,
    NOT_SPREAD,
    UNEXPECTED,
    WEIGHTS,
    PooledPeople,
    Spread,
    effect_of,
    pool_size,
    spread_list,
    spread_order,
)


def pool(probability, departments, fields, known=()):
    """Return people by rank; `fields` are the columns that each is known for."""
    known_for = np.zeros((len(probability), 4), dtype=bool)
    for row, columns in enumerate(fields):
        known_for[row, list(columns)] = True
    is_known = np.array([row in known for row in range(len(probability))])
    return PooledPeople(np.array(probability), departments, known_for, is_known)


TWINS = pool([0.9, 0.85, 0.8], ["a", "a", "b"], [(0,), (0,), (1,)])


def test_the_safest_order_is_the_plain_one() -> None:
    assert spread_order(TWINS, WEIGHTS["safest"]).tolist() == [0, 1, 2]


def test_somebody_of_another_department_and_field_comes_before_the_firsts_twin() -> None:
    # second place at w = .15: twin .85 * .85 - .15 * 1 = .5725, the other .85 * .8 = .68
    assert spread_order(TWINS, WEIGHTS["balanced"]).tolist() == [0, 2, 1]


def test_whoever_worked_with_the_company_gives_way_only_where_others_are_as_likely() -> None:
    known = pool([0.9, 0.88, 0.5], ["a", "b", "c"], [(0,), (1,), (2,)], known={0})
    # first place at w = .15: .85 * .9 - .15 * .5 = .69, .85 * .88 = .748
    assert spread_order(known, WEIGHTS["balanced"]).tolist() == [1, 0, 2]


def test_an_unknown_department_is_nobodys_neighbour() -> None:
    unknown = pool([0.9, 0.85, 0.8], ["", "", ""], [(), (), ()])
    assert spread_order(unknown, WEIGHTS["unexpected"]).tolist() == [0, 1, 2]


def test_only_those_who_are_possible_or_better_change_places() -> None:
    assert pool_size(np.array([0.9, 0.3, 0.2, 0.9, np.nan]), 0.25) == 2
    assert pool_size(np.array([0.9, 0.8]), 0.25) == 2
    assert pool_size(np.array([]), 0.25) == 0


def test_the_effect_counts_people_and_departments_of_the_first_ten() -> None:
    twelve = pool([0.9 - 0.05 * n for n in range(12)], [*"aaaaaaaaaa", "b", "c"], [()] * 12)
    order = np.array([0, 10, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    effect = effect_of("wide", twelve, order, np.array([0.1]))
    assert (effect.departments_plain, effect.departments, effect.entered) == (1, 3, 2)
    # out went .5 and .45, in came .4 and .35
    assert effect.expected_plain - effect.expected == pytest.approx(0.2)
    few = effect_of("wide", TWINS, np.array([0, 2, 1]), np.array([0.1, np.nan]))
    assert few.expected == few.expected_plain == pytest.approx(2.65)


def test_levels_rise_from_the_safest() -> None:
    weights = [WEIGHTS[level] for level in LEVELS]
    assert weights == sorted(weights) and weights[0] == 0


def test_a_list_of_people_who_hardly_fit_stays_and_says_that_it_was_asked_to_spread() -> None:
    people = tuple(
        Match(rank, ResearcherCard(f"R-{rank}"), -3.0, (), probability=0.02) for rank in (1, 2)
    )
    plain = MatchList("N-1", "ja", people, 2, "v1", "m", cuts=((POSSIBLE, 0.1),))
    spread = spread_list(plain, Spread(UNEXPECTED), lambda _: (), top=10)
    assert [match.researcher for match in spread.matches] == [one.researcher for one in people]
    assert spread.spread is not None
    assert (spread.spread.level, spread.spread.entered) == (UNEXPECTED, 0)
    assert spread.spread.expected == spread.spread.expected_plain == 0.04
    assert spread_list(plain, NOT_SPREAD, lambda _: (), top=10) == plain
