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
import pandas as pd
from numpy.typing import NDArray

from indexes.dense import MEASURED_DEPTH
from indexes.lexical import LinkedTerm
from matcher.areas import NO_AREA, AreaGuess
from matcher.passages import Span
from matcher.snapshot import Snapshot
from matcher.tokens import TOKENIZERS

FloatArray = NDArray[np.float32]

SAME_LANGUAGE_WEIGHT = 12.0  # of the lexical share, approached as a need grows longer
HALF_WEIGHT_WORDS = 30  # distinct words at which the weight is half of that
CROSS_LANGUAGE_WEIGHT = 1.0
LINKED_WEIGHT = 10.0  # across languages where words are linked, n the linked ones
NEAREST_SHARE = 0.05  # of a language's passages: how near a need's best usually are
CANDIDATES = MEASURED_DEPTH  # passages taken from each of the two indexes
ALL_ARE_CANDIDATES = (
    15_000  # passages that a filter left: so few are all scored, and no researcher is lost
)


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
    scores, and of their cosines alone, of which `nearest` is the mean of the largest twentieth."""

    mean: float
    spread: float
    similarity_mean: float
    similarity_spread: float
    nearest: float


class PassageScorer:
    """Scores any passages for one need; what holds for all of them is computed once.

    `tokens` are the need's by language, `shares` the lexical score of every passage row, `words` what
    it adds to the fused score.
    """

    def __init__(self, query: NeedQuery, snapshot: Snapshot) -> None:
        self.query = query
        self._snapshot = snapshot
        languages = snapshot.lexical.languages
        self.tokens = {language: TOKENIZERS[language](query.text) for language in languages}
        n_rows = len(snapshot.passages)
        self.shares = snapshot.lexical.score_rows(
            self.tokens, n_rows, {**query.linked, **query.words}
        )
        n_words = len(set(self.tokens.get(query.language, ())))
        self.words = lexical_weight(query, snapshot, n_words) * self.shares
        self.scales = self._measure_scales()

    def score(self, rows: NDArray[np.int64]) -> pd.DataFrame:
        """Return passage_row, similarity, lexical and score of the rows, in their order.

        `lexical` is the share that would give the score within a language.
        """
        similarity = self._snapshot.dense.similarities(self.query.vector, rows)
        score = self._put_on_one_scale(similarity + self.words[rows], rows)
        return pd.DataFrame(
            {
                "passage_row": rows,
                "similarity": similarity,
                # what the words add on the common scale, also where they are another language's
                "lexical": np.maximum((score - similarity) / SAME_LANGUAGE_WEIGHT, 0),
                "score": score,
            }
        )

    def _measure_scales(self) -> dict[str, Scale]:
        """Return the scale of each language, over evenly spaced samples of all its passages.

        Of all passages, not of the candidates: a filter would shift the scale, and with it the scores.
        """
        scales = {}
        for language, rows in self._snapshot.sample_rows.items():
            similarity = self._snapshot.dense.similarities(self.query.vector, rows)
            fused = similarity + self.words[rows]
            scales[language] = Scale(
                mean=float(fused.mean()),
                spread=float(fused.std()) or 1.0,
                similarity_mean=float(similarity.mean()),
                similarity_spread=float(similarity.std()) or 1.0,
                nearest=_mean_of_largest(similarity),
            )
        return scales

    def _put_on_one_scale(self, scores: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
        """Return the scores of `rows` with the other languages' moved to the own language's scale.

        score' = mean_own + (score - mean_other) * spread_own / spread_other. A Japanese need shares
        words with Japanese seeds alone, and lies nearer to them even after centring: without this the
        other language's seeds would never be seen. Unchanged where one of the languages has few
        passages, whose mean would be noise.
        """
        own = self.scales.get(self.query.language)
        if own is None or len(self.scales) == 1:
            return scores
        scaled = scores.copy()
        languages = self._snapshot.language_of_passage[rows]
        for language, scale in self.scales.items():
            if language != self.query.language:
                other = languages == language
                scaled[other] = own.mean + (scores[other] - scale.mean) * own.spread / scale.spread
        return scaled


def retrieve(
    scorer: PassageScorer,
    snapshot: Snapshot,
    allowed: NDArray[np.int64] | None = None,
    *,
    narrowed: bool = True,
) -> pd.DataFrame:
    """Return candidate passages: passage_row, similarity, lexical, score; ascending by row.

    The nearest CANDIDATES by vector and by words, each scored by both; `allowed` rows only, and all
    of them where a filter left few. `narrowed` says whether a filter left these, or they are all that
    may be seen.
    """
    if allowed is not None and narrowed and len(allowed) <= ALL_ARE_CANDIDATES:
        return scorer.score(allowed)
    return scorer.score(_candidate_rows(scorer, snapshot, allowed))


def _candidate_rows(
    scorer: PassageScorer, snapshot: Snapshot, allowed: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    near = snapshot.dense.search(scorer.query.vector, CANDIDATES, allowed)
    return np.union1d(near, _best_rows(scorer.shares, allowed))


def lexical_weight(query: NeedQuery, snapshot: Snapshot, n_words: int) -> FloatArray:
    """Return the weight of the share of every passage row, shape (n_rows,)."""
    within = SAME_LANGUAGE_WEIGHT * n_words / (n_words + HALF_WEIGHT_WORDS)
    same = snapshot.language_of_passage == query.language
    weights = np.where(same, within, CROSS_LANGUAGE_WEIGHT).astype(np.float32)
    for language, terms in query.linked.items():
        linked = LINKED_WEIGHT * len(terms) / (len(terms) + HALF_WEIGHT_WORDS)
        weights[snapshot.language_of_passage == language] = linked
    return weights


def _mean_of_largest(values: FloatArray) -> float:
    """Return the mean of the largest NEAREST_SHARE of the values, of one at least."""
    count = max(1, int(len(values) * NEAREST_SHARE))
    return float(np.partition(values, len(values) - count)[-count:].mean())


def _best_rows(
    lexical: NDArray[np.float32], allowed: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    rows = np.arange(len(lexical)) if allowed is None else allowed
    rows = rows[lexical[rows] > 0]
    if len(rows) > CANDIDATES:
        best = np.lexsort((rows, -lexical[rows]))[:CANDIDATES]
        rows = rows[best]
    return np.asarray(rows, dtype=np.int64)
