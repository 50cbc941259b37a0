"""Analyses needs over several shards, as `analyst` does for one index version.

Asks the shards what filters leave and who could be meant (see `gathering`), and ranks among all of them.
"""

import uuid
from collections.abc import Collection
from copy import copy
from dataclasses import dataclass, field

from enmusubi.errors import UnknownIdError
from matcher.analyst import ALL
from matcher.base_analyst import BaseAnalyst
from matcher.encoder.encoder import Encoder
from matcher.need_analysis import KeptNeeds, NeedAnalysis
from matcher.queries import EncodedNeed, QueryMaker
from matcher.ranking import Ranking, rank_candidates
from matcher.recently_used import RecentlyUsed
from matcher.records import Filters, Mark, Need
from matcher.refinement import MarkedText, MarkedTexts, refine
from matcher.reranking.reranker import Reranker
from matcher.retrieval import PassageScorer
from matcher.sharding.fan import Fan
from matcher.sharding.gathering import Gathered, gather_candidates
from matcher.sharding.shard import Left, Removed, ShardQuestion
from matcher.snapshot import Snapshot, unknown_researcher

KEPT_LEFT = 64


@dataclass(eq=False)
class ShardedAnalysis(NeedAnalysis[Gathered]):
    """What is known of a need, and the key by which shards keep what they found for it."""

    key: str = field(default_factory=lambda: uuid.uuid4().hex)


class ShardedAnalyst(BaseAnalyst[ShardedAnalysis]):
    """Shards and what is kept for the needs asked for last; safe to call from several threads."""

    def __init__(
        self,
        front: Snapshot,
        fan: Fan,
        encoder: Encoder,
        maker: QueryMaker,
        *,
        max_need_chars: int,
    ) -> None:
        super().__init__(encoder, maker, max_need_chars=max_need_chars)
        self._front = front
        self._fan = fan
        self._removed: Removed = ()
        self._kept_left: RecentlyUsed[list[Left]] = RecentlyUsed(KEPT_LEFT)

    def without(self, researcher_id: str, seed_ids: Collection[str]) -> "ShardedAnalyst":
        """Return the same for a catalogue in which that person never had these seeds."""
        reduced = copy(self)
        reduced._removed = (*self._removed, (researcher_id, tuple(seed_ids)))
        reduced._kept_needs = KeptNeeds()
        return reduced

    def among(self, fan: Fan) -> "ShardedAnalyst":
        """Return the same for some of the shards."""
        reduced = copy(self)
        reduced._fan = fan
        reduced._kept_needs = KeptNeeds()
        reduced._kept_left = RecentlyUsed(KEPT_LEFT)
        return reduced

    def considered(self, analysis: ShardedAnalysis, filters: Filters) -> int:
        """Return how many people could be in a need's list."""
        left = self._what_is_left(filters, tuple(analysis.marked.left_out))
        return sum(one.n_researchers for one in left)

    def rank(
        self, analysis: ShardedAnalysis, filters: Filters, reranker: Reranker
    ) -> tuple[Ranking, Gathered]:
        """Return the people whom filters leave in the order of a re-ranker, and where they are."""
        left_out = tuple(analysis.marked.left_out)
        everyone = None
        if left_out or not all(one.is_everyone for one in self._what_is_left(filters)):
            everyone = self.gather(analysis, ALL).candidates
        gathered = self.gather(analysis, filters, left_out)
        return rank_candidates(gathered.candidates, reranker, everyone), gathered

    def gather(
        self, analysis: ShardedAnalysis, filters: Filters, left_out: tuple[int, ...] = ()
    ) -> Gathered:
        """Return whom the shards put forward of those left, without the people `left_out`."""
        left = self._what_is_left(filters)
        everyone = all(one.is_everyone for one in left)
        key = (ALL.key() if everyone else filters.key(), left_out)

        def find() -> Gathered:
            asked = ShardQuestion(
                key=analysis.key,
                query=analysis.query,
                scales=analysis.scorer.scales,
                filters=ALL if everyone else filters,
                left_out=left_out,
                removed=self._removed,
                everything=all(one.has_all_passages for one in left),
            )
            return gather_candidates(self._fan, asked, analysis.scorer)

        return analysis.candidates(key, find)

    def _what_is_left(self, filters: Filters, left_out: tuple[int, ...] = ()) -> list[Left]:
        key = (filters.key(), left_out, self._removed)
        left = self._kept_left.get(key)
        if left is None:
            left = self._fan.each("left", filters, left_out, self._removed)
            self._kept_left.put(key, left)
        return left

    def _analyse(self, need: Need, encoded: EncodedNeed, filters: Filters) -> ShardedAnalysis:
        query = self.maker.make(need, encoded)
        marks = need.refinement.marks
        found: dict[Mark, MarkedText] = {}
        if marks:
            answers = self._fan.each("find_marked", marks, query, filters)
            for mark, of in zip(marks, zip(*answers, strict=True), strict=True):
                known = next((one for one in of if one is not None), None)
                if known is None:
                    raise self._unknown(mark)
                found[mark] = known
        marked = MarkedTexts(
            more=tuple(found[mark] for mark in need.refinement.more_like),
            less=tuple(found[mark] for mark in need.refinement.less_like),
        )
        refined = refine(query, marked, self._front)
        return ShardedAnalysis(refined, PassageScorer(refined, self._front), marked)

    def _unknown(self, mark: Mark) -> UnknownIdError:
        if mark.researcher_id:
            return unknown_researcher(mark.researcher_id, self._front)
        return UnknownIdError(
            "No seed has the id %(id)r in index version %(version)s, or not that sentence.",
            id=mark.seed_id,
            version=self._front.version,
        )
