"""Finds the passages that could answer a need, and fuses both views of how near they are.

    score(passage) = cos + w share

`cos` is the cosine of need and passage after centring, `share` the lexical score in [0, 1) (see
`enmusubi.indexes.lexical`). Across languages, where shared words are few and mostly names, w = 1;
within a language w = 12 n / (n + 30) for a need of n distinct words: one word of a short need is a large
share of it, and must not drown the meaning. So that a need in one language doesn't prefer seeds in
its own, the scores of the other language's passages are then brought to the same mean and spread as
those of its own (`put_on_one_scale`). Filters change none of this. docs/quality.md has what the weights
were chosen by.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.indexes.dense import MEASURED_DEPTH
from enmusubi.matcher.snapshot import Snapshot
from enmusubi.matcher.tokens import TOKENIZERS

FloatArray = NDArray[np.float32]

SAME_LANGUAGE_WEIGHT = 12.0  # of an endless need
HALF_WEIGHT_WORDS = 30  # distinct words at which the weight is half of that
CROSS_LANGUAGE_WEIGHT = 1.0
CANDIDATES = MEASURED_DEPTH  # passages taken from each of the two indexes
ALL_ARE_CANDIDATES = 15_000  # a filter that leaves no more passages loses nobody to the search


@dataclass(frozen=True)
class NeedQuery:
    """A need ready for retrieval: its centred unit vector, its language and its text."""

    need_id: str
    text: str
    language: str
    vector: NDArray[np.float32]


def retrieve(
    query: NeedQuery, snapshot: Snapshot, allowed: NDArray[np.int64] | None = None
) -> pd.DataFrame:
    """Return candidate passages: passage_row, similarity, lexical, score; ascending by row.

    The nearest CANDIDATES by vector and by words, each scored by both; `allowed` rows only, and all
    of them where a filter left few. `lexical` is the share that would give the score within a
    language.
    """
    tokens = {language: TOKENIZERS[language](query.text) for language in snapshot.lexical.languages}
    lexical = snapshot.lexical.score_rows(tokens, len(snapshot.passages))
    rows = _candidate_rows(query, snapshot, lexical, allowed)
    n_words = len(set(tokens.get(query.language, ())))
    words = lexical_weight(query, snapshot, n_words) * lexical
    similarity, fused = _fuse(query, snapshot, words, rows)
    score = put_on_one_scale(fused, rows, query, snapshot, words)
    return pd.DataFrame(
        {
            "passage_row": rows,
            "similarity": similarity,
            # what the words add on the common scale, also where they are another language's
            "lexical": np.maximum((score - similarity) / SAME_LANGUAGE_WEIGHT, 0),
            "score": score,
        }
    )


def _candidate_rows(
    query: NeedQuery,
    snapshot: Snapshot,
    lexical: FloatArray,
    allowed: NDArray[np.int64] | None,
) -> NDArray[np.int64]:
    if allowed is not None and len(allowed) <= ALL_ARE_CANDIDATES:
        return allowed
    near = snapshot.dense.search(query.vector, CANDIDATES, allowed)
    return np.union1d(near, _best_rows(lexical, allowed))


def lexical_weight(query: NeedQuery, snapshot: Snapshot, n_words: int) -> FloatArray:
    """Return the weight of the share of every passage row, shape (n_rows,)."""
    within = SAME_LANGUAGE_WEIGHT * n_words / (n_words + HALF_WEIGHT_WORDS)
    same = snapshot.language_of_passage == query.language
    return np.where(same, within, CROSS_LANGUAGE_WEIGHT).astype(np.float32)


def _fuse(
    query: NeedQuery, snapshot: Snapshot, words: FloatArray, rows: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Return the similarity of the given rows, and that plus what the words add."""
    similarity = snapshot.dense.similarities(query.vector, rows)
    return similarity, similarity + words[rows]


def put_on_one_scale(
    scores: FloatArray,
    rows: NDArray[np.int64],
    query: NeedQuery,
    snapshot: Snapshot,
    words: FloatArray,
) -> FloatArray:
    """Return the scores of `rows` with the other languages' moved to the own language's scale.

    score' = mean_own + (score - mean_other) * spread_own / spread_other, over evenly spaced samples
    of all passages of each language. Unchanged where one of the languages has few passages.
    """
    samples = snapshot.sample_rows
    if query.language not in samples or len(samples) == 1:
        return scores
    level = {}
    for language, sampled in samples.items():
        _, fused = _fuse(query, snapshot, words, sampled)
        level[language] = (float(fused.mean()), float(fused.std()) or 1.0)
    own_mean, own_spread = level[query.language]
    scaled = scores.copy()
    languages = snapshot.language_of_passage[rows]
    for language, (mean, spread) in level.items():
        other = languages == language
        if language != query.language:
            scaled[other] = own_mean + (scores[other] - mean) * own_spread / spread
    return scaled


def _best_rows(
    lexical: NDArray[np.float32], allowed: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    rows = np.arange(len(lexical)) if allowed is None else allowed
    rows = rows[lexical[rows] > 0]
    if len(rows) > CANDIDATES:
        best = np.lexsort((rows, -lexical[rows]))[:CANDIDATES]
        rows = rows[best]
    return np.asarray(rows, dtype=np.int64)
