"""What every recommender has and answers alike, over one index version or several shards.

Its encoder and re-ranker, what is asked of the texts of needs and of words, and runs and tables of
features: a list's lines are written by those that know where its people are.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Self

import pandas as pd

from matcher.alike_needs import AlikeNeeds, NeedVector, group_alike
from matcher.analyst import ALL
from matcher.answer import FACETS, Answer
from matcher.centring import known_means
from matcher.directions import Directions
from matcher.encoder.encoder import Encoder, EncodingCache, OnProgress
from matcher.features.definitions import NAMES
from matcher.features.extraction import Described
from matcher.listing import as_run
from matcher.queries import QueryMaker, encode_needs, is_matchable
from matcher.ranking import Ranking
from matcher.records import Filters, MatchList, Need
from matcher.reranking.reranker import Reranker, load_reranker
from matcher.retrieval import NeedQuery
from matcher.shared_terms import OwnedText, shared_terms
from matcher.snapshot import Snapshot
from matcher.tables import RUN_COLUMNS
from matcher.veiling.rarity import Rarity, rarities
from matcher.version_files import check_model


class BaseRecommender(Directions):
    """An encoder and a re-ranker for a catalogue; `_whole` is what holds for all of it."""

    def __init__(
        self,
        whole: Snapshot,
        encoder: Encoder,
        cache: EncodingCache | None,
        reranker: Reranker | None,
        *,
        max_need_chars: int,
    ) -> None:
        """Raises what `check_model` raises where the version was made with another encoder."""
        check_model(
            whole, name=encoder.name, checksum=encoder.checksum, dimension=encoder.dimension
        )
        self._encoder = encoder
        self._cache = cache
        self._reranker = reranker or load_reranker()
        self._maker = QueryMaker(whole, encoder)
        self._max_need_chars = max_need_chars

    @property
    def index_version(self) -> str:
        """Name of the index version that answers."""
        return self._whole.version

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

    @property
    def ranks_with(self) -> Reranker:
        """The re-ranker that orders the lists."""
        return self._reranker

    def with_reranker(self, reranker: Reranker) -> Self:
        """Return a recommender of the same index that orders people with another re-ranker."""
        other = copy(self)
        other._reranker = reranker
        return other

    def query(self, need: Need) -> NeedQuery:
        """Return what a need is compared by: its sentences with places and vectors, its fields."""
        (encoded,) = encode_needs([need], self._encoder, self._cache)
        return self._maker.make(need, encoded)

    def likeness_vectors(
        self, needs: Sequence[Need], *, cache: EncodingCache | None = None
    ) -> list[NeedVector | None]:
        """Return what `alike` compares, in order; None for a need that cannot be matched.

        What `cache` has is not encoded; without one, what the recommender keeps.
        """
        able = [is_matchable(need, max_chars=self._max_need_chars) for need in needs]
        chosen = [need for need, can in zip(needs, able, strict=True) if can]
        encoded = iter(encode_needs(chosen, self._encoder, self._cache if cache is None else cache))
        made = (next(encoded) if can else None for can in able)
        return [None if one is None else NeedVector(one.language, one.vector) for one in made]

    def alike(self, vectors: Sequence[NeedVector]) -> tuple[AlikeNeeds, ...]:
        """Return the groups of needs that ask for the same thing, those most alike first."""
        return group_alike(vectors, known_means(self._encoder))

    def shared_terms(self, texts: Sequence[OwnedText]) -> tuple[str, ...]:
        """Return the technical words that needs of several owners have, and public seeds, too."""
        return shared_terms(texts, self._whole)

    def rarities(self, terms: Sequence[str], language: str) -> list[Rarity]:
        """Return how rare each term is in public passages of ja or en, and in the language."""
        whole, spans = self._whole, self._encoder.token_spans
        count = whole.public_passage_counts.get(language, 0)
        return rarities(terms, language, whole.lexical, count, lambda term: len(spans(term)))

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
        frames = []
        for need, ranking, best in self._best(needs, top, filters):
            frames.append(as_run(need.need_id, ranking, top, best))
            if on_progress:
                on_progress(1)
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=RUN_COLUMNS)

    def describe(
        self, needs: Sequence[Need], *, on_progress: OnProgress | None = None
    ) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield each need's id and the features of the researchers who are re-ranked for it.

        The columns are researcher_id and the features.
        """
        for need, described, people in self._described(needs):
            frame = pd.DataFrame(described.values, columns=list(NAMES))
            frame.insert(0, "researcher_id", people)
            yield need.need_id, frame
            if on_progress:
                on_progress(1)

    def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
        """Return the match list of one need, with evidence.

        Raises EmptyNeedError or InputError when the need cannot be matched.
        """
        return self.answer(need, top=top, filters=filters, facets=()).matches

    def look_ahead(self, needs: Sequence[Need], *, filters: Filters = ALL) -> None:
        """Do for needs that are asked for next what can be done for all of them at once.

        Their lists are the same without. Shards do nothing, and no more than `KEPT_NEEDS` are kept.
        """

    def _encode_ahead(self, needs: Sequence[Need], cache: EncodingCache) -> None:
        """Encode needs together, and then of each what its list asks for besides, into the cache."""
        encoded = encode_needs(needs, self._encoder, cache)
        for need, one in zip(needs, encoded, strict=True):
            self._maker.read_ahead(need, one, cache)

    @abstractmethod
    def answer(
        self, need: Need, *, top: int = 10, filters: Filters = ALL, facets: Sequence[str] = FACETS
    ) -> Answer:
        """Return the match list of one need with what was understood, and the named facets.

        Raises EmptyNeedError or InputError when the need cannot be matched.
        """

    @abstractmethod
    def _best(
        self, needs: Sequence[Need], top: int, filters: Filters
    ) -> Iterator[tuple[Need, Ranking, Sequence[str]]]:
        """Yield each need with its ranking and the ids of its first `top` people, in order."""

    @abstractmethod
    def _described(self, needs: Sequence[Need]) -> Iterator[tuple[Need, Described, Sequence[str]]]:
        """Yield each need with the features of those who are re-ranked for it, and their ids, row by row."""
