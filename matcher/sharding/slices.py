"""Slices: consecutive seeds of a catalogue, cut, encoded and tokenised once, whichever shards they go into.

A slice is a folder with the passages as a version has them, their vectors before centring, and their tokens
by their hashes. It does not depend on how many shards are made of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indexes.columns import Categories, Table
from indexes.lexical_writer import HashedRows, LexicalWriter
from indexes.ranges import spread_ranges
from matcher.passages import Passage
from matcher.stored_passages import StoredPassages, read_passages
from matcher.tables import AUTHORSHIP_COLUMNS, RESEARCHER_COLUMNS, Corpus, table
from matcher.version_writer import PASSAGES_TOGETHER, PassageSource, write_passages

VECTORS_NAME, SENTENCES_NAME = "vectors.npy", "sentence_vectors.npy"
TOKENS_NAME = "tokens"
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]


def seeds_alone(seeds: pd.DataFrame) -> Corpus:
    """Return a corpus of seeds without people."""
    people, pairs = table([], RESEARCHER_COLUMNS), table([], AUTHORSHIP_COLUMNS)
    return Corpus(seeds, people, pairs, "")


def write_slice(folder: Path, seeds: pd.DataFrame, source: PassageSource) -> int:
    """Write a slice of these seeds into an empty folder; return how many passages it has.

    Each level of visibility is encoded apart, as in a version.
    """
    stored = write_passages(folder, seeds_alone(seeds), source)
    if not len(stored.passages):  # seeds without any text, among others that have one
        return 0
    _set_size(source, len(stored.passages))
    vectors = np.zeros((len(stored.passages), source.dimension), dtype=np.float32)
    sentences = np.zeros((len(stored.sentences), source.dimension), dtype=np.float32)
    borders = np.append(stored.passages.numbers("first_sentence"), len(stored.sentences))
    for level in np.unique(stored.levels):
        rows = np.flatnonzero(stored.levels[stored.seed_rows] == level)
        made, of_sentences = source.encode(stored.read(rows), rows)
        places, _ = spread_ranges(borders[rows], borders[rows + 1])
        vectors[rows], sentences[places] = made, of_sentences
    np.save(folder / VECTORS_NAME, vectors)
    np.save(folder / SENTENCES_NAME, sentences)
    _write_tokens(folder, stored, source)
    return len(vectors)


def _set_size(source: PassageSource, n_passages: int) -> None:
    if hasattr(source, "n_passages"):
        source.n_passages = n_passages


def _write_tokens(folder: Path, stored: StoredPassages, source: PassageSource) -> None:
    texts = stored.passages.texts("text")
    for name in stored.languages.names:
        rows = np.flatnonzero(stored.languages.among((name,)))
        writer = LexicalWriter(folder / TOKENS_NAME / name)
        parts = [
            writer.hashed(source.tokens(name, texts[some]), some)
            for first in range(0, len(rows), PASSAGES_TOGETHER)
            if len(some := rows[first : first + PASSAGES_TOGETHER])
        ]
        arrays = {
            field: np.concatenate([getattr(part, field) for part in parts])
            for field in HashedRows.__dataclass_fields__
        }
        for field, values in arrays.items():
            np.save(folder / TOKENS_NAME / name / f"{field}.npy", values)


class Slice:
    """A slice that was written, mapped."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def passages(self) -> Table:
        """The passages, their seeds numbered within the slice."""
        return Table.load(self._folder / "passages")

    @cached_property
    def sentences(self) -> Table:
        """The sentences."""
        return Table.load(self._folder / "sentences")

    @cached_property
    def vectors(self) -> FloatArray:
        """The passages' vectors, not centred."""
        return np.asarray(np.load(self._folder / VECTORS_NAME, mmap_mode="r"))

    @cached_property
    def sentence_vectors(self) -> FloatArray:
        """The sentences' vectors, not centred."""
        return np.asarray(np.load(self._folder / SENTENCES_NAME, mmap_mode="r"))

    @cached_property
    def borders(self) -> IntArray:
        """Row of each passage's first sentence, and the number of all at the end."""
        return np.append(self.passages.numbers("first_sentence"), len(self.sentences))

    def tokens(self, language: str) -> HashedRows | None:
        """Return the tokens of a language's passages, None where there are none."""
        folder = self._folder / TOKENS_NAME / language
        if not folder.is_dir():
            return None
        names = HashedRows.__dataclass_fields__
        return HashedRows(**{n: np.load(folder / f"{n}.npy", mmap_mode="r") for n in names})


class Slices:
    """All slices of a catalogue, their passages and seeds numbered through."""

    def __init__(self, folders: Sequence[Path], seeds_a_slice: int, counts: Sequence[int]) -> None:
        """`counts` are the numbers of passages; a slice without any is left alone."""
        self._folders = folders
        self._slices = [Slice(folder) for folder in folders]
        self._counts = counts
        self.first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.seeds_a_slice = seeds_a_slice

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> "Slices":
        """Return the slices that `described` tells of."""
        folders = [Path(folder) for folder in described["folders"]]
        return cls(folders, int(described["seeds_a_slice"]), described["counts"])

    def described(self) -> dict[str, Any]:
        """Return where the slices lie, and their sizes, for JSON."""
        return {
            "folders": [str(folder) for folder in self._folders],
            "seeds_a_slice": self.seeds_a_slice,
            "counts": list(self._counts),
        }

    def __len__(self) -> int:
        return int(self.first[-1])

    @cached_property
    def seed_rows(self) -> IntArray:
        """The seed of each passage."""
        parts = [
            one.passages.numbers("seed_row") + number * self.seeds_a_slice
            for number, one in self._some()
        ]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])

    @cached_property
    def languages(self) -> Categories:
        """The language of each passage."""
        found = [one.passages.categories("lang") for _, one in self._some()]
        names = sorted({name for of in found for name in of.names})
        place = {name: at for at, name in enumerate(names)}
        codes = [of.values_of(place, 0).astype(np.uint8) for of in found]
        return Categories(np.concatenate([np.zeros(0, dtype=np.uint8), *codes]), names)

    def read(self, rows: IntArray) -> list[Passage]:
        """Return passages as they were cut; rows ascend."""
        return [
            passage
            for one, own in self._parts(rows)
            for passage in read_passages(one.passages, one.sentences, own)
        ]

    def texts(self, rows: IntArray) -> list[str]:
        """Return the texts of passages; rows ascend."""
        return [t for one, own in self._parts(rows) for t in one.passages.texts("text")[own]]

    def vectors(self, rows: IntArray) -> tuple[FloatArray, FloatArray, IntArray]:
        """Return the vectors of passages, of all their sentences, and how many each has; rows ascend."""
        found, sentences, counts = [], [], []
        for one, own in self._parts(rows):
            places, _ = spread_ranges(one.borders[own], one.borders[own + 1])
            found.append(one.vectors[own])
            sentences.append(one.sentence_vectors[places])
            counts.append(one.borders[own + 1] - one.borders[own])
        width = next(one.vectors.shape[1] for _, one in self._some())
        nothing = np.zeros((0, width), dtype=np.float32)
        none = np.zeros(0, dtype=np.int64)
        return (
            np.concatenate([nothing, *found]),
            np.concatenate([nothing, *sentences]),
            np.concatenate([none, *counts]),
        )

    def tokens(self, language: str, rows: IntArray, as_rows: IntArray) -> Iterator[HashedRows]:
        """Yield the tokens of passages of one language, to be known as `as_rows`; both ascend."""
        done = 0
        for one, own in self._parts(rows):
            named = as_rows[done : done + len(own)]
            done += len(own)
            tokens = one.tokens(language)
            if tokens is not None and len(own):
                yield _chosen(tokens, np.searchsorted(tokens.rows, own), named)

    def _some(self) -> Iterator[tuple[int, Slice]]:
        return ((n, one) for n, one in enumerate(self._slices) if self._counts[n])

    def _parts(self, rows: IntArray) -> Iterator[tuple[Slice, IntArray]]:
        borders = np.searchsorted(rows, self.first)
        for number, one in enumerate(self._slices):
            own = rows[borders[number] : borders[number + 1]] - self.first[number]
            if len(own):
                yield one, own


def _chosen(tokens: HashedRows, at: IntArray, as_rows: IntArray) -> HashedRows:
    ends = np.cumsum(tokens.sizes)
    places, _ = spread_ranges(ends[at] - tokens.sizes[at], ends[at])
    return HashedRows(
        rows=as_rows,
        lengths=tokens.lengths[at],
        sizes=tokens.sizes[at],
        hashes=tokens.hashes[places],
        counts=tokens.counts[places],
    )
