"""Capacity moves people among equals alone, and changes neither ranks nor probabilities."""

from matcher.records import Match, ResearcherCard
from office.screening.order import below_equals


def test_among_neighbours_of_one_percentage_the_busy_come_last():
    likely = (0.712, 0.708, 0.706, 0.5, 0.499, None, None)
    matches = [
        Match(rank, ResearcherCard(f"r{rank}"), 1.0, (), probability, "good")
        for rank, probability in enumerate(likely, start=1)
    ]
    found = below_equals(matches, lambda person: person in {"r1", "r4", "r6"})
    assert [match.rank for match in found] == [2, 3, 1, 5, 4, 7, 6]
    assert sorted(found, key=lambda match: match.rank) == matches
    assert below_equals(matches, lambda person: False) == matches
