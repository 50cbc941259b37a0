"""Finds the passages that could answer a need, and fuses both views of how near they are.

    score(passage) = cos + w share

`cos` is the cosine of need and passage after centring, `share` the lexical score in [0, 1) (see
`indexes.lexical`). Across languages words are linked (see `term_links`), and w = 10 n / (n + 30) for n
linked words; without links, where shared words are few and mostly names, w = 1;
within a language w = 12 n / (n + 30) for a need of n distinct words: one word of a short need is a large
share of it, and must not drown the meaning. So that a need in one language doesn't prefer seeds in
its own, the scores of the other language's passages are then brought to the same mean and spread as
those of its own (`PassageScorer`). Filters change none of this. docs/quality.md has what the weights
were chosen by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from indexes.lexical import LinkedTerm
from indexes.lexical_query import LexicalQuery
from indexes.selection import Selection
from indexes.stored_rows import products
from matcher.areas import NO_AREA, AreaGuess
from matcher.filtering import Allowed
from matcher.passages import Span
from matcher.snapshot import Snapshot
from matcher.tokens import TOKENIZERS

FloatArray = NDArray[np.float32]

SAME_LANGUAGE_WEIGHT = 12.0  # of the lexical share, approached as a need grows longer
HALF_WEIGHT_WORDS = 30  # distinct words at which the weight is half of that
CROSS_LANGUAGE_WEIGHT = 1.0
LINKED_WEIGHT = 10.0  # across languages where words are linked, n the linked ones
NEAREST_SHARE = 0.05  # of a language's passages: how near a need's best usually are
# passages taken from the two indexes: enough for the first two hundred people (docs/performance.md)
BY_VECTOR = 3000
BY_WORDS = 1000  # of each language
AT_A_TIME = 4096  # passages that are scored together
KEPT_SCORES = (
    50_000  # passages whose scores a need keeps, for the lists that are filtered otherwise
)
ALL_ARE_CANDIDATES = 3000  # passages left by a filter: so few are all scored, and nobody is lost


@dataclass(frozen=True)
class NeedQuery:
    """A need ready for retrieval: its centred unit vector, its language and its text.

    `sentences` are the centred unit vectors of its sentences, shape (n_sentences, dimension), and
    `places` says where each begins and ends in the text. `fields` are the probabilities of the
    fields of research, empty where unsure; `area` is what was declared or inferred, once a request.
    `linked` has what stands for its words in each other language of the index (see `term_links`),
    `words` the weighted words by language that stand in the place of both where there are such (see
    `refinement`).
    """

    need_id: str
    text: str
    language: str
    vector: FloatArray
    sentences: FloatArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    places: tuple[Span, ...] = ()
    fields: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    area: AreaGuess = NO_AREA
    linked: Mapping[str, tuple[LinkedTerm, ...]] = field(default_factory=dict)
    words: Mapping[str, tuple[LinkedTerm, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Scale:
    """Where one language's scores lie for one need: mean and standard deviation of its passages' fused
    scores, and of their cosines alone, of which `nearest` is the mean of the largest twentieth, as
    `wordiest` is of their lexical shares."""

    mean: float
    spread: float
    similarity_mean: float
    similarity_spread: float
    nearest: float
    wordiest: float


@dataclass(frozen=True, eq=False)
class ScoredPassages:
    """Passages scored for one need; arrays of equal length.

    `rows` are the passages, `similarity` their cosines, `share` the lexical score, `words` what it adds to
    the fused `score`, `lexical` the share that would give the score within a language.
    """

    rows: NDArray[np.int64]
    similarity: FloatArray
    share: FloatArray
    words: FloatArray
    lexical: FloatArray
    score: FloatArray

    def take(self, places: NDArray[np.int64]) -> "ScoredPassages":
        """Return some of the passages."""
        return ScoredPassages(**{name: values[places] for name, values in vars(self).items()})

    def merged(self, *others: "ScoredPassages") -> "ScoredPassages":
        """Return the passages of all, ascending by row; none is in two of them."""
        parts = (self, *others)
        joined = {n: np.concatenate([getattr(one, n) for one in parts]) for n in vars(self)}
        order = np.argsort(joined["rows"], kind="stable")
        return ScoredPassages(**{name: values[order] for name, values in joined.items()})


class PassageScorer:
    """Scores any passages for one need; what holds for all of them is computed once.

    `tokens` are the need's by language, `lexical` its words as the index weighs them. `scales` are
    measured unless they are given: of a whole catalogue they are measured once.
    """

    def __init__(
        self, query: NeedQuery, snapshot: Snapshot, scales: Mapping[str, Scale] | None = None
    ) -> None:
        self.query = query
        self._snapshot = snapshot
        languages = snapshot.lexical.languages
        self.tokens = {language: TOKENIZERS[language](query.text) for language in languages}
        linked = {**query.linked, **query.words}
        self.lexical = LexicalQuery.of(snapshot.lexical, self.tokens, linked)
        self._weights = {name: self._weight_of(name) for name in languages}
        self.scales = self._measure_scales() if scales is None else scales
        self._known = self._score(np.zeros(0, dtype=np.int64))
        self._foreseen: tuple[Selection | None, NDArray[np.int64]] | None = None

    def foresee(self, left: Selection | None, near: NDArray[np.int64]) -> None:
        """Take what `nearest` is going to return of the passages `left`."""
        self._foreseen = (left, near)

    def nearest(self, left: Selection | None) -> NDArray[np.int64]:
        """Return the BY_VECTOR nearest passages of those left, in any order; None stands for all."""
        if self._foreseen is not None and self._foreseen[0] is left:
            return self._foreseen[1]
        return self._snapshot.dense.search(self.query.vector, BY_VECTOR, left)

    def score(self, rows: NDArray[np.int64]) -> ScoredPassages:
        """Return the passages, ascending rows, scored; those that were scored before are looked up."""
        known = self._known
        at, is_known = _places(rows, known.rows)
        if is_known.all():
            return known.take(at)
        new = rows[~is_known]
        # a piece at a time: its vectors and tokens stay in the processor's cache, and memory is bounded
        pieces = [self._score(new[at : at + AT_A_TIME]) for at in range(0, len(new), AT_A_TIME)]
        known = known.merged(*pieces)
        if len(known.rows) <= KEPT_SCORES:
            self._known = known
        return known.take(np.searchsorted(known.rows, rows))

    def _score(self, rows: NDArray[np.int64]) -> ScoredPassages:
        languages = self._snapshot.language_of_passage
        codes = languages.codes[rows]
        similarity = self._snapshot.dense.similarities(self.query.vector, rows)
        share = self.lexical.shares(rows, languages)
        weights = np.array([self._weights.get(n, 0.0) for n in languages.names], dtype=np.float32)
        words = weights[codes] * share
        score = self._put_on_one_scale(similarity + words, codes)
        # what the words add on the common scale, also where they are another language's
        lexical = np.maximum((score - similarity) / SAME_LANGUAGE_WEIGHT, 0)
        return ScoredPassages(rows, similarity, share, words, lexical, score)

    def n_words(self, language: str) -> int:
        """Return how many different words are looked for in passages of a language: linked ones elsewhere."""
        if language != self.query.language and language in self.query.linked:
            return len(self.query.linked[language])
        return len(set(self.tokens.get(language, ())))

    def _weight_of(self, language: str) -> float:
        """Return the weight of the share of passages in a language."""
        if language == self.query.language:
            most = SAME_LANGUAGE_WEIGHT
        elif language in self.query.linked:
            most = LINKED_WEIGHT
        else:
            return CROSS_LANGUAGE_WEIGHT
        n_words = self.n_words(language)
        return most * n_words / (n_words + HALF_WEIGHT_WORDS)

    def _measure_scales(self) -> dict[str, Scale]:
        """Return the scale of each language, over evenly spaced samples of all its passages.

        Of all passages, not of the candidates: a filter would shift the scale, and with it the scores.
        """
        scales = {}
        for language, sample in self._snapshot.samples.items():
            similarity = products(sample.vectors, self.query.vector)
            weight = np.float32(self._weights.get(language, 0.0))
            share = np.broadcast_to(
                self.lexical.shares_of(language, sample.words), similarity.shape
            ).astype(np.float32)
            fused = similarity + weight * share
            scales[language] = Scale(
                mean=float(fused.mean()),
                spread=float(fused.std()) or 1.0,
                similarity_mean=float(similarity.mean()),
                similarity_spread=float(similarity.std()) or 1.0,
                nearest=_mean_of_largest(similarity),
                wordiest=_mean_of_largest(share),
            )
        return scales

    def _put_on_one_scale(self, scores: FloatArray, codes: NDArray[np.integer]) -> FloatArray:
        """Return the scores of passages with the other languages' moved to the own language's scale.

        score' = mean_own + (score - mean_other) * spread_own / spread_other. A Japanese need shares
        words with Japanese seeds alone, and lies nearer to them even after centring: without this the
        other language's seeds would never be seen. Unchanged where one of the languages has few
        passages, whose mean would be noise. `codes` are the languages' of the passages.
        """
        own = self.scales.get(self.query.language)
        if own is None or len(self.scales) == 1:
            return scores
        scaled = scores.copy()
        for code, language in enumerate(self._snapshot.language_of_passage.names):
            scale = self.scales.get(language)
            if scale is not None and language != self.query.language:
                other = codes == code
                scaled[other] = own.mean + (scores[other] - scale.mean) * own.spread / scale.spread
        return scaled


def retrieve(
    scorer: PassageScorer, snapshot: Snapshot, allowed: Allowed | None = None
) -> ScoredPassages:
    """Return candidate passages, ascending by row.

    The nearest BY_VECTOR by vector, and BY_WORDS of each language by words, each scored by both; `allowed`
    ones only, and all of them where a filter left few.
    """
    if allowed is not None and allowed.leaves_few(ALL_ARE_CANDIDATES):
        return scorer.score(allowed.passage_rows)
    left, languages = (allowed.passages, allowed.languages) if allowed else (None, ())
    near = scorer.nearest(left)
    return scorer.score(np.union1d(near, scorer.lexical.search(BY_WORDS, left, languages)))


def _places(
    rows: NDArray[np.int64], among: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where each row stands among ascending ones, and whether it is there."""
    at = np.searchsorted(among, rows)
    inside = np.flatnonzero(at < len(among))
    found = np.zeros(len(rows), dtype=bool)
    found[inside] = among[at[inside]] == rows[inside]
    return at, found


def _mean_of_largest(values: FloatArray) -> float:
    """Return the mean of the largest NEAREST_SHARE of the values, of one at least."""
    count = max(1, int(len(values) * NEAREST_SHARE))
    return float(np.partition(values, len(values) - count)[-count:].mean())
