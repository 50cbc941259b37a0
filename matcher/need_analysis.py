"""What is known of a need whatever it is filtered by, kept while its reader filters the list anew.

A few needs are kept, in memory alone: nothing of them stays on disk. A kept need is neither encoded nor
scored for everyone again.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from matcher.explaining.need_parts import NeedParts
from matcher.recently_used import RecentlyUsed
from matcher.records import Filters, Need
from matcher.refinement import MarkedTexts
from matcher.retrieval import NeedQuery, PassageScorer

# each list made of one takes about 1.5 MB, however long the catalogue is; more than the 20 needs that a
# researcher's page ranks, or the first of them would have gone whenever the page is asked for again
KEPT_NEEDS = 24
# of a need: everyone's, those of its filters, and of two facets without their choice
KEPT_CANDIDATES = 4
Found = TypeVar("Found")
Analysed = TypeVar("Analysed")


@dataclass(eq=False)
class NeedAnalysis(Generic[Found]):
    """A need's query as refined, what scores passages for it whatever the filters, and what was marked.

    `needed` are its parts, once somebody has asked for them; Found is what candidates are found as.
    """

    query: NeedQuery
    scorer: PassageScorer
    marked: MarkedTexts
    needed: NeedParts | None = None
    _candidates: RecentlyUsed[Found] = field(default_factory=lambda: RecentlyUsed(KEPT_CANDIDATES))

    def candidates(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """Return what `find` returns, or found before for the same key."""
        found = self._candidates.get(key)
        if found is None:
            found = find()
            self._candidates.put(key, found)
        return found


class KeptNeeds(Generic[Analysed]):
    """The analyses of the needs asked for last; safe to use from several threads."""

    def __init__(self, most: int = KEPT_NEEDS) -> None:
        self._kept: RecentlyUsed[Analysed] = RecentlyUsed(most)

    def get(self, need: Need, filters: Filters) -> Analysed | None:
        """Return the analysis of a need with the same text, area and refinement, if it is kept."""
        return self._kept.get(_key(need, filters))

    def put(self, need: Need, filters: Filters, analysis: Analysed) -> None:
        """Keep the analysis of a need, and let the one go that was asked for longest ago."""
        self._kept.put(_key(need, filters), analysis)


def _key(need: Need, filters: Filters) -> Hashable:
    # a mark is looked up among what the filters let be seen
    seen = tuple(sorted(filters.visibilities)) if need.refinement.marks else ()
    return (need.title, need.text, need.area, need.refinement, seen)
