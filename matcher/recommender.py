"""The recommender: the only module that knows all stages and their order.

need → encode → centre → filter → retrieve → researchers → features → re-rank → explain
"""

import math
from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import pandas as pd

from enmusubi.errors import InputError
from indexes.versions import Version
from matcher.answer import (
    FACETS,
    Answer,
    Choices,
    FoundPeople,
    ShownMark,
    chosen_facets,
    count_facet,
    unchosen,
    understand,
)
from matcher.domains.taxonomy import load_taxonomy
from matcher.encoder.encoder import Encoder, EncodingCache, OnProgress
from matcher.encoder.vector_cache import MemoryCache
from matcher.explaining.evidence import PassageTexts
from matcher.explaining.explanation import Explainer
from matcher.filtering import Allowed, apply_filters, visible_seeds
from matcher.queries import EncodedNeed, QueryMaker, check_need, encode_needs, is_matchable
from matcher.ranking import (
    RERANKED,
    Candidates,
    Ranking,
    find_candidates,
    rank_candidates,
)
from matcher.records import Filters, Match, MatchList, Need, ResearcherCard
from matcher.refinement import MarkedTexts, find_marked, refine
from matcher.reranking.calibration import WEAK
from matcher.reranking.reranker import Reranker, load_reranker
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot, unknown_researcher, without_seeds
from matcher.suggestions import Suggestion, suggest_terms
from matcher.tables import RUN_COLUMNS, researcher_card
from matcher.version_files import check_model, read_snapshot

ALL = Filters()


@dataclass(frozen=True)
class _RefinedQuery:
    """A need's query as refined, and what was marked."""

    query: NeedQuery
    marked: MarkedTexts


class Recommender:
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
        check_model(
            snapshot, name=encoder.name, checksum=encoder.checksum, dimension=encoder.dimension
        )
        self._snapshot = snapshot
        self._encoder = encoder
        self._cache = cache
        self._reranker = reranker or load_reranker()
        self._maker = QueryMaker(snapshot, encoder)
        self._passages = PassageTexts(snapshot)
        self._everyone = apply_filters(ALL, snapshot)
        self._max_need_chars = max_need_chars
        self._cards = {
            str(row["researcher_id"]): researcher_card(row)
            for row in snapshot.researchers.to_dict("records")
        }
        self._ids = [str(i) for i in snapshot.researchers["researcher_id"]]

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

    @property
    def index_version(self) -> str:
        """Name of the index version that answers."""
        return self._snapshot.version

    @property
    def model(self) -> str:
        """Name and checksum of the encoder."""
        return f"{self._encoder.name}@{self._encoder.checksum}"

    @property
    def reranker(self) -> str:
        """Kind and checksum of the re-ranker."""
        return f"{self._reranker.kind}@{self._reranker.checksum}"

    @property
    def encoder(self) -> Encoder:
        """The loaded encoder, to be handed on when a new index version is opened."""
        return self._encoder

    def researcher(self, researcher_id: str) -> ResearcherCard:
        """Return who has that id; raises UnknownIdError."""
        try:
            return self._cards[researcher_id]
        except KeyError:
            raise unknown_researcher(researcher_id, self._snapshot) from None

    def known_for(self, researcher_id: str) -> list[str]:
        """Return the ids of the fields of a researcher's public seeds, the weightiest first."""
        row = self._ids.index(self.researcher(researcher_id).researcher_id)
        return self._maker.records.known_fields(row)

    def people_by_field(self) -> dict[str, int]:
        """Return how many researchers are known for each field of research, by its id."""
        counts = self._maker.records.known_for.sum(axis=0)
        return {key: int(n) for key, n in zip(load_taxonomy().ids, counts, strict=False)}

    def recommend(
        self,
        needs: Sequence[Need],
        *,
        top: int,
        filters: Filters = ALL,
        on_progress: OnProgress | None = None,
    ) -> pd.DataFrame:
        """Return a run: need_id, researcher_id, rank and score, `top` researchers for each need.

        Needs in the order given, rank 1 first; a need without candidates has no rows.
        """
        allowed = self._allow(filters)
        frames = []
        for refined in self._queries(needs, filters):
            query = refined.query
            people = self._rank(query, allowed.without(refined.marked.left_out)).people
            frames.append(self._as_run(query.need_id, people.head(top)))
            if on_progress:
                on_progress(1)
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=RUN_COLUMNS)

    def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
        """Return the match list of one need, with evidence.

        Raises EmptyNeedError or InputError when the need cannot be matched.
        """
        return self.answer(need, top=top, filters=filters, facets=()).matches

    def answer(
        self, need: Need, *, top: int = 10, filters: Filters = ALL, facets: Sequence[str] = FACETS
    ) -> Answer:
        """Return the match list of one need with what was understood, and the named facets.

        Raises EmptyNeedError or InputError when the need cannot be matched.
        """
        if top < 1:
            raise InputError("top is %(top)s, expected 1 or more.", top=top)
        refined = next(self._queries([need], filters))
        query, left_out = refined.query, refined.marked.left_out
        allowed = self._allow(filters).without(left_out)
        ranking = self._rank(query, allowed)
        return Answer(
            matches=self._list(need, query, ranking, allowed, top),
            understood=understand(query),
            facets=self._facets(refined, ranking, filters, facets),
            found=min(len(ranking.people), RERANKED),
            marked=self._shown_marks(refined.marked),
            suggested=self._suggested(query, ranking) if facets else (),
        )

    def _list(
        self, need: Need, query: NeedQuery, ranking: Ranking, allowed: Allowed, top: int
    ) -> MatchList:
        needed = self._maker.parts(need, query, self._cache)
        explainer = Explainer(
            ranking, self._snapshot, self._passages, needed=needed, area=need.area
        )
        best = ranking.people.head(top)[["researcher_row", "rank", "score", "probability"]]
        matches = tuple(
            self._as_match(explainer, int(row), int(rank), float(score), float(probability))
            for row, rank, score, probability in best.to_numpy()
        )
        return MatchList(
            need_id=need.need_id,
            language=query.language,
            matches=matches,
            researchers_considered=int(allowed.researchers.sum()),
            index_version=self.index_version,
            model=self.model,
            fits_nobody=ranking.fits_nobody,
            reranker=self.reranker,
            cuts=self._reranker.calibration.cuts,
            own_judgements=self._reranker.own.judged if self._reranker.own else 0,
            fields=tuple(likely.field_id for likely in understand(query).fields),
        )

    def describe(
        self, needs: Sequence[Need], *, on_progress: OnProgress | None = None
    ) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield each need's id and the features of the researchers who are re-ranked for it.

        The columns are researcher_id and the features.
        """
        for refined in self._queries(needs, ALL):
            features = self._candidates(refined.query, self._everyone).features
            described = features.reset_index(drop=True)
            described.insert(0, "researcher_id", [self._ids[row] for row in features.index])
            yield refined.query.need_id, described
            if on_progress:
                on_progress(1)

    @property
    def ranks_with(self) -> Reranker:
        """The re-ranker that orders the lists."""
        return self._reranker

    def with_reranker(self, reranker: Reranker) -> "Recommender":
        """Return a recommender of the same index that orders people with another re-ranker."""
        other = copy(self)
        other._reranker = reranker
        return other

    def prepared(self, needs: Sequence[Need]) -> "Recommender":
        """Return a recommender that has encoded these needs together and answers as this one does.

        Needs that cannot be matched are left to be refused when they are asked for.
        """
        ready = copy(self)
        if self._cache is None:
            ready._cache = MemoryCache()
        matchable = [need for need in needs if is_matchable(need, max_chars=self._max_need_chars)]
        encode_needs(matchable, self._encoder, ready._cache)
        return ready

    def without(self, researcher_id: str, seed_ids: Collection[str]) -> "Recommender":
        """Return a recommender for which that person never had these seeds; nothing is indexed anew.

        The person's field and record as a whole are left as they are. Raises UnknownIdError.
        """
        row, reduced = self._ids.index(self.researcher(researcher_id).researcher_id), copy(self)
        reduced._snapshot = without_seeds(self._snapshot, row, seed_ids)
        reduced._everyone = apply_filters(ALL, reduced._snapshot)
        return reduced

    def _facets(
        self, refined: _RefinedQuery, ranking: Ranking, filters: Filters, facets: Sequence[str]
    ) -> dict[str, Choices]:
        """Count the facets over those likely to fit; one that was chosen from as if it had not been."""
        chosen = set(chosen_facets(filters))
        found = dict.fromkeys(facets, self._likely(ranking))
        for facet in chosen.intersection(facets):
            allowed = self._allow(unchosen(filters, facet)).without(refined.marked.left_out)
            found[facet] = self._likely(self._rank(refined.query, allowed))
        known_for = self._maker.records.known_for
        return {
            facet: count_facet(facet, likely, self._snapshot, known_for)
            for facet, likely in found.items()
        }

    def _likely(self, ranking: Ranking) -> FoundPeople:
        """Return those of a ranking whom no word calls weak, with their seeds."""
        people = ranking.people
        likely = people["probability"] >= self._reranker.calibration.possible
        return FoundPeople(people[likely], ranking.candidates.owned)

    def _allow(self, filters: Filters) -> Allowed:
        known = self._maker.records.known_for_any(filters.domains)
        return apply_filters(filters, self._snapshot, known)

    def _queries(self, needs: Sequence[Need], filters: Filters) -> Iterator[_RefinedQuery]:
        for need in needs:
            check_need(need, max_chars=self._max_need_chars)
        encoded = encode_needs(needs, self._encoder, self._cache)
        return (self._refined(n, e, filters) for n, e in zip(needs, encoded, strict=True))

    def _refined(self, need: Need, encoded: EncodedNeed, filters: Filters) -> _RefinedQuery:
        query = self._maker.make(need, encoded)
        seen = visible_seeds(self._snapshot, filters)
        marked = find_marked(need.refinement, query, self._snapshot, seen)
        return _RefinedQuery(refine(query, marked, self._snapshot), marked)

    def _shown_marks(self, marked: MarkedTexts) -> tuple[ShownMark, ...]:
        """Return the marks as a page shows them: more first, each side in the order given."""
        sides = ((True, marked.more), (False, marked.less))
        return tuple(
            ShownMark(one.mark, wanted, self._cards.get(one.mark.researcher_id), one.label)
            for wanted, side in sides
            for one in side
        )

    def _suggested(self, query: NeedQuery, ranking: Ranking) -> tuple[Suggestion, ...]:
        known_for = self._maker.records.known_for
        return suggest_terms(query, ranking, self._snapshot, known_for)

    def _rank(self, query: NeedQuery, allowed: Allowed) -> Ranking:
        everyone = None if allowed.equals(self._everyone) else self._everyone
        among = self._candidates(query, everyone) if everyone else None
        return rank_candidates(self._candidates(query, allowed), self._reranker, among)

    def _candidates(self, query: NeedQuery, allowed: Allowed) -> Candidates:
        return find_candidates(query, self._snapshot, allowed, self._maker.records)

    def _as_match(
        self, explainer: Explainer, row: int, rank: int, score: float, probability: float
    ) -> Match:
        """Return the match of a row of a ranking; its probability is NaN below the re-ranked."""
        known = None if math.isnan(probability) else probability
        strength = WEAK if known is None else self._reranker.word(known)
        why = explainer.explain(row, strength=strength, probability=known)
        return Match(
            rank=rank,
            researcher=self._cards[self._ids[row]],
            score=score,
            evidence=why.evidence,
            probability=known,
            strength=strength,
            against=why.against,
            contributions=why.contributions,
            parts=why.parts,
        )

    def _as_run(self, need_id: str, ranking: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "need_id": need_id,
                "researcher_id": [self._ids[row] for row in ranking["researcher_row"]],
                "rank": ranking["rank"].to_numpy(),
                "score": ranking["score"].to_numpy(),
            },
            columns=list(RUN_COLUMNS),
        )
