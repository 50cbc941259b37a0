"""What another wording of a need would change in its list: who enters, who leaves, who stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.records import Match, MatchList


@dataclass(frozen=True)
class ListChange:
    """Two lists compared down to `depth`: who is in the new one alone, and who in the old one alone, by rank.

    `staying` has the matches of the new list that are in both, each with its rank in the old one.
    """

    entering: tuple[Match, ...]
    leaving: tuple[Match, ...]
    staying: tuple[tuple[Match, int], ...]
    depth: int
    fits_nobody: bool = False


def compare_lists(before: MatchList, after: MatchList, *, depth: int) -> ListChange:
    """Return who enters and leaves the first `depth` ranks from one list to the other."""
    old, new = _ranks(before.matches, depth), _ranks(after.matches, depth)
    return ListChange(
        entering=tuple(match for id_, match in new.items() if id_ not in old),
        leaving=tuple(match for id_, match in old.items() if id_ not in new),
        staying=tuple((match, old[id_].rank) for id_, match in new.items() if id_ in old),
        depth=depth,
        fits_nobody=after.fits_nobody,
    )


def _ranks(matches: Sequence[Match], depth: int) -> dict[str, Match]:
    by_rank = sorted(matches, key=lambda match: match.rank)
    return {m.researcher.researcher_id: m for m in by_rank if m.rank <= depth}
