"""The recommender over several shards: the same lists as one over a single index version, to the last digit.

It knows the order of the stages. What holds among all shards (who is put forward, ranks, probabilities) is
decided in `sharded_analyst`; what is told of people is asked in `sharded_answering`, and what the shards say
of them is in `local_shard`.
"""

from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import InputError
from matcher.alike_needs import NeedVector
from matcher.analyst import ALL
from matcher.answer import FACETS, Answer, understand
from matcher.base_recommender import BaseRecommender
from matcher.encoder.encoder import Encoder, EncodingCache
from matcher.encoder.vector_cache import MemoryCache
from matcher.features.extraction import Described
from matcher.listing import ListWriter
from matcher.ranking import RERANKED, Ranking
from matcher.recommender import Recommender
from matcher.records import Filters, MatchList, Need, ResearcherCard
from matcher.reranking.reranker import Reranker
from matcher.sharding.absence import Absence, shard_sizes
from matcher.sharding.fan import Fan, RestFan
from matcher.sharding.gathering import Gathered
from matcher.sharding.sharded_analyst import ShardedAnalysis, ShardedAnalyst
from matcher.sharding.sharded_answering import ShardedAnswerWriter
from matcher.snapshot import Snapshot, unknown_researcher
from matcher.teams.coverage import coverage_of_nearness
from matcher.teams.pool import MOST_CANDIDATES, TeamPool
from matcher.teams.pooling import pool_of


class ShardedRecommender(BaseRecommender):
    """Shards and an encoder, ready to answer needs; safe to call from several threads.

    `front` is a version without rows that knows what holds for the whole catalogue.
    """

    def __init__(
        self,
        front: Snapshot,
        fan: Fan,
        encoder: Encoder,
        cache: EncodingCache | None = None,
        reranker: Reranker | None = None,
        *,
        max_need_chars: int = 50_000,
    ) -> None:
        super().__init__(front, encoder, cache, reranker, max_need_chars=max_need_chars)
        self._front = front
        self._fan = fan
        self._absence = Absence()
        self._not_asked = 0.0
        self._analyst = ShardedAnalyst(
            front, fan, encoder, self._maker, max_need_chars=max_need_chars
        )

    def researcher(self, researcher_id: str) -> ResearcherCard:
        """Return who has that id; raises UnknownIdError."""
        found: ResearcherCard = self._only(self._fan.each("card", researcher_id), researcher_id)
        return found

    def known_for(self, researcher_id: str) -> list[str]:
        """Return the ids of the fields of a researcher's public seeds, the weightiest first."""
        found: list[str] = self._only(self._fan.each("known_for", researcher_id), researcher_id)
        return found

    def _only(self, answers: Sequence[Any | None], researcher_id: str) -> Any:
        known = next((one for one in answers if one is not None), None)
        if known is None:
            raise unknown_researcher(researcher_id, self._front)
        return known

    def people_by_field(self) -> dict[str, int]:
        """Return how many researchers are known for each field of research, by its id."""
        counts = self._fan.each("people_by_field")
        return {key: sum(one[key] for one in counts) for key in counts[0]}

    def seeds_about(self, words: Sequence[str], filters: Filters = ALL) -> list[str]:
        """Return the ids of the seeds that have all the words in title or text."""
        found = self._fan.each("seeds_about", words, filters)
        return sorted({seed_id for one in found for seed_id in one})

    def prepared(self, needs: Sequence[Need]) -> "ShardedRecommender":
        """Return a recommender that has encoded these needs together and answers as this one does."""
        ready, cache = copy(self), self._cache or MemoryCache()
        ready._cache = cache
        self._encode_ahead(self._analyst.matchable(needs), cache)
        return ready

    def without(self, researcher_id: str, seed_ids: Collection[str]) -> "ShardedRecommender":
        """Return a recommender for which that person never had these seeds; nothing is indexed anew.

        Raises UnknownIdError.
        """
        self.researcher(researcher_id)
        reduced = copy(self)
        reduced._analyst = self._analyst.without(researcher_id, seed_ids)
        return reduced

    @property
    def n_shards(self) -> int:
        """How many shards are asked."""
        return self._fan.n_shards

    @property
    def absence(self) -> Absence:
        """Which shards did not answer lately; known to all copies of this recommender."""
        return self._absence

    def without_shards(self, missing: Collection[int]) -> "ShardedRecommender":
        """Return a recommender that asks the other shards alone, and marks its lists as incomplete."""
        if not missing:
            return self
        people = shard_sizes(self._front.manifest, self._fan.n_shards)
        reduced = copy(self)
        reduced._fan = RestFan(self._fan, [n for n in range(len(people)) if n not in missing])
        reduced._analyst = self._analyst.among(reduced._fan)
        reduced._not_asked = sum(people[n] for n in missing) / max(1, sum(people))
        return reduced

    def answer(
        self, need: Need, *, top: int = 10, filters: Filters = ALL, facets: Sequence[str] = FACETS
    ) -> Answer:
        """Return the match list of one need with what was understood, and the named facets."""
        if top < 1:
            raise InputError("top is %(top)s, expected 1 or more.", top=top)
        analysis = self._analyst.analysis(need, filters, self._cache)
        ranking, gathered = self._analyst.rank(analysis, filters, self._reranker)
        writer = self._writer()
        return Answer(
            matches=self._list(need, analysis, (ranking, gathered), filters, np.arange(top)),
            understood=understand(analysis.query),
            facets=writer.facets(analysis, (ranking, gathered), filters, facets),
            found=min(len(ranking.people), RERANKED),
            marked=writer.marks(analysis.marked),
            suggested=writer.suggestions(analysis.query, ranking, gathered) if facets else (),
        )

    def _best(
        self, needs: Sequence[Need], top: int, filters: Filters
    ) -> Iterator[tuple[Need, Ranking, Sequence[str]]]:
        writer = self._writer()
        for need, analysis in self._analyst.analyses(needs, filters, self._cache):
            ranking, gathered = self._analyst.rank(analysis, filters, self._reranker)
            yield need, ranking, writer.ids_of(ranking.people.researcher_row[:top], gathered)

    def _described(self, needs: Sequence[Need]) -> Iterator[tuple[Need, Described, Sequence[str]]]:
        for need, analysis in self._analyst.analyses(needs, ALL, self._cache):
            gathered = self._analyst.gather(analysis, ALL)
            described = gathered.candidates.described
            yield need, described, self._writer().ids_of(described.people, gathered)

    def team_pool(
        self,
        need: Need,
        *,
        most: int = MOST_CANDIDATES,
        filters: Filters = ALL,
        besides: Collection[str] = (),
    ) -> TeamPool:
        """Return whom a team for the need can be chosen from: `most` at most, by rank."""
        analysis = self._analyst.analysis(need, filters, self._cache)
        ranking, gathered = self._analyst.rank(analysis, filters, self._reranker)
        needed, writer = self._analyst.parts(need, analysis, self._cache), self._writer()
        alone = self._maker.alone(needed, analysis.query.language, self._cache)
        forward = ranking.people.researcher_row[: len(gathered.candidates.described.people)]
        coverage = coverage_of_nearness(
            ranking,
            needed,
            alone,
            lambda people, vectors: writer.near_wishes(people, gathered, vectors),
        )
        rows = {row for one in besides for row in self._fan.each("row_of", one) if row is not None}
        places = coverage.chosen(most, also=rows)
        listed = np.flatnonzero(np.isin(ranking.people.researcher_row, coverage.rows[places]))
        everybody = self._list(need, analysis, (ranking, gathered), filters, listed)
        chosen = forward[places]
        known, works = writer.known_fields(chosen, gathered), writer.public_work(chosen, gathered)
        return pool_of((coverage, places), everybody, analysis.query.fields, known, works)

    def match_people(
        self, need: Need, researcher_ids: Collection[str], *, filters: Filters = ALL
    ) -> MatchList:
        """Return of a need's list the lines of these people alone, with the ranks that they have there."""
        analysis = self._analyst.analysis(need, filters, self._cache)
        ranking, gathered = self._analyst.rank(analysis, filters, self._reranker)
        rows: list[int] = []
        for one in researcher_ids:
            rows += [row for row in self._fan.each("row_of", one) if row is not None]
        places = np.flatnonzero(np.isin(ranking.people.researcher_row, rows))
        return self._list(need, analysis, (ranking, gathered), filters, places)

    def needs_near(self, researcher_id: str, vectors: Sequence[NeedVector]) -> NDArray[np.float64]:
        """Return how near each need is to a researcher's nearest public passage; raises UnknownIdError."""
        answers = self._fan.each("needs_near", researcher_id, self.centred(vectors))
        found: NDArray[np.float64] = self._only(answers, researcher_id)
        return found

    @property
    def _whole(self) -> Snapshot:
        return self._front

    def _seed_likeness(
        self, seed_ids: Sequence[str], vector: NDArray[np.float32]
    ) -> dict[str, float]:
        found: dict[str, float] = {}
        for one in self._fan.each("seed_likeness", seed_ids, vector):
            found |= one  # each shard with one of a seed's people has the seed whole
        return found

    def _writer(self) -> ShardedAnswerWriter:
        return ShardedAnswerWriter(self._front, self._fan, self._analyst, self._reranker)

    def _list(
        self,
        need: Need,
        analysis: ShardedAnalysis,
        ranked: tuple[Ranking, Gathered],
        filters: Filters,
        places: NDArray[np.int64],
    ) -> MatchList:
        ranking, gathered = ranked
        tell = self._writer().tell
        writer = ListWriter(
            self._front,
            self._reranker,
            self.model,
            lambda _, needed, listed: tell(gathered, needed, listed),
        )
        considered = self._analyst.considered(analysis, filters)
        written = writer.write(
            need,
            self._analyst.parts(need, analysis, self._cache),
            ranking,
            places=places[places < len(ranking.people)],
            considered=considered,
        )
        if not self._not_asked:
            return written
        # somebody who was not asked may fit
        return replace(written, not_asked=self._not_asked, fits_nobody=False)


AnyRecommender = Recommender | ShardedRecommender
"""A recommender of one index version, however many shards it has."""
