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
from indexes.lexical_query import LexicalIndexes
from indexes.selection import Selection
from matcher.features.definitions import NAMES
from matcher.features.extraction import extract_features
from matcher.features.people import gather_seeds
from matcher.features.records import PeopleRecords
from matcher.filtering import Allowed
from matcher.retrieval import NeedQuery, PassageScorer
from matcher.snapshot import Snapshot
from matcher.tables import (
    AUTHORSHIP_KINDS,
    PASSAGE_KINDS,
    RESEARCHER_KINDS,
    SENTENCE_KINDS,
    STORED_SEED_KINDS,
    table_of,
)
from matcher.tokens import TOKENIZERS
from tests.support.lexical import lexical_index

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
        lexical[language] = lexical_index(tokens, rows)
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
        passages=table_of(
            PASSAGE_KINDS,
            {
                "seed_row": [row for row, _ in pieces],
                "lang": languages,
                "first_sentence": np.cumsum([0, *lengths[:-1]]),
            },
        ),
        sentences=table_of(SENTENCE_KINDS, {}),
        seeds=table_of(
            STORED_SEED_KINDS,
            {
                "kind": [made.kind for made in seeds],
                "visibility": [made.visibility for made in seeds],
                "year": [made.year for made in seeds],
            },
        ),
        researchers=table_of(
            RESEARCHER_KINDS,
            {
                "researcher_id": [f"r{row}" for row in range(n_people)],
                "industry_seeds": people.get("seeds", [0] * n_people),
                "industry_last_year": people.get("last", nobody),
            },
        ),
        authorships=table_of(
            AUTHORSHIP_KINDS,
            {
                "seed_row": [row for row, made in enumerate(seeds) for _ in made.people],
                "researcher_row": [person for made in seeds for person in made.people],
            },
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
    rows = np.array(people, dtype=np.int64)
    left = None
    if allowed is not None:
        chosen = Selection.of_rows(np.array(allowed, dtype=np.int64), len(snapshot.passages))
        seeds_left = Selection.of_rows(snapshot.seed_of_passage[chosen.rows()], len(snapshot.seeds))
        left = Allowed(np.ones(people[-1] + 1, dtype=bool), chosen, seeds_left)
    gathered = gather_seeds(rows, scorer, snapshot, left)
    first = (rows, np.full(len(rows), first_stage))
    described = extract_features(first, gathered, scorer, snapshot, known)
    features = pd.DataFrame(described.values, index=described.people, columns=list(NAMES))
    return Described(features, scorer, snapshot)
