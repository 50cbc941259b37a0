"""The other ways to ask a recommender: what a text is like, and companies for a technology.

Over one index version or several shards alike: what lies in passages is asked of those who have them.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.alike_needs import NeedVector
from matcher.centring import centre, known_means
from matcher.encoder.encoder import QUERY, Encoder, EncodingCache
from matcher.need_kinds.classifier import KindGuess, load_kinds
from matcher.outbound import (
    JOINT,
    CompanyDocument,
    RankedCompany,
    Technology,
    rank_companies,
    shared_words,
)
from matcher.queries import QueryMaker, encode_needs, is_matchable
from matcher.recently_used import RecentlyUsed
from matcher.records import Need
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot
from matcher.suggestions import terms_in

LEAST_SENTENCE_CHARS = 8
KEPT_TEXTS = 2_000  # whose sentences are kept in memory: 12 MB at four sentences a text


@dataclass(frozen=True)
class ToldLikeness:
    """What of a text speaks of a technology: its nearest sentence, and technical words of both."""

    sentence: str = field(repr=False)
    likeness: float
    words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, eq=False)
class ComparedText:
    """A text's sentences as they are compared: centred unit vectors, where each stands, and its terms."""

    text: str = field(repr=False)
    language: str
    sentences: NDArray[np.float32] = field(repr=False)
    places: Sequence[tuple[int, int]]
    terms: frozenset[str] = field(repr=False)


class Directions(ABC):
    """What recommenders are asked besides lists; they have these parts."""

    _encoder: Encoder
    _cache: EncodingCache | None
    _maker: QueryMaker

    @property
    @abstractmethod
    def _whole(self) -> Snapshot:
        """What holds for the whole catalogue: means and words."""

    @abstractmethod
    def _seed_likeness(
        self, seed_ids: Sequence[str], vector: NDArray[np.float32]
    ) -> Mapping[str, float]:
        """Return the cosine of each public seed's nearest passage; those that are not there are out."""

    @abstractmethod
    def query(self, need: Need) -> NeedQuery:
        """Return what a need is compared by."""

    def centred(self, vectors: Sequence[NeedVector]) -> NDArray[np.float32]:
        """Return the unit vectors of texts as needs are compared with passages, shape (n, dimension)."""
        if not vectors:
            return np.zeros((0, self._encoder.dimension), dtype=np.float32)
        languages = [one.language for one in vectors]
        stacked = np.stack([one.vector for one in vectors])
        return centre(stacked, languages, QUERY, self._whole.means)

    def need_kind(self, need: Need) -> KindGuess | None:
        """Return whether a need is sustaining or disruptive, None where the encoder cannot tell."""
        kinds = load_kinds(self._encoder.checksum)
        if kinds is None:
            return None
        (encoded,) = encode_needs([need], self._encoder, self._cache)
        vectors, language = encoded.vector[None, :], encoded.language
        return kinds.guess(centre(vectors, [language], QUERY, known_means(self._encoder))[0])

    def companies(
        self, technology: Need, documents: Sequence[CompanyDocument]
    ) -> tuple[RankedCompany, ...]:
        """Return the companies that a technology could be for, the best first."""
        query = self.query(technology)
        asked = Technology(query.text, query.language, query.vector)
        seeds = sorted({one.document_id for one in documents if one.kind == JOINT})
        joint = self._seed_likeness(seeds, query.vector)
        return rank_companies(asked, documents, joint, self._whole.lexical)

    def tell_likeness(self, technology: Need, texts: Sequence[str]) -> list[ToldLikeness]:
        """Return what of each text speaks of a technology; nothing of one that cannot be matched."""
        asked = self.query(technology)
        asked_terms = frozenset(terms_in(asked.text, asked.language))
        needs = [Need(text) for text in texts]
        able = [is_matchable(need, max_chars=max(1, len(need.text))) for need in needs]
        known = self._compared([need for need, can in zip(needs, able, strict=True) if can])
        return [
            self._told(asked, asked_terms, known[need.text]) if can else ToldLikeness("", 0.0, ())
            for need, can in zip(needs, able, strict=True)
        ]

    @cached_property
    def _kept_texts(self) -> RecentlyUsed["ComparedText"]:
        return RecentlyUsed(KEPT_TEXTS)

    def _compared(self, needs: Sequence[Need]) -> dict[str, "ComparedText"]:
        """Return the sentences of texts, by text; those of the last KEPT_TEXTS are not encoded again."""
        keys = {
            n.text: hashlib.sha256(n.text.encode("utf-8", "surrogatepass")).digest() for n in needs
        }
        known = {text: one for text, key in keys.items() if (one := self._kept_texts.get(key))}
        new = [Need(text) for text in keys if text not in known]
        encoded = encode_needs(new, self._encoder, self._cache) if new else []
        for need, query in zip(new, map(self._maker.make, new, encoded), strict=True):
            terms = frozenset(terms_in(query.text, query.language))
            one = ComparedText(query.text, query.language, query.sentences, query.places, terms)
            known[need.text] = one
            self._kept_texts.put(keys[need.text], one)
        return known

    def _told(
        self, asked: NeedQuery, asked_terms: frozenset[str], query: "ComparedText"
    ) -> ToldLikeness:
        if not len(query.sentences):
            return ToldLikeness("", 0.0, ())
        nearness = query.sentences @ asked.vector
        is_long = [end - start >= LEAST_SENTENCE_CHARS for start, end in query.places]
        at = int(np.argmax(np.where(is_long, nearness, nearness - 2)))
        start, end = query.places[at]
        words: tuple[str, ...] = ()
        if query.language == asked.language:
            words = shared_words(asked_terms, query.terms, asked.language, self._whole.lexical)
        return ToldLikeness(query.text[start:end].strip(), float(nearness[at]), words)


def seed_likeness(
    snapshot: Snapshot, seed_ids: Sequence[str], vector: NDArray[np.float32]
) -> dict[str, float]:
    """Return the cosine of the nearest passage of each public seed that a version has."""
    ids, found = snapshot.seeds.texts("seed_id"), {}
    for seed_id in seed_ids:
        row = ids.row_of(seed_id)
        if row is None or not snapshot.public_seeds[row]:
            continue
        passages = snapshot.passage_rows_of(np.array([row]))
        if len(passages):
            found[seed_id] = float(snapshot.dense.similarities(vector, passages).max())
    return found


def needs_near(
    snapshot: Snapshot, researcher_row: int, vectors: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return how near each need is to a researcher's nearest public passage, shape (n,); -1 without any."""
    _, seeds = snapshot.seeds_of(np.array([researcher_row]))
    passages = snapshot.passage_rows_of(np.unique(seeds[snapshot.public_seeds[seeds]]))
    nearest = np.full(len(vectors), -1.0)
    for place, vector in enumerate(vectors if len(passages) else ()):
        nearest[place] = float(snapshot.dense.similarities(vector, passages).max())
    return nearest
