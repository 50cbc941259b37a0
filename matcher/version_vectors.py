"""Writes the vectors of an index version: of passages, sentences and people, and what they are centred by.

Small catalogues keep vectors as they are, large ones in eight bits (see `indexes.dense`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.dense import ROWS_NAME, DenseIndex
from indexes.ranges import spread_ranges
from indexes.stored_rows import EightBitRows, EightBitWriter, StoredRows, batches, new_npy
from matcher.centring import Means, Sums, centre, means_of
from matcher.earlier_version import EarlierVersion
from matcher.encoder.encoder import PASSAGE, unit
from matcher.profiles import pair_weights
from matcher.stored_passages import StoredPassages
from matcher.version_files import (
    MEANS_NAME,
    PROFILE_ROWS_NAME,
    PROFILES_NAME,
    SENTENCE_MEANS_NAME,
    SENTENCE_ROWS_NAME,
    SENTENCE_VECTORS_NAME,
)
from matcher.version_writer import PASSAGES_TOGETHER, PassageSource

MEANS_SAMPLE = 50_000  # passages of a large catalogue of which the means are made
FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]


def write_vectors(
    folder: Path,
    stored: StoredPassages,
    source: PassageSource,
    *,
    means_of_needs: Callable[[], dict[str, FloatArray]],
    shipped: Means,
    exact_below: int,
    earlier: EarlierVersion | None = None,
    centring: "Centring | None" = None,
) -> DenseIndex:
    """Write means, the vectors of sentences and passages, and profiles; return the dense index, saved.

    Those of a large version lie in eight bits, its means are those of a sample. `earlier` is another large
    one: vectors are taken over where it has them, and means, cells and codes as they are. `centring` is what
    a whole catalogue is centred by, of which these passages are a part.
    """
    large = is_large(stored, exact_below)
    known = None
    if centring is not None:
        pass
    elif earlier is not None:
        centring = Centring.load(earlier.folder)
    else:
        public = np.flatnonzero(stored.public)
        if large:
            sample = evenly_spaced(public, MEANS_SAMPLE)
            parts = (
                sample[at : at + PASSAGES_TOGETHER]
                for at in range(0, len(sample), PASSAGES_TOGETHER)
            )
            centring = Centring.estimated(
                (_encode(stored, source, rows) for rows in parts), shipped
            )
        else:
            known = _encode(stored, source, public)
            centring = Centring.estimated([known], shipped)
    centring.save(folder, means_of_needs(), large=large)
    writer = (_LargeVectors if large else _SmallVectors)(folder, stored, source.dimension)
    before = np.full(len(stored.passages), -1)
    if earlier is not None:
        before = earlier.rows_of(stored.seed_rows)
        writer.copy(earlier, stored, before)
    for rows in _groups(stored, before < 0, large=large):
        is_known = known is not None and np.array_equal(rows, known.rows)
        encoded = known if known and is_known else _encode(stored, source, rows)
        writer.vectors[rows] = centre(
            encoded.vectors, list(encoded.languages), PASSAGE, centring.of_passages
        )
        languages = list(encoded.sentence_languages)
        writer.sentences[encoded.sentence_rows] = centre(
            encoded.sentences, languages, PASSAGE, centring.of_sentences
        )
    made = writer.rows()
    _write_profiles(folder, stored, made, large=large)
    dense = None
    if earlier is not None:
        recall = float(earlier.manifest["search"]["recall"])
        dense = DenseIndex.taken_over(
            earlier.folder, made, before, recall=recall, in_statistics=stored.in_statistics
        )
    if dense is None:
        dense = DenseIndex.build(made, in_statistics=stored.in_statistics, exact_below=exact_below)
    dense.save(folder)
    return dense


def is_large(stored: StoredPassages, exact_below: int) -> bool:
    """Say whether there are so many passages that they are searched by codes."""
    return int(stored.in_statistics.sum()) >= exact_below


@dataclass(frozen=True)
class Centring:
    """What passages and sentences are centred by."""

    of_passages: Means
    of_sentences: Means

    @classmethod
    def estimated(cls, encoded: "Iterable[EncodedRows]", shipped: Means) -> "Centring":
        """Return what is estimated from encoded passages and their sentences."""
        passages, sentences = Sums(), Sums()
        for known in encoded:
            passages.add(known.vectors, list(known.languages))
            sentences.add(known.sentences, list(known.sentence_languages))
        return cls.of_sums(passages, sentences, shipped)

    @classmethod
    def of_sums(cls, passages: Sums, sentences: Sums, shipped: Means) -> "Centring":
        """Return what is estimated from the sums of passages' and of sentences' vectors."""
        means = means_of(PASSAGE, passages, shipped)
        # sentences lie around a mean of their own; where they are few, it is drawn towards the passages'
        return cls(means, means_of(PASSAGE, sentences, means))

    @classmethod
    def load(cls, folder: Path) -> "Centring":
        """Return what a large version, or a whole catalogue, is centred by."""
        with np.load(folder / SENTENCE_MEANS_NAME) as stored:
            own = {name: stored[name] for name in stored.files}
        with np.load(folder / MEANS_NAME) as stored:
            means = {name: stored[name] for name in stored.files if name.startswith(PASSAGE)}
        return cls(means, own)

    def save(self, folder: Path, of_needs: Means, *, large: bool) -> None:
        """Write the means into a version's folder; those of sentences where the next version needs them."""
        np.savez(folder / MEANS_NAME, allow_pickle=False, **self.of_passages, **of_needs)
        if large:
            np.savez(folder / SENTENCE_MEANS_NAME, allow_pickle=False, **self.of_sentences)


class _SmallVectors:
    """Vectors of passages in memory, those of sentences in half precision in a file."""

    def __init__(self, folder: Path, stored: StoredPassages, dimension: int) -> None:
        self.vectors: Any = np.zeros((len(stored.passages), dimension), dtype=np.float32)
        self.sentences: Any = new_npy(
            folder / SENTENCE_VECTORS_NAME, np.float16, (len(stored.sentences), dimension)
        )

    def rows(self) -> StoredRows:
        """Return the passages' vectors."""
        return np.asarray(self.vectors)

    def copy(self, earlier: EarlierVersion, stored: StoredPassages, before: IntArray) -> None:
        """Raise ValueError: means are made of all passages, so that every vector moves."""
        raise ValueError("a small version takes no vectors over")


class _LargeVectors:
    """Vectors in eight bits in files."""

    def __init__(self, folder: Path, stored: StoredPassages, dimension: int) -> None:
        self.vectors: Any = EightBitWriter(folder / ROWS_NAME, len(stored.passages), dimension)
        self.sentences: Any = EightBitWriter(
            folder / SENTENCE_ROWS_NAME, len(stored.sentences), dimension
        )

    def rows(self) -> StoredRows:
        """Return the passages' vectors."""
        rows: EightBitRows = self.vectors.rows()
        return rows

    def copy(self, earlier: EarlierVersion, stored: StoredPassages, before: IntArray) -> None:
        """Take over the vectors of passages that stand at `before` in the earlier version."""
        there = earlier.vectors
        known = np.flatnonzero(before >= 0)
        first = stored.passages.numbers("first_sentence")
        ends = np.append(first[1:], len(stored.sentences))
        for some in batches(len(known)):
            rows = known[some]
            self.vectors.copy(rows, there.passages, before[rows])
            sentences, of = spread_ranges(first[rows], ends[rows])
            theirs = there.first_sentence[before[rows]][of] + sentences - first[rows][of]
            self.sentences.copy(sentences, there.sentences, theirs)


@dataclass(frozen=True)
class EncodedRows:
    """Vectors of passages and of their sentences, the languages of both, and their rows among all."""

    rows: IntArray
    vectors: FloatArray
    languages: NDArray[np.str_]
    sentence_rows: IntArray
    sentences: FloatArray
    sentence_languages: NDArray[np.str_]


def _encode(stored: StoredPassages, source: PassageSource, rows: IntArray) -> EncodedRows:
    vectors, sentences = source.encode(stored.read(rows), rows)
    first = stored.passages.numbers("first_sentence")
    ends = np.append(first[1:], len(stored.sentences))
    sentence_rows, of = spread_ranges(first[rows], ends[rows])
    languages = stored.languages[rows]
    return EncodedRows(rows, vectors, languages, sentence_rows, sentences, languages[of])


def _groups(stored: StoredPassages, new: Mask, *, large: bool) -> Iterator[IntArray]:
    """Yield the rows of new passages that are encoded together.

    Each level of visibility apart: the last digits of a vector hang on the texts of its batch, and a
    confidential text must not change a public vector.
    """
    level = stored.levels[stored.seed_rows]
    for one in np.unique(stored.levels):
        rows = np.flatnonzero((level == one) & new)
        step = PASSAGES_TOGETHER if large else max(1, len(rows))
        for first in range(0, len(rows), step):
            yield rows[first : first + step]


def _write_profiles(
    folder: Path, stored: StoredPassages, vectors: StoredRows, *, large: bool
) -> None:
    """Write people's profiles, summed up seed by seed (see `profiles.build_profiles`)."""
    n_people = stored.n_people
    shape = (n_people, vectors.shape[1])
    profiles = new_npy(folder / PROFILES_NAME, np.float32, shape)
    weights = pair_weights(stored.pairs, stored.levels, n_people)
    written, people = stored.pairs.numbers("seed_row"), stored.pairs.numbers("researcher_row")
    for some in batches(len(stored.levels)):
        owners = stored.seed_rows
        first, end = np.searchsorted(owners, [some.start, some.stop])
        seeds = np.zeros((some.stop - some.start, shape[1]), dtype=np.float32)
        np.add.at(seeds, owners[first:end] - some.start, vectors[first:end])
        seeds = unit(seeds)
        pairs = slice(*np.searchsorted(written, [some.start, some.stop]))
        weighted = weights[pairs, None] * seeds[written[pairs] - some.start]
        np.add.at(profiles, people[pairs], weighted)
    writer = EightBitWriter(folder / PROFILE_ROWS_NAME, *shape) if large else profiles
    for some in batches(n_people):
        writer[some] = unit(profiles[some])
    if large:
        (folder / PROFILES_NAME).unlink()


def evenly_spaced(rows: IntArray, most: int) -> IntArray:
    """Return about so many of the rows, evenly spaced."""
    return rows[:: max(1, -(-len(rows) // max(1, most)))]
