"""Vectors and words of texts that are compared for every question: kept in memory alone, by their hashes."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from matcher.alike_needs import NeedVector
from matcher.encoder.encoder import EncodingCache
from matcher.outbound import words_of
from matcher.records import Need
from office.live_recommender import NeedMatcher

Key = tuple[str, str]


@dataclass(frozen=True)
class KeptText:
    """A text's vector, None where it cannot be matched, and its different words in the vector's language."""

    vector: NeedVector | None = field(repr=False)
    words: frozenset[str] = field(repr=False)


class KeptTexts:
    """Up to `most` texts of each sort, those put in last; safe to share.

    A text of needs and profiles has a vector and words; one that the index has a vector of, words alone.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._texts: OrderedDict[Key, KeptText] = OrderedDict()
        self._words: OrderedDict[Key, frozenset[str]] = OrderedDict()
        self._lock = threading.Lock()

    def missing(self, recommender: NeedMatcher, texts: Iterable[str]) -> list[str]:
        """Return the different texts that have no vector here, in order."""
        keys = {text: _key(recommender.model, text) for text in texts}
        with self._lock:
            return [text for text, key in keys.items() if key not in self._texts]

    def encode(
        self, recommender: NeedMatcher, texts: Sequence[str], cache: EncodingCache | None = None
    ) -> None:
        """Keep the vectors and words of texts; vectors that `cache` has are not made again."""
        vectors = recommender.likeness_vectors([Need(text) for text in texts], cache=cache)
        made = {
            _key(recommender.model, text): KeptText(
                vector, words_of(text, vector.language) if vector else frozenset()
            )
            for text, vector in zip(texts, vectors, strict=True)
        }
        with self._lock:
            self._texts.update(made)
            while len(self._texts) > self._most:
                self._texts.popitem(last=False)

    def of(self, recommender: NeedMatcher, texts: Iterable[str]) -> Mapping[str, KeptText]:
        """Return what is kept of texts, by text."""
        keys = {text: _key(recommender.model, text) for text in texts}
        with self._lock:
            return {text: self._texts[key] for text, key in keys.items() if key in self._texts}

    def words(self, text: str, language: str) -> frozenset[str]:
        """Return the different words of a text, made where they are not kept."""
        key = _key(language, text)
        with self._lock:
            known = self._words.get(key)
        if known is None:
            known = words_of(text, language)
            with self._lock:
                self._words[key] = known
                while len(self._words) > self._most:
                    self._words.popitem(last=False)
        return known


def _key(of: str, text: str) -> Key:
    return of, hashlib.sha256(text.encode()).hexdigest()
