"""Analyses needs for one index version: their queries, their candidates and the people left by filters.

Knows the order of the stages from a need to a ranking; what is shown of it is the recommender's.
"""

from collections.abc import Sequence

import numpy as np

from matcher.base_analyst import BaseAnalyst
from matcher.encoder.encoder import Encoder, EncodingCache
from matcher.filtering import Allowed, apply_filters, visible_seeds
from matcher.need_analysis import NeedAnalysis
from matcher.queries import EncodedNeed, QueryMaker
from matcher.ranking import Candidates, Ranking, find_candidates, rank_candidates
from matcher.recently_used import RecentlyUsed
from matcher.records import Filters, Need
from matcher.refinement import MarkedTexts, find_marked, refine
from matcher.reranking.reranker import Reranker
from matcher.retrieval import ALL_ARE_CANDIDATES, BY_VECTOR, PassageScorer
from matcher.snapshot import Snapshot

ALL = Filters()
Analysis = NeedAnalysis[Candidates]
ANALYSED_TOGETHER = 16  # needs, fewer than are kept
KEPT_FILTERS = 8  # what they leave is kept: people refine one list with the same filters


class Analyst(BaseAnalyst[Analysis]):
    """An index version and what is kept for the needs asked for last; safe to call from several threads."""

    def __init__(
        self, snapshot: Snapshot, encoder: Encoder, maker: QueryMaker, *, max_need_chars: int
    ) -> None:
        super().__init__(encoder, maker, max_need_chars=max_need_chars)
        self.snapshot = snapshot
        self.everyone = apply_filters(ALL, snapshot)
        self._kept_filters: RecentlyUsed[Allowed] = RecentlyUsed(KEPT_FILTERS)

    def of(self, snapshot: Snapshot) -> "Analyst":
        """Return the same for another state of the index version."""
        return Analyst(snapshot, self._encoder, self.maker, max_need_chars=self.max_need_chars)

    def allow(self, filters: Filters) -> Allowed:
        """Return what filters leave; `everyone` itself where they leave everybody."""
        key = filters.key()
        if key == ALL.key():
            return self.everyone
        kept = self._kept_filters.get(key)
        if kept is None:
            known = self.maker.records.known_for_any(filters.domains)
            kept = apply_filters(filters, self.snapshot, known)
            kept = self.everyone if kept.equals(self.everyone) else kept
            self._kept_filters.put(key, kept)
        return kept

    def considered(self, analysis: Analysis, filters: Filters) -> int:
        """Return how many people could be in a need's list."""
        return self.allow(filters).without(analysis.marked.left_out).n_researchers

    def look_ahead(
        self, needs: Sequence[Need], filters: Filters, cache: EncodingCache | None
    ) -> None:
        """Analyse needs that are asked for next, and search by vector for all of them together.

        They are encoded one after the other: together, their vectors would not be those of each alone.
        """
        allowed = self.allow(filters)
        for first in range(0, len(needs), ANALYSED_TOGETHER):
            some = self.matchable(needs[first : first + ANALYSED_TOGETHER])
            made = [self.analysis(need, filters, cache) for need in some]
            if made and not allowed.leaves_few(ALL_ARE_CANDIDATES):
                vectors = np.stack([one.query.vector for one in made])
                near = self.snapshot.dense.search_many(vectors, BY_VECTOR, allowed.passages)
                for analysis, rows in zip(made, near, strict=True):
                    analysis.scorer.foresee(allowed.passages, rows)

    def unknown(self, needs: Sequence[Need]) -> list[Need]:
        """Return the needs that can be matched and are not kept."""
        return [n for n in self.matchable(needs) if self._kept_needs.get(n, ALL) is None]

    def rank(self, analysis: Analysis, filters: Filters, reranker: Reranker) -> Ranking:
        """Return the people whom filters leave in the order of a re-ranker."""
        left_out = tuple(analysis.marked.left_out)
        everyone = None
        if left_out or self.allow(filters) is not self.everyone:
            everyone = self.candidates(analysis, ALL)
        return rank_candidates(self.candidates(analysis, filters, left_out), reranker, everyone)

    def candidates(
        self, analysis: Analysis, filters: Filters, left_out: tuple[int, ...] = ()
    ) -> Candidates:
        """Return whom the first stage puts forward of those left, without the people `left_out`."""
        allowed = self.allow(filters)
        key = ALL.key() if allowed is self.everyone else filters.key()

        def find() -> Candidates:
            left = allowed.without(left_out)
            return find_candidates(analysis.scorer, self.snapshot, left, self.maker.records)

        return analysis.candidates((key, left_out), find)

    def _analyse(self, need: Need, encoded: EncodedNeed, filters: Filters) -> Analysis:
        query = self.maker.make(need, encoded)
        marked = MarkedTexts()
        if need.refinement.marks:
            seen = visible_seeds(self.snapshot, filters)
            marked = find_marked(need.refinement, query, self.snapshot, seen)
        refined = refine(query, marked, self.snapshot)
        return Analysis(refined, PassageScorer(refined, self.snapshot), marked)
