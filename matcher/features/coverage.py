"""How far the best seeds of people meet a need's sentences, and repeat its words."""

import numpy as np
from numpy.typing import NDArray

from indexes.ranges import distinct_places
from indexes.stored_rows import products
from matcher.features.people import SeedsOfPeople
from matcher.retrieval import PassageScorer
from matcher.snapshot import Snapshot

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def sentence_nearness(
    seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot, depth: int
) -> FloatArray:
    """Return how near the sentences of each person's `depth` best seeds come, shape (1 + sentences, people).

    To the need as a whole first, then to each of its sentences; to the need again where it has none.
    """
    query = scorer.query
    needed = query.sentences if len(query.sentences) else query.vector[None, :]
    sought = np.vstack([query.vector[None, :], needed])
    shown = seeds.place < depth
    # a work of several people is looked at once
    passages, where = distinct_places(seeds.passage_row[shown])
    rows, counts = sentences_of(passages, snapshot)
    vectors = snapshot.sentence_vectors[rows].astype(np.float32)
    near = np.stack([products(vectors, one) for one in sought])
    of_passage = np.maximum.reduceat(near, np.cumsum(counts) - counts, axis=1)
    starts = np.flatnonzero(np.diff(seeds.person[shown], prepend=-1))
    return np.maximum.reduceat(of_passage[:, where], starts, axis=1).astype(np.float64)


def cover_sentences(nearness: FloatArray) -> dict[str, FloatArray]:
    """Return sentence_best, coverage and coverage_weakest of each person from `sentence_nearness`.

    The late interaction of Khattab and Zaharia (2020, "ColBERT"), with sentences in place of tokens:
    each sentence of the need is met by the nearest sentence of the person's best seeds.
    """
    of_sentences = nearness[1:]
    return {
        "sentence_best": nearness[0],
        # sentence by sentence: a mean for a single person would round otherwise
        "coverage": np.cumsum(of_sentences, axis=0)[-1] / len(of_sentences),
        "coverage_weakest": nearness[1:].min(axis=0),
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
    passages, where = distinct_places(seeds.passage_row[shown])
    languages = snapshot.language_of_passage
    own = languages.codes[passages] == languages.code_of(language)
    present = np.zeros((len(words), len(passages)), dtype=bool)
    present[:, own] = index.tokens_of(passages[own], words)
    idf = np.array([index.idf(word) for word in words])
    starts = np.flatnonzero(np.diff(seeds.person[shown], prepend=-1))
    met = np.logical_or.reduceat(present[:, where], starts, axis=1)
    # word by word: BLAS, and a sum for a single person, would round otherwise by how many people there are
    return np.asarray(np.cumsum(idf[:, None] * met, axis=0)[-1] / idf.sum(), dtype=np.float64)


def sentences_of(passages: IntArray, snapshot: Snapshot) -> tuple[IntArray, IntArray]:
    """Return the rows of the passages' sentence vectors, by passage, and how many each has."""
    borders = snapshot.sentence_borders
    counts = borders[passages + 1] - borders[passages]
    before = np.cumsum(counts) - counts
    return np.arange(counts.sum()) + np.repeat(borders[passages] - before, counts), counts
