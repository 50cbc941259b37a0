"""Links a need's words to words of another language of the index, by the encoder's own vectors.

A Japanese need and an English seed share hardly a word. Each word of the need is compared with the index's
words of the other language, and the nearest five stand in its place, each with a probability: a
probabilistic structured query (Darwish and Oard 2003). Words are compared by

    csls(t, e) = 2 cos(t, e) - hubness(e)

after each language's mean is taken away, where the hubness of a word is the mean cosine of its ten nearest
of its own language (after Conneau et al. 2018, "Word translation without parallel data": without it a few
words are near to everything). p is the softmax of csls / 0.1 over the five, small ones left out; a word
whose nearest is not near has no link. Words that stand in the index as they are, such as formulas and names,
stand for themselves.

A vocabulary is made of what makes statistics alone (see `tables.in_statistics`), words of one passage left
out. The need's words are encoded in memory and written nowhere.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.language import ENGLISH
from indexes.lexical import LinkedTerm
from matcher.centring import Means
from matcher.encoder.encoder import QUERY, EncodedPassage, EncodingCache, OnProgress, unit
from matcher.passages import Passage
from matcher.tokens import TOKENIZERS, surface_forms

FOLDER_NAME = "terms"
MAX_TERMS = 30_000  # of a language, the most frequent
MIN_PASSAGES = 2
MAX_SHARE = 0.1  # of the passages: a word that stands in more says little
ALWAYS_KEPT = 10  # passages in which a word may stand, however few there are
TRANSLATIONS = 5
TEMPERATURE = 0.1
LEAST_PROBABILITY = 0.05
LEAST_COSINE = 0.45  # of the nearest word
HUB_NEIGHBOURS = 10
HUB_SAMPLE = 4000  # words among which the neighbours are looked for
PRIOR_WEIGHT = 20  # as many words' worth of the index's own mean in the mean of the need's words
_FIRST_KANJI, _LAST_KANJI = "\u4e00", "\u9fff"
_NOT_LATIN = re.compile(r"[^\u0000-\u024f\uff01-\uff5e]+")
KEPT_WORDS = 20_000  # needs' words whose vectors stay in memory
FloatArray = NDArray[np.float32]


class WordEncoder(Protocol):
    """What encodes words: an `Encoder`."""

    def split(self, title: str, text: str) -> list[Passage]:
        """Return a text's passages."""
        ...

    def encode(
        self,
        passages: Sequence[Passage],
        *,
        role: str,
        cache: EncodingCache | None = None,
        on_progress: OnProgress | None = None,
    ) -> list[EncodedPassage]:
        """Return one encoding a passage."""
        ...


@dataclass(frozen=True)
class Vocabulary:
    """The words of one language of an index, as its lexical index has them.

    `vectors` are centred unit vectors, shape (n, dimension), `hubness` has shape (n,), `mean` is what was
    taken away.
    """

    words: tuple[str, ...]
    vectors: FloatArray
    hubness: FloatArray
    mean: FloatArray

    @cached_property
    def places(self) -> dict[str, int]:
        """The row of every word."""
        return {word: row for row, word in enumerate(self.words)}


def save_vocabularies(folder: Path, vocabularies: Mapping[str, Vocabulary]) -> None:
    """Write the vocabularies into a version's folder: half precision, the mean before the vectors."""
    (folder / FOLDER_NAME).mkdir()
    for language, known in vocabularies.items():
        frame = pd.DataFrame({"word": list(known.words), "hubness": known.hubness})
        frame.to_parquet(folder / FOLDER_NAME / f"{language}.parquet")
        stacked = np.vstack([known.mean[None, :], known.vectors]).astype(np.float16)
        np.save(folder / FOLDER_NAME / f"{language}.npy", stacked)


def load_vocabularies(folder: Path) -> dict[str, Vocabulary]:
    """Return what was saved, by language; none for a version that was written before there were any."""
    found = {}
    for path in sorted((folder / FOLDER_NAME).glob("*.parquet")):
        frame = pd.read_parquet(path)
        stacked = np.load(path.with_suffix(".npy")).astype(np.float32)
        found[path.stem] = Vocabulary(
            words=tuple(frame["word"]),
            vectors=stacked[1:],
            hubness=frame["hubness"].to_numpy(np.float32),
            mean=stacked[0],
        )
    return found


def choose_words(tokens: Sequence[Sequence[str]]) -> list[str]:
    """Return the words of the passages that are worth a link, the most frequent first."""
    counts = Counter(token for passage in tokens for token in set(passage))
    few, most = bounds_of_words(len(tokens))
    return best_words({word: n for word, n in counts.items() if few <= n <= most})


def bounds_of_words(n_passages: int) -> tuple[int, int]:
    """Return in how many of so many passages a word that is worth a link stands, at least and at most."""
    return MIN_PASSAGES, max(ALWAYS_KEPT, int(MAX_SHARE * n_passages))


def best_words(counts: Mapping[str, int]) -> list[str]:
    """Return those of the words that are worth a link, the most frequent first."""
    kept = [word for word in counts if _is_worth_it(word)]
    return sorted(kept, key=lambda word: (-counts[word], word))[:MAX_TERMS]


def _is_worth_it(word: str) -> bool:
    single = len(word) == 1 and not _FIRST_KANJI <= word <= _LAST_KANJI  # a kanji is a word
    return bool(word) and not single and not word.isdigit()


def build_vocabulary(
    words: Sequence[str],
    surfaces: Mapping[str, str],
    encoder: WordEncoder,
    cache: EncodingCache | None,
    on_progress: OnProgress | None = None,
) -> Vocabulary:
    """Encode the words, each as it is usually written, and measure their hubness."""
    vectors = _encode(words, surfaces, encoder, cache, on_progress)
    mean = vectors.mean(axis=0)
    centred = unit(vectors - mean)
    return Vocabulary(tuple(words), centred, _hubness(centred), mean)


def _hubness(vectors: FloatArray) -> FloatArray:
    sample = vectors[:: max(1, -(-len(vectors) // HUB_SAMPLE))]
    near = min(HUB_NEIGHBOURS, len(sample) - 1)
    if near < 1:
        return np.zeros(len(vectors), dtype=np.float32)
    hubness = np.empty(len(vectors), dtype=np.float32)
    for first in range(0, len(vectors), HUB_SAMPLE):
        rows = slice(first, first + HUB_SAMPLE)
        # the nearest of all is the word itself
        cosines = -np.partition(-(vectors[rows] @ sample.T), near, axis=1)[:, : near + 1]
        hubness[rows] = (cosines.sum(axis=1) - cosines.max(axis=1)) / near
    return hubness


def _encode(
    words: Sequence[str],
    surfaces: Mapping[str, str],
    encoder: WordEncoder,
    cache: EncodingCache | None,
    on_progress: OnProgress | None = None,
) -> FloatArray:
    passages = [encoder.split("", surfaces.get(word, word))[0] for word in words]
    encoded = encoder.encode(passages, role=QUERY, cache=cache, on_progress=on_progress)
    return np.array([item.vector for item in encoded], dtype=np.float32)


def _alone(text: str, language: str) -> str:
    """Return the text with blanks for other scripts: in Japanese no blank parts "CO2" from its particle."""
    return _NOT_LATIN.sub(" ", text) if language == ENGLISH else text


class TermLinker:
    """Links the words of needs to an index's vocabularies; safe to call from several threads."""

    def __init__(
        self,
        vocabularies: Mapping[str, Vocabulary],
        encoder: WordEncoder,
        means: Means = MappingProxyType({}),
    ) -> None:
        """`means` are the encoder's, among them those of words by language.

        A language's mean is its vocabulary's or else that of `means`; where there is neither, it is that of
        the need's words alone.
        """
        self._vocabularies = vocabularies
        self._means = {name.removeprefix("word_"): mean for name, mean in means.items()}
        self._means |= {language: known.mean for language, known in vocabularies.items()}
        self._encoder = encoder
        self._known: OrderedDict[str, FloatArray] = OrderedDict()
        self._lock = Lock()

    def link(
        self, text: str, language: str, holds: Callable[[str, str], bool]
    ) -> dict[str, tuple[LinkedTerm, ...]]:
        """Return, for each other language of the index, what stands there for the need's words.

        `holds(language, word)` says whether the index has a word of a language as it is. Languages
        without a vocabulary are left out.
        """
        others = [other for other in self._vocabularies if other != language]
        if not others:
            return {}
        counts = _counted(text, language)
        words = sorted(counts)
        vectors = self._vectors(words, text, language)
        linked = {}
        for other in others:
            found = self._nearest(words, vectors, self._vocabularies[other])
            there = TOKENIZERS[other](_alone(text, other))
            as_it_is = Counter(word for word in there if holds(other, word))
            found |= {word: ((word, 1.0),) for word in as_it_is}
            linked[other] = tuple(
                LinkedTerm(counts[word] or as_it_is[word], found[word]) for word in sorted(found)
            )
        return linked

    def learn(self, text: str, language: str) -> None:
        """Encode the words of a need that `link` is going to ask for; they are kept."""
        if any(other != language for other in self._vocabularies):
            self._vectors(sorted(_counted(text, language)), text, language)

    def _vectors(self, words: Sequence[str], text: str, language: str) -> FloatArray:
        """Return the words' centred unit vectors: the index's own where it has them, else encoded."""
        own = self._vocabularies.get(language)
        there = own.places if own else {}
        new = [word for word in words if word not in there]
        rows = dict(zip(new, self._centred(new, text, language), strict=True)) if new else {}
        found = [own.vectors[there[w]] if own and w in there else rows[w] for w in words]
        return np.array(found, dtype=np.float32)

    def _centred(self, words: Sequence[str], text: str, language: str) -> FloatArray:
        encoded = self._encoded(words, surface_forms(language, [text]))
        mean, usual = encoded.mean(axis=0), self._means.get(language)
        if usual is not None:
            mean = (len(words) * mean + PRIOR_WEIGHT * usual) / (len(words) + PRIOR_WEIGHT)
        return unit(encoded - mean)

    def _encoded(self, words: Sequence[str], surfaces: Mapping[str, str]) -> FloatArray:
        """Return the words' vectors as the encoder gives them; those of earlier needs are kept."""
        with self._lock:
            known = {word: self._known[word] for word in words if word in self._known}
        missing = [word for word in words if word not in known]
        if missing:
            vectors = _encode(missing, surfaces, self._encoder, None)
            known |= dict(zip(missing, vectors, strict=True))
            with self._lock:
                self._known.update((word, known[word]) for word in missing)
                while len(self._known) > KEPT_WORDS:
                    self._known.popitem(last=False)
        return np.array([known[word] for word in words], dtype=np.float32)

    @staticmethod
    def _nearest(
        words: Sequence[str], vectors: FloatArray, vocabulary: Vocabulary
    ) -> dict[str, tuple[tuple[str, float], ...]]:
        if not len(words) or not len(vocabulary.words):
            return {}
        with np.errstate(
            invalid="ignore"
        ):  # OpenBLAS raises it for what it reads beyond small tables
            cosines = vectors @ vocabulary.vectors.T
        nearness = 2 * cosines - vocabulary.hubness
        count = min(TRANSLATIONS, len(vocabulary.words))
        best = _largest_places(nearness, count)
        found = {}
        for row, word in enumerate(words):
            places = best[row]
            if cosines[row, places[0]] < LEAST_COSINE:
                continue
            powers = np.exp((nearness[row, places] - nearness[row, places[0]]) / TEMPERATURE)
            shares = powers / powers.sum()
            kept = shares >= LEAST_PROBABILITY
            shares = shares / shares[kept].sum()
            found[word] = tuple(
                (vocabulary.words[int(place)], float(share))
                for place, share in zip(places[kept], shares[kept], strict=True)
            )
        return found


def _counted(text: str, language: str) -> Counter[str]:
    """Return the words of a need that are linked, and how often each stands there."""
    return Counter(word for word in TOKENIZERS[language](text) if _is_worth_it(word))


def _largest_places(values: FloatArray, count: int) -> NDArray[np.int64]:
    """Return where the `count` largest of each row stand, falling, of equal ones the first; shape (n, count).

    As a stable sort of whole rows would, in a fifth of its time.
    """
    border = -np.partition(-values, count - 1, axis=1)[:, count - 1]
    found = np.empty((len(values), count), dtype=np.int64)
    for row, own in enumerate(values):
        near = np.flatnonzero(own >= border[row])
        found[row] = near[np.argsort(-own[near], kind="stable")[:count]]
    return found
