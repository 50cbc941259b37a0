"""Slices: consecutive seeds of a catalogue, cut, encoded and tokenised once, whichever shards they go into.

A slice is a folder with its seeds without their texts, the passages as a version has them, their vectors
before centring, and their tokens by their hashes, with the words of these. It does not depend on how many
shards are made of it, and is kept for the next build (see `slice_writing`).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indexes.columns import Categories, Table
from indexes.lexical_writer import HashedRows
from indexes.ranges import spread_ranges
from matcher.passages import Passage
from matcher.stored_passages import read_passages

VECTORS_NAME, SENTENCES_NAME = "vectors.npy", "sentence_vectors.npy"
TOKENS_NAME, WORDS_NAME, SEEDS_NAME = "tokens", "words.parquet", "seeds.parquet"
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]


class Slice:
    """A slice that was written, mapped."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def seeds(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read the seeds, or some of their columns: those of a corpus but the text, and a digest of it."""
        return pd.read_parquet(
            self._folder / SEEDS_NAME, columns=list(columns) if columns else None
        )

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

    def words(self, language: str) -> pd.DataFrame:
        """Read the words of a language's passages, with their hashes, which ascend."""
        path = self._folder / TOKENS_NAME / language / WORDS_NAME
        if not path.exists():
            return pd.DataFrame({"hash": np.zeros(0, dtype=np.uint64), "word": []})
        return pd.read_parquet(path)


class Slices:
    """All slices of a catalogue, their passages and seeds numbered through."""

    def __init__(
        self, folders: Sequence[Path], n_seeds: Sequence[int], n_passages: Sequence[int]
    ) -> None:
        """Take the sizes of each; a slice without any passage is left alone."""
        self._folders = folders
        self._slices = [Slice(folder) for folder in folders]
        self._n_seeds = n_seeds
        self._counts = n_passages
        self.first = np.concatenate([[0], np.cumsum(n_passages)]).astype(np.int64)
        self.first_seed = np.concatenate([[0], np.cumsum(n_seeds)]).astype(np.int64)

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> "Slices":
        """Return the slices that `described` tells of."""
        folders = [Path(folder) for folder in described["folders"]]
        return cls(folders, described["seeds"], described["passages"])

    def described(self) -> dict[str, Any]:
        """Return where the slices lie, and their sizes, for JSON."""
        return {
            "folders": [str(folder) for folder in self._folders],
            "seeds": list(self._n_seeds),
            "passages": list(self._counts),
        }

    @property
    def folders(self) -> Sequence[Path]:
        """The slices' folders."""
        return self._folders

    def __len__(self) -> int:
        return int(self.first[-1])

    @cached_property
    def seed_rows(self) -> IntArray:
        """The seed of each passage."""
        parts = [
            one.passages.numbers("seed_row") + self.first_seed[number]
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

    def texts(self, rows: IntArray) -> Iterator[str]:
        """Yield the texts of passages; rows ascend."""
        for one, own in self._parts(rows):
            yield from one.passages.texts("text")[own]

    def words(self, language: str, hashes: NDArray[np.uint64]) -> dict[int, str]:
        """Return the words of a language that have these hashes, which ascend."""
        found: dict[int, str] = {}
        for _, one in self._some():
            words = one.words(language)
            known = words["hash"].to_numpy(np.uint64)
            at = np.searchsorted(hashes, known)
            wanted = at < len(hashes)
            wanted[wanted] = hashes[at[wanted]] == known[wanted]
            found.update(zip(known[wanted].tolist(), words["word"][wanted], strict=True))
        return found

    def seeds(self, rows: IntArray) -> pd.DataFrame:
        """Read seeds by their numbers, which ascend: the columns of a corpus but the text."""
        borders = np.searchsorted(rows, self.first_seed)
        parts = [
            one.seeds().iloc[rows[borders[number] : borders[number + 1]] - self.first_seed[number]]
            for number, one in enumerate(self._slices)
            if borders[number] < borders[number + 1]
        ]
        whole: pd.DataFrame = pd.concat(
            parts or [self._slices[0].seeds().iloc[:0]], ignore_index=True
        )
        return whole

    def vectors(self, rows: IntArray) -> tuple[FloatArray, FloatArray, IntArray]:
        """Return the vectors of passages, of all their sentences, and how many each has; rows ascend."""
        width = next(one.vectors.shape[1] for _, one in self._some())
        nothing = np.zeros((0, width), dtype=np.float32)
        parts = list(self.vectors_by_slice(rows))
        return (
            np.concatenate([nothing, *(vectors for vectors, _, _ in parts)]),
            np.concatenate([nothing, *(sentences for _, sentences, _ in parts)]),
            np.concatenate([np.zeros(0, dtype=np.int64), *(counts for _, _, counts in parts)]),
        )

    def vectors_by_slice(self, rows: IntArray) -> Iterator[tuple[FloatArray, FloatArray, IntArray]]:
        """Yield what `vectors` returns a slice at a time."""
        for one, own in self._parts(rows):
            places, _ = spread_ranges(one.borders[own], one.borders[own + 1])
            counts = one.borders[own + 1] - one.borders[own]
            yield one.vectors[own], one.sentence_vectors[places], counts

    def tokens(self, language: str, rows: IntArray, as_rows: IntArray) -> Iterator[HashedRows]:
        """Yield the tokens of passages of one language, to be known as `as_rows`; both ascend."""
        done = 0
        for one, own in self._parts(rows):
            named = as_rows[done : done + len(own)]
            done += len(own)
            tokens = one.tokens(language)
            if tokens is not None and len(own):
                yield chosen_rows(tokens, np.searchsorted(tokens.rows, own), named)

    def _some(self) -> Iterator[tuple[int, Slice]]:
        return ((n, one) for n, one in enumerate(self._slices) if self._counts[n])

    def _parts(self, rows: IntArray) -> Iterator[tuple[Slice, IntArray]]:
        borders = np.searchsorted(rows, self.first)
        for number, one in enumerate(self._slices):
            own = rows[borders[number] : borders[number + 1]] - self.first[number]
            if len(own):
                yield one, own


def chosen_rows(tokens: HashedRows, at: IntArray, as_rows: IntArray) -> HashedRows:
    """Return the tokens at some places, to be known as other rows."""
    ends = np.cumsum(tokens.sizes)
    places, _ = spread_ranges(ends[at] - tokens.sizes[at], ends[at])
    return HashedRows(
        rows=as_rows,
        lengths=tokens.lengths[at],
        sizes=tokens.sizes[at],
        hashes=tokens.hashes[places],
        counts=tokens.counts[places],
    )
