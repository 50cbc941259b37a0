"""The passages of a version as they lie on disk, while the version is written and afterwards."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.columns import Categories, Table
from matcher.passages import Passage, Sentence
from matcher.tables import Corpus, in_statistics

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class StoredPassages:
    """The passages of a version that is being written, as they lie on disk."""

    corpus: Corpus
    passages: Table
    sentences: Table
    levels: IntArray  # of each seed, see `tables.visibility_levels`
    pairs: Table  # authorships, with the columns of `tables.AUTHORSHIP_KINDS`
    lowest_level: int | None = None  # of the seeds that make statistics, where these are not all

    @property
    def seed_rows(self) -> IntArray:
        """The seed of each passage."""
        return self.passages.numbers("seed_row")

    @property
    def languages(self) -> Categories:
        """The language of each passage."""
        return self.passages.categories("lang")

    @property
    def public(self) -> NDArray[np.bool_]:
        """Whether each passage is of a public seed."""
        return np.asarray((self.levels == 0)[self.seed_rows])

    @property
    def in_statistics(self) -> NDArray[np.bool_]:
        """Whether each passage makes statistics (see `tables.in_statistics`)."""
        return np.asarray(in_statistics(self.levels, self.lowest_level)[self.seed_rows])

    def read(self, rows: IntArray) -> list[Passage]:
        """Return passages as they were cut."""
        return read_passages(self.passages, self.sentences, rows)


def read_passages(passages: Table, sentences: Table, rows: IntArray) -> list[Passage]:
    """Return passages of a version as they were cut."""
    texts, fields = passages.texts("text"), sentences.categories("field")
    starts, ends, sources = (sentences.numbers(name) for name in ("start", "end", "source"))
    first = passages.numbers("first_sentence")
    found = []
    for row in rows:
        begin = int(first[row])
        end = int(first[row + 1]) if row + 1 < len(first) else len(sentences)
        parts = zip(
            starts[begin:end].tolist(),
            ends[begin:end].tolist(),
            map(str, fields[begin:end]),
            sources[begin:end].tolist(),
            strict=True,
        )
        found.append(Passage(texts[row], tuple(Sentence(*part) for part in parts)))
    return found
