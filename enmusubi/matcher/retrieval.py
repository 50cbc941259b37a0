"""Finds the passages that could answer a need, and fuses both views of how near they are.

    score(passage) = cos + w share

`cos` is the cosine of need and passage after centring, `share` the lexical score in [0, 1) (see
`enmusubi.indexes.lexical`), and w = 11 within a language, 1 across languages, where shared words are
few and mostly names. So that a need in one language doesn't prefer seeds in its own, the scores of
the other language's passages are then brought to the same mean and spread as those of its own,
measured on a sample of each (`put_on_one_scale`). Filters change none of this.
docs/quality.md has what the weights were chosen by.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.matcher.snapshot import Snapshot
from enmusubi.matcher.tokens import TOKENIZERS

FloatArray = NDArray[np.float32]

SAME_LANGUAGE_WEIGHT = 11.0
CROSS_LANGUAGE_WEIGHT = 1.0
CANDIDATES = 3000  # passages taken from each of the two indexes


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

    The nearest CANDIDATES by vector and by words, each scored by both; `allowed` rows only.
    `lexical` is the share that would give the score within a language.
    """
    tokens = {language: TOKENIZERS[language](query.text) for language in snapshot.lexical.languages}
    lexical = snapshot.lexical.score_rows(tokens, len(snapshot.passages))
    near = snapshot.dense.search(query.vector, CANDIDATES, allowed)
    rows = np.union1d(near, _best_rows(lexical, allowed))
    similarity, fused = _fuse(query, snapshot, lexical, rows)
    score = put_on_one_scale(fused, rows, query, snapshot, lexical)
    return pd.DataFrame(
        {
            "passage_row": rows,
            "similarity": similarity,
            # what the words add on the common scale, also where they are another language's
            "lexical": np.maximum((score - similarity) / SAME_LANGUAGE_WEIGHT, 0),
            "score": score,
        }
    )


def _fuse(
    query: NeedQuery, snapshot: Snapshot, lexical: FloatArray, rows: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Return similarity and cos + w share of the given rows."""
    similarity = snapshot.dense.similarities(query.vector, rows)
    same = snapshot.language_of_passage[rows] == query.language
    weights = np.where(same, SAME_LANGUAGE_WEIGHT, CROSS_LANGUAGE_WEIGHT).astype(np.float32)
    return similarity, similarity + weights * lexical[rows]


def put_on_one_scale(
    scores: FloatArray,
    rows: NDArray[np.int64],
    query: NeedQuery,
    snapshot: Snapshot,
    lexical: FloatArray,
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
        _, fused = _fuse(query, snapshot, lexical, sampled)
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
