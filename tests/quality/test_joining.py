"""How well people are told apart by name, measured on a made-up country of researchers."""

from collections import Counter

import pytest

from catalogue.identity.person_matching import Decision, compare_people, decide
from tests.quality.pairs import Pair, make_pairs

JOINED, QUEUED, APART = "joined", "queued", ""


def judge(pair: Pair) -> Decision:
    return decide(
        compare_people(pair.first.form, pair.second.form),
        same_organisation=pair.same_organisation,
        same_department=pair.same_department,
        shared_seed=pair.shared_seed,
        conflicting_ids=pair.conflicting_ids,
    )


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return make_pairs(random_state=0)


@pytest.fixture(scope="module")
def counts(pairs: list[Pair]) -> Counter[tuple[bool, str]]:
    return Counter((pair.is_one, judge(pair).state) for pair in pairs)


def test_the_set_is_large_and_most_namesakes_in_it_are_two(pairs: list[Pair]) -> None:
    different = [pair for pair in pairs if not pair.is_one]

    assert len(pairs) >= 30_000
    assert 0.3 < len(different) / len(pairs) < 0.7
    assert sum(pair.shared_seed for pair in different) > 100
    assert sum(pair.same_department is True for pair in different) > 300


def test_hardly_anybody_is_joined_with_a_namesake(counts: Counter[tuple[bool, str]]) -> None:
    joined, wrongly = counts[True, JOINED], counts[False, JOINED]

    assert joined > 5_000
    assert joined / (joined + wrongly) >= 0.995


def test_most_that_is_queued_is_worth_asking(counts: Counter[tuple[bool, str]]) -> None:
    queued, in_vain = counts[True, QUEUED], counts[False, QUEUED]

    assert queued / (queued + in_vain) >= 0.8


def test_most_entries_of_one_person_are_joined_or_queued(
    counts: Counter[tuple[bool, str]],
) -> None:
    of_one = sum(counts[True, state] for state in (JOINED, QUEUED, APART))

    assert counts[True, JOINED] / of_one >= 0.4
    assert (counts[True, JOINED] + counts[True, QUEUED]) / of_one >= 0.8


def test_the_order_of_two_people_does_not_matter(pairs: list[Pair]) -> None:
    for pair in pairs[::20]:
        assert judge(pair) == judge(Pair(pair.second, pair.first, pair.is_one))


def test_nobody_is_joined_whose_ids_differ(pairs: list[Pair]) -> None:
    assert all(judge(pair).state != JOINED for pair in pairs if pair.conflicting_ids)
