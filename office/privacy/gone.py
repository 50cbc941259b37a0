"""Those who were forgotten or opted out stand in no list, also while an index that has them still serves."""

from dataclasses import replace

from sqlalchemy import select

from catalogue.records.catalogue import Catalogue
from catalogue.records.suppression import OPT_OUT, Suppressed
from matcher.records import MatchList


def without_those_gone(
    catalogue: Catalogue, matches: MatchList, *, closes_up: bool = True
) -> MatchList:
    """Return a list without them; the ranks close up, but of lines that are only some of a list's."""
    with catalogue.reading() as connection:
        suppressed = Suppressed(connection)
        opted_out = frozenset(connection.execute(select(OPT_OUT.c.researcher_id)).scalars())
    if not suppressed and not opted_out:
        return matches
    people = ((one, one.researcher.researcher_id) for one in matches.matches)
    left = [one for one, who in people if who not in opted_out and not suppressed.holds(who)]
    if len(left) == len(matches.matches):
        return matches
    if closes_up:
        left = [replace(one, rank=rank) for rank, one in enumerate(left, start=1)]
    return replace(matches, matches=tuple(left))
