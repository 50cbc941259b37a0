"""Which open needs a researcher fits best: of those that the viewer sees, by what each need's own list says.

Ranking a need takes as long as its list does: of more than RANKED needs, those nearest to the researcher's
public work are ranked. How many of the best are lost by that is not measured (docs/outbound.md).
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import anyio

from catalogue.database.viewer import Viewer
from catalogue.identity.links import rows_of
from matcher.alike_needs import NeedVector
from matcher.records import Match, MatchList
from matcher.reranking.calibration import WEAK
from office.access.access_log import note_listing
from office.access.rules import SEE_NEEDS, SEE_RESEARCHERS, require
from office.access.scoped import reading_as
from office.live_recommender import NeedMatcher
from office.matching import Question, ServedMatching, ViewerMatching
from office.needs.reading import NeedFilter, SeenNeed, needs_page
from office.researchers import researcher_of
from office.ways_in import FITTING

MOST_NEEDS = 400  # the newest open ones
RANKED = 20  # of them, those nearest to the researcher's work
ENCODED_TOGETHER = 16
KEPT_VECTORS = 4_000
PAGE = 200


@dataclass(frozen=True)
class FittingNeed:
    """A need, and the researcher's line in its list."""

    need: SeenNeed
    match: Match


@dataclass(frozen=True)
class FittingNeeds:
    """The needs that somebody may fit, the likeliest first, and how many were looked at and ranked.

    `lists_reordered`: settings let the lists themselves stand in another order than the ranks told here.
    """

    needs: tuple[FittingNeed, ...]
    compared: int
    ranked: int
    lists_reordered: bool = False


class FittingSearch:
    """Finds needs for researchers with a recommender that the caller holds; safe to share."""

    def __init__(self, matching: ViewerMatching) -> None:
        self.matching = matching
        self._kept: OrderedDict[tuple[str, str], NeedVector | None] = OrderedDict()
        self._lock = threading.Lock()

    def open_needs(self, viewer: Viewer, researcher_id: str) -> tuple[str, list[SeenNeed]]:
        """Return the id of now of a researcher, and the newest open needs that the viewer sees.

        Raises ForbiddenError and UnknownIdError.
        """
        require(viewer, SEE_NEEDS)
        require(viewer, SEE_RESEARCHERS)
        found: list[SeenNeed] = []
        cursor = ""
        with reading_as(self.matching.catalogue, viewer) as connection:
            current = rows_of(connection, [researcher_id]).get(researcher_id, researcher_id)
            person = researcher_of(connection, viewer, current)
            while len(found) < MOST_NEEDS:
                page = needs_page(connection, viewer, NeedFilter(), after=cursor, limit=PAGE)
                found += page.items
                cursor = page.after
                if not cursor:
                    break
        return person.card.researcher_id, found[:MOST_NEEDS]

    def to_encode(self, recommender: NeedMatcher, needs: Sequence[SeenNeed]) -> list[SeenNeed]:
        """Return the needs whose vectors are not kept; none where all needs are ranked anyway."""
        if len(needs) <= RANKED:
            return []
        with self._lock:
            return [need for need in needs if _key(recommender, need) not in self._kept]

    def encode(self, recommender: NeedMatcher, needs: Sequence[SeenNeed]) -> None:
        """Keep the vectors of needs."""
        vectors = recommender.likeness_vectors([need.as_need() for need in needs])
        with self._lock:
            for need, vector in zip(needs, vectors, strict=True):
                self._kept[_key(recommender, need)] = vector
            while len(self._kept) > KEPT_VECTORS:
                self._kept.popitem(last=False)

    def nearest(
        self, recommender: NeedMatcher, researcher_id: str, needs: Sequence[SeenNeed]
    ) -> list[SeenNeed]:
        """Return the RANKED needs nearest to a researcher's public work; raises UnknownIdError."""
        if len(needs) <= RANKED:
            return list(needs)
        with self._lock:
            kept = {
                place: vector
                for place, need in enumerate(needs)
                if (vector := self._kept.get(_key(recommender, need))) is not None
            }
        near = recommender.needs_near(researcher_id, list(kept.values()))
        ordered = sorted(zip(-near, kept, strict=True))
        return [needs[place] for _, place in ordered[:RANKED]]

    def line(
        self, recommender: NeedMatcher, viewer: Viewer, researcher_id: str, need: SeenNeed
    ) -> MatchList:
        """Return of a need's list the researcher's line alone."""
        question = Question(need.as_need())
        return self.matching.people_with(recommender, viewer, question, [researcher_id], FITTING)

    def show(
        self, viewer: Viewer, lines: Sequence[tuple[SeenNeed, MatchList]], compared: int
    ) -> FittingNeeds:
        """Return the needs that the researcher may fit, noted as shown."""
        found = [
            (FittingNeed(need, match), matches)
            for need, matches in lines
            for match in matches.matches
            if match.strength != WEAK
        ]
        found.sort(key=lambda one: (-(one[0].match.probability or 0.0), one[0].need.need_id))
        needs = tuple(one for one, _ in found)
        note_listing(self.matching.catalogue, viewer, [one.need for one in needs], FITTING.code)
        self.matching.note(viewer, [matches for _, matches in found], FITTING)
        return FittingNeeds(needs, compared, len(lines), self.matching.may_reorder)

    def find_with(
        self, recommender: NeedMatcher, viewer: Viewer, researcher_id: str
    ) -> FittingNeeds:
        """Return the needs that a researcher may fit; raises ForbiddenError and UnknownIdError."""
        current, needs = self.open_needs(viewer, researcher_id)
        self.encode(recommender, self.to_encode(recommender, needs))
        near = self.nearest(recommender, current, needs)
        lines = [(need, self.line(recommender, viewer, current, need)) for need in near]
        return self.show(viewer, lines, len(needs))


class FittingFinder:
    """Finds needs for researchers in the queue for the encoder, for pages and the API."""

    def __init__(self, matching: ServedMatching) -> None:
        self._matching = matching
        self._search = FittingSearch(matching)

    async def find(self, viewer: Viewer, researcher_id: str) -> FittingNeeds:
        """Return the needs that a researcher may fit, noted as shown.

        Raises ForbiddenError, UnknownIdError, IndexUnusableError, and TooBusyError where too many wait.
        """
        matching, search = self._matching, self._search
        asked = partial(search.open_needs, viewer, researcher_id)
        current, needs = await anyio.to_thread.run_sync(asked)
        new = await anyio.to_thread.run_sync(lambda: search.to_encode(matching.live.get(), needs))
        for first in range(0, len(new), ENCODED_TOGETHER):
            part = new[first : first + ENCODED_TOGETHER]
            await matching.gate.run(partial(self._encode, part))
        near = await matching.gate.run(lambda: search.nearest(matching.live.get(), current, needs))
        lines = []
        for need in near:
            line = partial(search.line, viewer=viewer, researcher_id=current, need=need)
            lines.append((need, await matching.gate.ask(matching.live, need.as_need(), line)))
        return await anyio.to_thread.run_sync(search.show, viewer, lines, len(needs))

    def _encode(self, needs: Sequence[SeenNeed]) -> None:
        self._search.encode(self._matching.live.get(), needs)


def _key(recommender: NeedMatcher, need: SeenNeed) -> tuple[str, str]:
    """Return a key of the words themselves: who is outside a need's circle sees others of one version."""
    words = f"{need.title}\n{need.text}"
    return recommender.model, hashlib.sha256(words.encode()).hexdigest()
