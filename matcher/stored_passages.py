"""The passages of a version as they lie on disk, while the version is written and afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, repeat, starmap

import numpy as np
from numpy.typing import NDArray

from indexes.columns import Categories, Table
from indexes.ranges import spread_ranges
from matcher.passages import Passage, Sentence
from matcher.tables import in_statistics

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class StoredPassages:
    """The passages of a version that is being written, as they lie on disk."""

    n_people: int
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
    is_last = rows + 1 == len(first)
    after = np.where(is_last, len(sentences), first[np.where(is_last, 0, rows + 1)])
    places, _ = spread_ranges(first[rows], after)
    parts = zip(
        starts[places].tolist(),
        ends[places].tolist(),
        map(fields.names.__getitem__, fields.codes[places].tolist()),
        sources[places].tolist(),
        sentences.numbers("says")[places].tolist()
        if "says" in sentences
        else repeat(-1, len(places)),
        strict=True,
    )
    told = starmap(Sentence, parts)
    counts = (after - first[rows]).tolist()
    return [
        Passage(texts[row], tuple(islice(told, count)))
        for row, count in zip(rows, counts, strict=True)
    ]


def read_seeds(
    passages: Table, sentences: Table, seed_rows: IntArray
) -> Iterator[tuple[int, Passage, str]]:
    """Return the passages of seeds of a version as they were cut: place in `seed_rows`, passage, language."""
    owners = passages.numbers("seed_row")
    first, after = (np.searchsorted(owners, seed_rows, side=side) for side in ("left", "right"))
    rows, of = spread_ranges(first, after)
    found = read_passages(passages, sentences, rows)
    languages = passages.categories("lang")[rows].tolist()
    return zip(of.tolist(), found, languages, strict=True)
