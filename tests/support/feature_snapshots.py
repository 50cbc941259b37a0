"""Snapshots made by hand for the tests of features: cosines, words and years are what they are told.

The need is the first axis, its two sentences the second and the third; a passage or sentence with
cosines (a, b, c) to the three lies along them, and the rest of its length along an axis of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indexes.dense import DenseIndex
from indexes.lexical import LexicalIndex, LexicalIndexes
from matcher.features.extraction import extract_features
from matcher.features.records import PeopleRecords
from matcher.retrieval import NeedQuery, PassageScorer
from matcher.snapshot import Snapshot
from matcher.tokens import TOKENIZERS

AXES = 4


@dataclass(frozen=True)
class Piece:
    """A passage: its cosine with the need, its words, and its sentences' three cosines."""

    cosine: float
    words: str = "common"  # an index without any word cannot be built
    lang: str = "en"
    sentences: tuple[tuple[float, float, float], ...] = ((0.0, 0.0, 0.0),)


@dataclass(frozen=True)
class Made:
    """A seed of people (by row) and its passages."""

    people: tuple[int, ...]
    pieces: tuple[Piece, ...]
    year: int | None = None
    kind: str = "paper"
    visibility: str = "public"


@dataclass(frozen=True)
class Described:
    """Features of everyone who has an allowed seed, and what they were computed from."""

    features: pd.DataFrame
    scorer: PassageScorer
    snapshot: Snapshot = field(repr=False)


def lying(*cosines: float) -> NDArray[np.float32]:
    rest = np.sqrt(1 - min(1.0, sum(c * c for c in cosines)))
    parts = [*cosines, *[0.0] * (AXES - 1 - len(cosines)), rest]
    return np.array(parts, dtype=np.float32)


def seed(
    *people: int, cosine: float = 0.0, words: str = "common", lang: str = "en", **more: Any
) -> Made:
    """Return a seed of one passage."""
    return Made(people, (Piece(cosine, words, lang),), **more)


def snapshot_of(seeds: Sequence[Made], n_people: int, **more: Any) -> Snapshot:
    """Return the snapshot of the seeds; `industry` gives researchers' columns where it matters."""
    pieces = [(row, piece) for row, made in enumerate(seeds) for piece in made.pieces]
    sentences = [lying(*three) for _, piece in pieces for three in piece.sentences]
    lengths = [len(piece.sentences) for _, piece in pieces]
    languages = np.array([piece.lang for _, piece in pieces])
    lexical = {}
    for language in sorted(set(languages.tolist())):
        rows = np.flatnonzero(languages == language)
        tokens = [TOKENIZERS[language](pieces[row][1].words) for row in rows]
        lexical[language] = LexicalIndex.build(tokens, rows)
    people = more.get("industry", {})
    nobody = [None] * n_people
    return Snapshot(
        version="v000001",
        manifest={},
        dense=DenseIndex.build(np.stack([lying(piece.cosine) for _, piece in pieces])),
        lexical=LexicalIndexes(lexical),
        sentence_vectors=np.stack(sentences).astype(np.float16),
        profiles=np.stack([lying(0.1 * (row + 1)) for row in range(n_people)]),
        means={},
        passages=pd.DataFrame(
            {
                "seed_row": [row for row, _ in pieces],
                "lang": languages,
                "first_sentence": np.cumsum([0, *lengths[:-1]]),
            }
        ),
        seeds=pd.DataFrame(
            {
                "kind": [made.kind for made in seeds],
                "visibility": [made.visibility for made in seeds],
                "year": pd.array([made.year for made in seeds], dtype="Int64"),
            }
        ),
        researchers=pd.DataFrame(
            {
                "researcher_id": [f"r{row}" for row in range(n_people)],
                "industry_seeds": people.get("seeds", [0] * n_people),
                "industry_last_year": pd.array(people.get("last", nobody), dtype="Int64"),
            }
        ),
        authorships=pd.DataFrame(
            [(row, person) for row, made in enumerate(seeds) for person in made.people],
            columns=["seed_row", "researcher_row"],
        ),
    )


def need(text: str = "nothing", language: str = "en", **more: Any) -> NeedQuery:
    sentences = np.eye(AXES, dtype=np.float32)[1:3]
    return NeedQuery("n", text, language, lying(1.0), **{"sentences": sentences} | more)


def describe(
    seeds: Sequence[Made],
    query: NeedQuery | None = None,
    *,
    allowed: Sequence[int] | None = None,
    first_stage: float = 1.0,
    records: PeopleRecords | None = None,
    **more: Any,
) -> Described:
    """Return the features of all people of the seeds, each with the same score of the first stage."""
    people = sorted({person for made in seeds for person in made.people})
    snapshot = snapshot_of(seeds, people[-1] + 1, **more)
    scorer = PassageScorer(query or need(), snapshot)
    known = records or PeopleRecords(np.zeros((people[-1] + 1, 2)), np.zeros(people[-1] + 1))
    # the worst first: the order of the table must not matter
    first = pd.DataFrame({"researcher_row": people[::-1], "score": first_stage})
    passages = None if allowed is None else np.array(allowed, dtype=np.int64)
    features = extract_features(first, scorer, snapshot, known, passages)
    return Described(features, scorer, snapshot)
