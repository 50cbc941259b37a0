"""What a new index version takes over from the one before it: of seeds that are as they were.

Passages of such a seed are cut as before; in a large version their vectors and tokens are copied, too. A seed
that is gone is not copied, and one whose text or visibility changed is cut, encoded and tokenised anew: a
vector's last digits hang on the texts that it was encoded with, which are of its own visibility.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi import __version__
from indexes.columns import Categories, Table
from indexes.dense import ROWS_NAME
from indexes.errors import IndexFault
from indexes.lexical_query import FOLDER_NAME as LEXICAL_NAME
from indexes.lexical_writer import HashedRows
from indexes.ranges import spread_ranges
from indexes.stored_rows import EightBitRows
from indexes.versions import Version, check_contents, open_current
from indexes.words import WordList
from matcher.passages import Passage
from matcher.row_digests import row_digests
from matcher.stored_passages import read_seeds
from matcher.tables import SEED_ID, visibility_levels
from matcher.version_files import FORMAT, SENTENCE_MEANS_NAME, SENTENCE_ROWS_NAME

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
MOST_NEW = 0.1  # of the passages come, changed or gone since means and words were made: these are made anew
NEW_SINCE = "new_since_estimates"  # in a manifest: how many that are
_TOKEN_ARRAYS = ("rows", "lengths", "borders", "ids", "counts")


@dataclass(frozen=True)
class EarlierVersion:
    """A version that this program and model built, and for each seed of a corpus its row there or -1."""

    folder: Path
    manifest: Any
    passages: Table
    sentences: Table
    seed_rows: IntArray

    def rows_of(self, seed_of_passage: IntArray) -> IntArray:
        """Return for each passage of the new version its row in the earlier one, or -1."""
        first_of_seed = np.searchsorted(seed_of_passage, seed_of_passage, side="left")
        there = self.seed_rows[seed_of_passage]
        first_there = np.searchsorted(self.passages.numbers("seed_row"), there, side="left")
        rows = first_there + np.arange(len(seed_of_passage)) - first_of_seed
        return np.where(there >= 0, rows, -1)

    def new_since(self, seed_of_passage: IntArray) -> int:
        """Return how many passages came or changed since means were made, or went if these are more."""
        taken_over = int((self.rows_of(seed_of_passage) >= 0).sum())
        changed = max(len(seed_of_passage), len(self.passages)) - taken_over
        return changed + int(self.manifest[NEW_SINCE])

    @property
    def is_large(self) -> bool:
        """Whether vectors lie in eight bits."""
        return (self.folder / SENTENCE_MEANS_NAME).exists()

    @cached_property
    def vectors(self) -> "EarlierVectors":
        """The vectors of a large version."""
        dimension = int(self.manifest["model"]["dimension"])
        sizes = len(self.passages), len(self.sentences)
        return EarlierVectors(
            EightBitRows.load(self.folder / ROWS_NAME, sizes[0], dimension),
            EightBitRows.load(self.folder / SENTENCE_ROWS_NAME, sizes[1], dimension),
            self.passages.numbers("first_sentence"),
        )

    def hashed(self, language: str, rows: IntArray, as_rows: IntArray) -> HashedRows:
        """Return the tokens of rows of one language, to be known as `as_rows`."""
        words, arrays = self._tokens(language)
        at = np.searchsorted(arrays["rows"], rows)
        borders = arrays["borders"]
        places, _ = spread_ranges(borders[at], borders[at + 1])
        return HashedRows(
            rows=as_rows,
            lengths=np.asarray(arrays["lengths"][at]),
            sizes=np.asarray(borders[at + 1] - borders[at]),
            hashes=words.hashes(arrays["ids"][places]),
            counts=np.asarray(arrays["counts"][places]),
        )

    def has_tokens(self, language: str) -> bool:
        """Say whether there is an index of a language."""
        return (self.folder / LEXICAL_NAME / language).is_dir()

    def _tokens(self, language: str) -> tuple[WordList, dict[str, NDArray[Any]]]:
        folder = self.folder / LEXICAL_NAME / language
        arrays = {
            name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
            for name in _TOKEN_ARRAYS
        }
        return WordList.load(folder), arrays


@dataclass(frozen=True)
class EarlierVectors:
    """Vectors of passages and sentences in eight bits, and each passage's first sentence."""

    passages: EightBitRows
    sentences: EightBitRows
    first_sentence: IntArray


class EarlierSeeds:
    """The seeds of an earlier version, which are asked for in the order of their ids."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._seeds, self._passages, self._sentences = (
            Table.load(version.folder / name) for name in ("seeds", "passages", "sentences")
        )
        self._levels = visibility_levels(self._seeds.categories("visibility"))
        self._met = 0
        self._rows: list[IntArray] = []
        self._n_asked = 0

    def find(self, seeds: pd.DataFrame) -> IntArray:
        """Return of seeds behind those before them their rows here, -1 where they were not cut as they are.

        They have a `text_digest` (see `text_digests`).
        """
        ids, last = self._seeds.texts(SEED_ID), str(seeds[SEED_ID].iloc[-1])
        end = ids.place_of(last, self._met)
        end += end < len(ids) and ids[end] == last
        there = np.arange(self._met, end)
        at = pd.Index(ids[there], dtype=object).get_indexer(pd.Index(seeds[SEED_ID], dtype=object))
        rows = np.full(len(seeds), -1)
        found = np.flatnonzero(at >= 0)
        rows[found] = there[at[found]]
        levels = visibility_levels(Categories.of(seeds["visibility"]))
        texts = seeds["text_digest"].to_numpy(np.uint64)
        same = self._seeds.numbers("text_digest")[rows[found]] == texts[found]
        same &= self._levels[rows[found]] == levels[found]
        rows[found[~same]] = -1
        self._met, self._n_asked = end, self._n_asked + len(seeds)
        self._rows.append(rows)
        return rows

    def cut(self, rows: IntArray) -> Iterator[tuple[int, Passage, str]]:
        """Yield the passages of seeds that `find` found last, by their rows in the corpus."""
        last = self._rows[-1]
        there = last[rows - (self._n_asked - len(last))]
        for at, passage, language in read_seeds(self._passages, self._sentences, there):
            yield int(rows[at]), passage, language

    def found(self) -> EarlierVersion:
        """Return the version with all that was found."""
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *self._rows])
        version = self._version
        return EarlierVersion(
            version.folder, version.manifest, self._passages, self._sentences, rows
        )


def open_earlier(root: Path, model: dict[str, Any]) -> EarlierSeeds | None:
    """Return the version that serves if this program built it with this model and it is whole; else None."""
    try:
        version = open_current(root)
        manifest = version.manifest
        found = (manifest["format"], manifest["program"], manifest["model"])
        if found != (FORMAT, __version__, model):
            return None
        check_contents(version)
        return EarlierSeeds(version)
    except (IndexFault, OSError, ValueError, KeyError, TypeError):  # none, or damaged
        return None


def text_digests(seeds: pd.DataFrame) -> NDArray[np.uint64]:
    """Return a digest of each seed's title and text: where it is the same, so are its passages."""
    return row_digests(seeds[["title", "text"]])
