"""Finds the passages that could answer a need, and fuses both views of how near they are.

    score(passage) = cos + w share

`cos` is the cosine of need and passage after centring, `share` the lexical score in [0, 1) (see
`enmusubi.indexes.lexical`), and w = 9 within a language, 1 across languages, where shared words are
few and mostly names. Both terms are absolute, so that a filter never
changes a passage's score. docs/quality.md has what the weights were chosen by.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.matcher.snapshot import Snapshot
from enmusubi.matcher.tokens import TOKENIZERS

SAME_LANGUAGE_WEIGHT = 9.0
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
    """
    tokens = {language: TOKENIZERS[language](query.text) for language in snapshot.lexical.languages}
    lexical = snapshot.lexical.score_rows(tokens, len(snapshot.passages))
    near = snapshot.dense.search(query.vector, CANDIDATES, allowed)
    rows = np.union1d(near, _best_rows(lexical, allowed))
    similarity = snapshot.dense.similarities(query.vector, rows)
    same = snapshot.language_of_passage[rows] == query.language
    weights = np.where(same, SAME_LANGUAGE_WEIGHT, CROSS_LANGUAGE_WEIGHT)
    return pd.DataFrame(
        {
            "passage_row": rows,
            "similarity": similarity,
            "lexical": lexical[rows],
            "score": similarity + weights * lexical[rows],
        }
    )


def _best_rows(
    lexical: NDArray[np.float32], allowed: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    rows = np.arange(len(lexical)) if allowed is None else allowed
    rows = rows[lexical[rows] > 0]
    if len(rows) > CANDIDATES:
        best = np.lexsort((rows, -lexical[rows]))[:CANDIDATES]
        rows = rows[best]
    return np.asarray(rows, dtype=np.int64)
