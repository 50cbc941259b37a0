"""How much of what a need asks for is met by a person's best seeds: by sentence, and by word."""

import numpy as np
from numpy.typing import NDArray

from matcher.features.people import SeedsOfPeople
from matcher.retrieval import PassageScorer
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def cover_sentences(
    seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot, depth: int
) -> dict[str, FloatArray]:
    """Return sentence_best, coverage and coverage_weakest of each person.

    The late interaction of Khattab and Zaharia (2020, "ColBERT"), with sentences in place of tokens:
    each sentence of the need is met by the nearest sentence of the person's `depth` best seeds.
    """
    query = scorer.query
    needed = query.sentences if len(query.sentences) else query.vector[None, :]
    sought = np.vstack([query.vector[None, :], needed])
    shown = seeds.place < depth
    rows, counts = sentences_of(seeds.passage_row[shown], snapshot)
    person = np.repeat(seeds.person[shown], counts)
    vectors = np.asarray(snapshot.sentence_vectors[rows], dtype=np.float32)
    similarity = sought @ vectors.T
    starts = np.flatnonzero(np.diff(person, prepend=-1))
    best = np.maximum.reduceat(similarity, starts, axis=1).astype(np.float64)
    return {
        "sentence_best": best[0],
        "coverage": best[1:].mean(axis=0),
        "coverage_weakest": best[1:].min(axis=0),
    }


def cover_words(
    seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot, depth: int
) -> FloatArray:
    """Return the share of the need's information (idf of its words) in each person's best seeds.

    Only seeds in the need's language count; without any the share is 0.
    """
    language = scorer.query.language
    index = snapshot.lexical.of(language)
    words = sorted(set(scorer.tokens.get(language, ())))
    if index is None or not words:
        return np.zeros(len(seeds.starts))
    shown = seeds.place < depth
    distinct, where = np.unique(seeds.passage_row[shown], return_inverse=True)
    slot = np.full(len(snapshot.passages), -1, dtype=np.int64)
    slot[distinct] = np.arange(len(distinct))
    present = np.zeros((len(words), len(distinct)), dtype=bool)
    told = np.zeros(len(words))
    for row, word in enumerate(words):
        found, told[row] = index.postings(word)
        at = slot[found]
        present[row, at[at >= 0]] = True
    starts = np.flatnonzero(np.diff(seeds.person[shown], prepend=-1))
    met = np.logical_or.reduceat(present[:, where], starts, axis=1)
    return np.asarray(told @ met / told.sum(), dtype=np.float64)


def sentences_of(passages: IntArray, snapshot: Snapshot) -> tuple[IntArray, IntArray]:
    """Return the rows of the passages' sentence vectors, by passage, and how many each has."""
    borders = snapshot.sentence_borders
    counts = borders[passages + 1] - borders[passages]
    before = np.cumsum(counts) - counts
    return np.arange(counts.sum()) + np.repeat(borders[passages] - before, counts), counts
