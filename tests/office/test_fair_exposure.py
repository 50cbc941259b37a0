"""Fair exposure among equals: who is moved, that a list is the same each time, and that places are shared."""

from collections import Counter
from dataclasses import replace
from math import exp, log

import pytest

from matcher.records import Match, MatchList, Need, ResearcherCard
from office.fair_exposure import BAND, BEYOND, MOST_EQUALS, evened

NEED = Need("薄い膜を探しています。", "N-1")


def match_list(*chances, version="v1", strengths=()):
    matches = tuple(
        Match(
            rank,
            ResearcherCard(f"r{rank}"),
            log(chance / (1 - chance)) if chance else -9.0,
            (),
            chance or None,
            strengths[rank - 1] if strengths else "good",
        )
        for rank, chance in enumerate(chances, start=1)
    )
    return MatchList("N-1", "ja", matches, len(matches), version, "m")


def ids(matches):
    return [match.researcher.researcher_id for match in matches.matches]


def orders(matches, top=10, draws=60):
    return [
        ids(evened(replace(matches, index_version=f"v{n}"), NEED, top=top)) for n in range(draws)
    ]


def test_only_equals_change_places_and_ranks_count_on():
    matches = match_list(0.9, 0.7, 0.695, 0.5, 0.3, None, None)
    for order in orders(matches):
        assert order[0] == "r1" and set(order[1:3]) == {"r2", "r3"}
        assert order[3:] == ["r4", "r5", "r6", "r7"]
    shown = evened(matches, NEED, top=10)
    assert [match.rank for match in shown.matches] == [1, 2, 3, 4, 5, 6, 7]
    by_person = {match.researcher.researcher_id: match.probability for match in shown.matches}
    assert by_person == {f"r{m.rank}": m.probability for m in matches.matches}


def test_the_band_is_counted_from_the_first_and_ends_at_a_word_of_strength():
    chance = lambda odds: 1 / (1 + exp(-odds))  # noqa: E731
    creeping = match_list(*(chance(1 - 0.6 * BAND * n) for n in range(4)))
    assert {tuple(sorted(order[:2])) for order in orders(creeping)} == {("r1", "r2")}
    split = match_list(0.501, 0.499, strengths=("good", "possible"))
    assert {tuple(order) for order in orders(split)} == {("r1", "r2")}
    many = match_list(*[0.4] * (MOST_EQUALS + 1))
    assert {order[-1] for order in orders(many)} == {f"r{MOST_EQUALS + 1}"}


def test_a_list_is_the_same_each_time_and_on_every_page_and_equals_share_the_places():
    matches = match_list(*[0.4] * MOST_EQUALS, *[0.2] * MOST_EQUALS)
    whole = evened(matches, NEED, top=10)
    assert whole == evened(matches, NEED, top=10) and whole.is_evened
    for top in range(1, 10):  # whoever asks for fewer gets the beginning of the same list
        part = replace(matches, matches=matches.matches[: top + BEYOND])
        assert ids(evened(part, NEED, top=top)) == ids(whole)[:top]
    other = evened(matches, replace(NEED, need_id="N-2"), top=10)
    assert ids(other) != ids(whole)
    first = Counter(order[0] for order in orders(matches, draws=500))
    assert set(first) == {f"r{n}" for n in range(1, MOST_EQUALS + 1)}
    assert max(first.values()) < 1.4 * min(first.values())


@pytest.mark.parametrize("matches", [match_list(), match_list(0.5), match_list(0.9, 0.5, 0.1)])
def test_a_list_without_equals_stays_as_it_is(matches):
    assert evened(matches, NEED, top=10) == matches
