"""Writes the lexical index of one language a batch of rows at a time, in flat memory.

Tokens are written as the hashes of `words`, so that a row can be taken over from another version, which keeps
no token as it is spelt. What is written here `lexical.LexicalIndex` reads.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.lexical import COUNTED, HIDDEN, MEANS_NAME, STATISTICS_NAME
from indexes.ranges import distinct, distinct_places, spread_ranges
from indexes.stored_rows import batches, new_npy
from indexes.token_rows import MOST_COUNTED
from indexes.word_search import WordSearchWriter, written_hashes
from indexes.words import WordList, hash_of

Rows = NDArray[np.int64]
Hashes = NDArray[np.uint64]
_SORTED_TOGETHER = 4_000_000
_KEPT_HASHES = 1_000_000  # of words: those of frequent ones are looked up, not computed


@dataclass(frozen=True, eq=False)
class HashedRows:
    """Tokens of rows: `lengths` are all tokens, `sizes` the distinct ones.

    The `hashes` of a row's distinct tokens ascend; `counts` says how often each stands in the row.
    """

    rows: Rows
    lengths: NDArray[np.int32]
    sizes: Rows
    hashes: Hashes
    counts: NDArray[np.uint8]


class LexicalWriter:
    """Takes the tokens of rows, ascending, and makes an index of them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._hashes = folder / "hashes.tmp"
        self._counts = folder / "counts.tmp"
        self._known: dict[str, int] = {}
        self._rows: list[Rows] = []
        self._lengths: list[NDArray[np.int32]] = []
        self._sizes: list[Rows] = []
        self._making: list[NDArray[np.bool_]] = []
        self._distinct: list[Hashes] = []
        self._searches: dict[str, WordSearchWriter] = {}

    def add(
        self, tokens: Sequence[Sequence[str]], rows: Rows, in_statistics: NDArray[np.bool_]
    ) -> None:
        """Index the tokens of rows, numbered among all languages."""
        self.add_hashed(self.hashed(tokens, rows), in_statistics)

    def hashed(self, tokens: Sequence[Sequence[str]], rows: Rows) -> HashedRows:
        """Return the tokens of rows by their hashes."""
        lengths = np.array([len(row) for row in tokens], dtype=np.int32)
        known = self._hashes_of(set().union(*tokens))
        every = map(known.__getitem__, chain.from_iterable(tokens))
        hashes = np.fromiter(every, dtype=np.uint64, count=int(lengths.sum()))
        of = np.repeat(np.arange(len(tokens)), lengths)
        order = np.lexsort((hashes, of))
        hashes, of = hashes[order], of[order]
        begins = np.append(True, (np.diff(hashes) != 0) | (np.diff(of) != 0))[: len(of)]
        first = np.flatnonzero(begins)
        counts = np.diff(np.append(first, len(of)))
        return HashedRows(
            rows=rows,
            lengths=lengths,
            sizes=np.bincount(of[first], minlength=len(tokens)),
            hashes=hashes[first],
            counts=np.minimum(counts, MOST_COUNTED).astype(np.uint8),
        )

    def add_hashed(self, some: HashedRows, in_statistics: NDArray[np.bool_]) -> None:
        """Index rows, each behind those before it."""
        hashes, counts = some.hashes, some.counts
        with self._hashes.open("ab") as stream:
            stream.write(hashes.tobytes())
        with self._counts.open("ab") as stream:
            stream.write(counts.tobytes())
        different, places = distinct_places(hashes)
        self._note(different)
        self._rows.append(some.rows)
        self._lengths.append(some.lengths)
        self._sizes.append(some.sizes)
        self._making.append(in_statistics)
        words = np.repeat(places, counts)  # each as often as it stands in its row
        ends = np.append(0, np.cumsum(counts, dtype=np.int64))[np.cumsum(some.sizes)]
        starts = np.append(0, ends[:-1])
        written = written_hashes(different)
        for name, chosen in ((COUNTED, in_statistics), (HIDDEN, ~in_statistics)):
            for at in np.flatnonzero(chosen):
                of = words[starts[at] : ends[at]].tolist()
                self._search(name).add(int(some.rows[at]), map(written.__getitem__, of))

    def close(self, *, is_part: bool = False) -> None:
        """Write the index; without any token in a row that makes statistics there is none.

        One that `is_part` of another, which makes the statistics, only wants some token.
        """
        for search in self._searches.values():
            search.close()
        making = _joined(self._making, np.bool_)
        lengths = _joined(self._lengths, np.int32)
        if not (lengths if is_part else lengths[making]).any():
            shutil.rmtree(self._folder)
            return
        words = WordList(distinct(_joined(self._distinct, np.uint64)))
        words.save(self._folder)
        sizes = _joined(self._sizes, np.int64)
        frequencies = self._number(words, sizes, making)
        arrays = {
            "rows": _joined(self._rows, np.int64),
            "lengths": lengths,
            "borders": _narrow(np.concatenate([[0], np.cumsum(sizes)])),
            "counts": np.fromfile(self._counts, dtype=np.uint8),
            "frequencies": frequencies,
        }
        for name, values in arrays.items():
            np.save(self._folder / f"{name}.npy", values)
        known = lengths[making]
        of_parts = {COUNTED: known, HIDDEN: lengths[~making]}
        means = {name: float(of.mean()) for name, of in of_parts.items() if len(of)}
        (self._folder / MEANS_NAME).write_text(json.dumps(means), "ascii")
        statistics = (len(known), float(known.mean()) if len(known) else 0.0)
        np.save(self._folder / STATISTICS_NAME, np.array(statistics))
        self._hashes.unlink()
        self._counts.unlink()

    def _note(self, hashes: Hashes) -> None:
        """Keep the distinct ones of all hashes; sorted together when there are twice as many as last time."""
        self._distinct.append(hashes)
        if sum(map(len, self._distinct[1:])) > max(_SORTED_TOGETHER, len(self._distinct[0])):
            self._distinct = [distinct(_joined(self._distinct, np.uint64))]

    def _number(self, words: WordList, sizes: Rows, making: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Write the place of each hash among the words; return in how many rows each word stands."""
        total = int(sizes.sum())
        ids = new_npy(self._folder / "ids.npy", np.int32, (total,))
        frequencies = np.zeros(len(words), dtype=np.int64)
        ends = np.cumsum(sizes)
        with self._hashes.open("rb") as stream:
            for some in batches(len(sizes)):
                first = int(ends[some.start - 1]) if some.start else 0
                size = int(ends[some.stop - 1]) - first
                places = words.places(np.fromfile(stream, dtype=np.uint64, count=size))
                ids[first : first + size] = places
                counted = places[np.repeat(making[some], sizes[some])]
                frequencies += np.bincount(counted, minlength=len(words))
        return frequencies.astype(np.int32)

    def _hashes_of(self, tokens: set[str]) -> Mapping[str, int]:
        """Return the hashes of these tokens, and of others that were met before."""
        if len(self._known) >= _KEPT_HASHES:
            self._known.clear()
        self._known |= {token: hash_of(token) for token in tokens - self._known.keys()}
        return self._known

    def _search(self, name: str) -> WordSearchWriter:
        if name not in self._searches:
            self._searches[name] = WordSearchWriter(self._folder / name)
        return self._searches[name]


def merged(some: HashedRows, others: HashedRows) -> HashedRows:
    """Return the rows of both, ascending."""
    rows, sizes = np.append(some.rows, others.rows), np.append(some.sizes, others.sizes)
    order = np.argsort(rows, kind="stable")
    first = np.cumsum(sizes) - sizes
    places, _ = spread_ranges(first[order], (first + sizes)[order])
    return HashedRows(
        rows=rows[order],
        lengths=np.append(some.lengths, others.lengths)[order],
        sizes=sizes[order],
        hashes=np.append(some.hashes, others.hashes)[places],
        counts=np.append(some.counts, others.counts)[places],
    )


def _narrow(ascending: Rows) -> NDArray[np.integer[Any]]:
    """Return ascending numbers in 32 bits where they are short enough."""
    short = int(ascending[-1]) <= np.iinfo(np.int32).max
    return ascending.astype(np.int32) if short else ascending


def _joined(parts: Sequence[NDArray[np.generic]], dtype: type) -> NDArray:  # type: ignore[type-arg]
    return np.concatenate([np.zeros(0, dtype=dtype), *parts]).astype(dtype)
