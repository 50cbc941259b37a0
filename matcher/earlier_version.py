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
from matcher.tables import SEED_ID, Corpus, visibility_levels
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

    def cut(self, rows: IntArray) -> Iterator[tuple[int, Passage, str]]:
        """Yield the passages of seeds that it has, by their rows in the corpus: row, passage and language."""
        for at, passage, language in read_seeds(
            self.passages, self.sentences, self.seed_rows[rows]
        ):
            yield int(rows[at]), passage, language

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


def open_earlier(root: Path, corpus: Corpus, model: dict[str, Any]) -> EarlierVersion | None:
    """Return the version that serves if this program built it with this model and it is whole; else None."""
    try:
        version = open_current(root)
        manifest = version.manifest
        found = (manifest["format"], manifest["program"], manifest["model"])
        if found != (FORMAT, __version__, model):
            return None
        check_contents(version)
        return _opened(version, corpus)
    except (IndexFault, OSError, ValueError, KeyError, TypeError):  # none, or damaged
        return None


def _opened(version: Version, corpus: Corpus) -> EarlierVersion:
    seeds, passages, sentences = (
        Table.load(version.folder / name) for name in ("seeds", "passages", "sentences")
    )
    rows = pd.Index(list(seeds.texts(SEED_ID))).get_indexer(pd.Index(corpus.seeds[SEED_ID]))
    before = seeds.numbers("text_digest")[rows]
    levels = visibility_levels(seeds.categories("visibility"))[rows]
    as_wide = levels == visibility_levels(Categories.of(corpus.seeds["visibility"]))
    same = (rows >= 0) & (before == text_digests(corpus.seeds)) & as_wide
    return EarlierVersion(
        version.folder, version.manifest, passages, sentences, np.where(same, rows, -1)
    )


def text_digests(seeds: pd.DataFrame) -> NDArray[np.uint64]:
    """Return a digest of each seed's title and text: where it is the same, so are its passages."""
    return row_digests(seeds[["title", "text"]])
