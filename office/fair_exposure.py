"""Fair exposure among equals: people whose chances are nearly the same share their places by lot.

A list has to put one of two equals first; by id it would be the same one for every need. With the setting
`matching.fair_exposure` up to MOST_EQUALS neighbours of one strength whose log-odds differ by at most BAND
stand in an order drawn by a hash of need, index version and person: the same whenever the list is asked for,
on every page, in exports and for every reader, and another for another need. What it costs is measured in
docs/ranking.md. Only those who were re-ranked take part; nobody's probability changes.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from matcher.records import Match, MatchList, Need

BAND = 0.05  # in log-odds: 1.25 points at 50 %; chosen on office-dev, see docs/ranking.md
MOST_EQUALS = 5
BEYOND = MOST_EQUALS - 1  # so many more are asked for, lest a group is cut where the list ends


def evened(matches: MatchList, need: Need, *, top: int) -> MatchList:
    """Return the first `top` of a list, equals in their drawn order; ranks count anew from 1.

    `matches` has BEYOND more, where there are so many. `is_evened` says whether anybody was moved.
    """
    asked = need.need_id or need.text
    ordered = [
        match
        for group in _equals(matches.matches)
        for match in sorted(group, key=lambda one: _lot(one, asked, matches.index_version))
    ]
    shown = ordered[:top]
    is_evened = any(
        before is not after for before, after in zip(matches.matches, shown, strict=False)
    )
    ranked = tuple(replace(match, rank=rank) for rank, match in enumerate(shown, start=1))
    return replace(matches, matches=ranked, is_evened=is_evened)


def _equals(matches: Sequence[Match]) -> Iterator[list[Match]]:
    """Yield neighbours that are equal to the first of them."""
    group: list[Match] = []
    for match in matches:
        if group and not (len(group) < MOST_EQUALS and _is_equal(group[0], match)):
            yield group
            group = []
        group.append(match)
    if group:
        yield group


def _is_equal(first: Match, other: Match) -> bool:
    are_known = first.probability is not None and other.probability is not None
    return are_known and first.strength == other.strength and first.score - other.score <= BAND


def _lot(match: Match, asked: str, index_version: str) -> bytes:
    drawn = "\x1f".join((index_version, asked, match.researcher.researcher_id))
    return hashlib.sha256(drawn.encode("utf-8", "surrogatepass")).digest()
