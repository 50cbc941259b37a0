"""The recommender: the only module that knows all stages and their order.

need → encode → centre → filter → retrieve → researchers → features → re-rank → explain
"""

from collections.abc import Collection, Iterator, Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import InputError
from indexes.versions import Version
from matcher.alike_needs import NeedVector
from matcher.analyst import ALL, Analysis, Analyst
from matcher.answer import FACETS, Answer, understand
from matcher.answering import AnswerWriter
from matcher.base_recommender import BaseRecommender
from matcher.directions import needs_near, seed_likeness
from matcher.domains.taxonomy import load_taxonomy
from matcher.encoder.encoder import Encoder, EncodingCache
from matcher.encoder.vector_cache import MemoryCache
from matcher.explaining.explanation import CaseFinder
from matcher.explaining.need_parts import NeedParts
from matcher.explaining.passage_texts import PassageTexts
from matcher.features.extraction import Described
from matcher.listing import Listed, ListWriter, ToldPerson
from matcher.profiles import without_seeds
from matcher.ranking import RERANKED, Ranking
from matcher.records import Filters, MatchList, Need, ResearcherCard
from matcher.reranking.reranker import Reranker
from matcher.snapshot import Snapshot, unknown_researcher
from matcher.tables import researcher_card
from matcher.teams.coverage import coverage_of, public_work
from matcher.teams.pool import MOST_CANDIDATES, TeamPool
from matcher.teams.pooling import pool_of
from matcher.topics import seeds_about
from matcher.version_files import read_snapshot


class Recommender(BaseRecommender):
    """An index version and its encoder, ready to answer needs; safe to call from several threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        encoder: Encoder,
        cache: EncodingCache | None = None,
        reranker: Reranker | None = None,
        *,
        max_need_chars: int = 50_000,
    ) -> None:
        super().__init__(snapshot, encoder, cache, reranker, max_need_chars=max_need_chars)
        self._snapshot = snapshot
        self._passages = PassageTexts(snapshot)
        self._analyst = Analyst(snapshot, encoder, self._maker, max_need_chars=max_need_chars)
        self._ids = snapshot.researchers.texts("researcher_id")

    @classmethod
    def from_parts(
        cls,
        version: Version,
        encoder: Encoder,
        cache: EncodingCache | None = None,
        reranker: Reranker | None = None,
    ) -> "Recommender":
        """Serve a version that was just built; needs' vectors go through `cache` if one is given."""
        return cls(read_snapshot(version), encoder, cache, reranker, max_need_chars=10_000_000)

    def researcher(self, researcher_id: str) -> ResearcherCard:
        """Return who has that id; raises UnknownIdError."""
        return self._card(self._row_of(researcher_id))

    def _row_of(self, researcher_id: str) -> int:
        row = self._ids.row_of(researcher_id)
        if row is None:
            raise unknown_researcher(researcher_id, self._snapshot)
        return row

    def _card(self, row: int) -> ResearcherCard:
        return researcher_card(self._snapshot.researchers.row(row))

    def known_for(self, researcher_id: str) -> list[str]:
        """Return the ids of the fields of a researcher's public seeds, the weightiest first."""
        row = self._row_of(researcher_id)
        return self._maker.records.known_fields(row)

    def people_by_field(self) -> dict[str, int]:
        """Return how many researchers are known for each field of research, by its id."""
        counts = self._maker.records.known_for.sum(axis=0)
        return {key: int(n) for key, n in zip(load_taxonomy().ids, counts, strict=False)}

    def seeds_about(self, words: Sequence[str], filters: Filters = ALL) -> list[str]:
        """Return the ids of the seeds that have all the words in title or text."""
        return seeds_about(words, self._snapshot, filters)

    def answer(
        self, need: Need, *, top: int = 10, filters: Filters = ALL, facets: Sequence[str] = FACETS
    ) -> Answer:
        """Return the match list of one need with what was understood, and the named facets.

        Raises EmptyNeedError or InputError when the need cannot be matched.
        """
        if top < 1:
            raise InputError("top is %(top)s, expected 1 or more.", top=top)
        analysis = self._analyst.analysis(need, filters, self._cache)
        ranking = self._analyst.rank(analysis, filters, self._reranker)
        writer = AnswerWriter(self._snapshot, self._analyst, self._reranker, self._card)
        return Answer(
            matches=self._list(need, analysis, ranking, filters, np.arange(top)),
            understood=understand(analysis.query),
            facets=writer.facets(analysis, ranking, filters, facets),
            found=min(len(ranking.people), RERANKED),
            marked=writer.marks(analysis.marked),
            suggested=writer.suggestions(analysis.query, ranking) if facets else (),
        )

    def _list(
        self,
        need: Need,
        analysis: Analysis,
        ranking: Ranking,
        filters: Filters,
        places: NDArray[np.int64],
    ) -> MatchList:
        """Return the people at these places of a ranking, from 0, as far as there are such."""
        writer = ListWriter(self._snapshot, self._reranker, self.model, self._tell)
        needed = self._analyst.parts(need, analysis, self._cache)
        considered = self._analyst.considered(analysis, filters)
        return writer.write(
            need,
            needed,
            ranking,
            places=places[places < len(ranking.people)],
            considered=considered,
        )

    def _tell(self, ranking: Ranking, needed: NeedParts, listed: Listed) -> list[ToldPerson]:
        candidates = ranking.candidates
        finder = CaseFinder(
            candidates.scorer.query, needed, candidates.owned, self._snapshot, self._passages
        )
        return [ToldPerson(self._card(row), finder.find(row, known)) for row, known in listed]

    def _best(
        self, needs: Sequence[Need], top: int, filters: Filters
    ) -> Iterator[tuple[Need, Ranking, Sequence[str]]]:
        for need, analysis in self._analyst.analyses(needs, filters, self._cache):
            ranking = self._analyst.rank(analysis, filters, self._reranker)
            yield need, ranking, self._ids[ranking.people.researcher_row[:top]]

    def _described(self, needs: Sequence[Need]) -> Iterator[tuple[Need, Described, Sequence[str]]]:
        for need, analysis in self._analyst.analyses(needs, ALL, self._cache):
            described = self._analyst.candidates(analysis, ALL).described
            yield need, described, self._ids[described.people]

    def team_pool(
        self,
        need: Need,
        *,
        most: int = MOST_CANDIDATES,
        filters: Filters = ALL,
        besides: Collection[str] = (),
    ) -> TeamPool:
        """Return whom a team for the need can be chosen from: `most` at most, by rank.

        They are the likeliest for the whole need and for each of its wishes. `besides` are ids of
        researchers who are to be among them in any case, as far as the filters leave them. Raises as
        `match` does.
        """
        analysis = self._analyst.analysis(need, filters, self._cache)
        ranking = self._analyst.rank(analysis, filters, self._reranker)
        needed = self._analyst.parts(need, analysis, self._cache)
        alone = self._maker.alone(needed, analysis.query.language, self._cache)
        coverage = coverage_of(ranking, needed, alone, self._snapshot)
        wanted = [row for one in besides if (row := self._ids.row_of(one)) is not None]
        places = coverage.chosen(most, also=wanted)
        listed = np.flatnonzero(np.isin(ranking.people.researcher_row, coverage.rows[places]))
        everybody = self._list(need, analysis, ranking, filters, listed)
        rows, fields = coverage.rows[places], analysis.query.fields
        known_for = self._maker.records.known_for[rows]
        works = [public_work(rows, self._snapshot)]
        return pool_of((coverage, places), everybody, fields, known_for, works)

    def match_people(
        self, need: Need, researcher_ids: Collection[str], *, filters: Filters = ALL
    ) -> MatchList:
        """Return of a need's list the lines of these people alone, with the ranks that they have there.

        Whoever the list does not have is left out. Raises as `match` does.
        """
        analysis = self._analyst.analysis(need, filters, self._cache)
        ranking = self._analyst.rank(analysis, filters, self._reranker)
        wanted = [row for one in researcher_ids if (row := self._ids.row_of(one)) is not None]
        places = np.flatnonzero(np.isin(ranking.people.researcher_row, wanted))
        return self._list(need, analysis, ranking, filters, places)

    def needs_near(self, researcher_id: str, vectors: Sequence[NeedVector]) -> NDArray[np.float64]:
        """Return how near each need is to a researcher's nearest public passage, shape (n,).

        -1 for somebody without any; it only says which needs are worth ranking. Raises UnknownIdError.
        """
        return needs_near(self._snapshot, self._row_of(researcher_id), self.centred(vectors))

    @property
    def _whole(self) -> Snapshot:
        return self._snapshot

    def _seed_likeness(
        self, seed_ids: Sequence[str], vector: NDArray[np.float32]
    ) -> dict[str, float]:
        return seed_likeness(self._snapshot, seed_ids, vector)

    def look_ahead(self, needs: Sequence[Need], *, filters: Filters = ALL) -> None:
        """Do for needs that are asked for next what can be done for all of them at once."""
        self._analyst.look_ahead(needs, filters, self._cache)

    def prepared(self, needs: Sequence[Need]) -> "Recommender":
        """Return a recommender that has encoded these needs together and answers as this one does.

        Needs that cannot be matched are left to be refused when they are asked for.
        """
        ready, cache = copy(self), self._cache or MemoryCache()
        ready._cache = cache
        self._encode_ahead(self._analyst.unknown(needs), cache)
        return ready

    def without(self, researcher_id: str, seed_ids: Collection[str]) -> "Recommender":
        """Return a recommender for which that person never had these seeds; nothing is indexed anew.

        The person's field and record as a whole are left as they are. Raises UnknownIdError.
        """
        row, reduced = self._row_of(researcher_id), copy(self)
        reduced._snapshot = without_seeds(self._snapshot, row, seed_ids)
        reduced._analyst = self._analyst.of(reduced._snapshot)
        return reduced
