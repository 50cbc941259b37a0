"""Writes a slice: takes over from earlier slices what is as it was, and cuts, encodes and tokenises the rest.

Seeds are compared by the digests of their texts and by who may see them, as in `earlier_version`. A slice in
which all seeds are as they were isn't written at all (see `spooling`).
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indexes.lexical_writer import HashedRows, LexicalWriter, merged
from indexes.ranges import spread_ranges
from indexes.words import hash_of
from matcher.passages import Passage
from matcher.sharding.slices import (
    SEEDS_NAME,
    SENTENCES_NAME,
    TOKENS_NAME,
    VECTORS_NAME,
    WORDS_NAME,
    Slice,
    chosen_rows,
)
from matcher.stored_passages import StoredPassages, read_seeds
from matcher.tables import AUTHORSHIP_COLUMNS, RESEARCHER_COLUMNS, SEED_ID, Corpus, table
from matcher.version_writer import PASSAGES_TOGETHER, PassageSource, write_passages

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
_COMPARED = (SEED_ID, "text_digest", "visibility")


class SliceSource(PassageSource, Protocol):
    """What a slice is made with: it wants to know how many passages it is going to encode."""

    n_passages: int


class EarlierSlices:
    """Seeds of earlier slices that are as they were, by their rows in a slice that is being written."""

    def __init__(self, folders: Iterable[Path], seeds: pd.DataFrame) -> None:
        """Look for the seeds, which have a `text_digest`, in the slices of these folders."""
        self._slices = [Slice(folder) for folder in folders]
        self._slice_of = np.full(len(seeds), -1)
        self.seed_rows: IntArray = np.full(len(seeds), -1)
        ids = pd.Index(seeds[SEED_ID])
        for number, one in enumerate(self._slices):
            there = one.seeds(_COMPARED)
            rows = pd.Index(there[SEED_ID]).get_indexer(ids)
            same = rows >= 0
            for column in _COMPARED[1:]:
                same &= there[column].to_numpy()[rows] == seeds[column].to_numpy()
            self._slice_of[same], self.seed_rows[same] = number, rows[same]

    def cut(self, rows: IntArray) -> Iterator[tuple[int, Passage, str]]:
        """Yield the passages of seeds, by their rows: row, passage and language."""
        of = self._slice_of[rows]
        for number in sorted(set(of.tolist())):
            one, here = self._slices[number], rows[of == number]
            for at, passage, language in read_seeds(
                one.passages, one.sentences, self.seed_rows[here]
            ):
                yield int(here[at]), passage, language

    def parts(self, seed_of_passage: IntArray) -> Iterator[tuple[Slice, IntArray, IntArray]]:
        """Yield of each earlier slice the passages that it has: their rows here, and there."""
        place = np.arange(len(seed_of_passage)) - np.searchsorted(seed_of_passage, seed_of_passage)
        there = self.seed_rows[seed_of_passage]
        of = self._slice_of[seed_of_passage]
        for number, one in enumerate(self._slices):
            here = np.flatnonzero(of == number)
            if len(here):
                first = np.searchsorted(one.passages.numbers("seed_row"), there[here])
                yield one, here, first + place[here]


def write_slice(
    folder: Path, seeds: pd.DataFrame, source: SliceSource, earlier: EarlierSlices
) -> tuple[int, int]:
    """Write a slice of these seeds into an empty folder; return its passages, and how many were taken over.

    Each level of visibility is encoded apart, as in a version.
    """
    seeds.drop(columns="text").to_parquet(folder / SEEDS_NAME)
    people, pairs = table([], RESEARCHER_COLUMNS), table([], AUTHORSHIP_COLUMNS)
    stored = write_passages(folder, Corpus(seeds, people, pairs, ""), source, earlier)
    if not len(stored.passages):  # seeds without any text, among others that have one
        return 0, 0
    source.n_passages = len(stored.passages)
    taken_over = list(earlier.parts(stored.seed_rows))
    new = np.ones(len(stored.passages), dtype=bool)
    for _, here, _ in taken_over:
        new[here] = False
    _write_vectors(folder, stored, source, taken_over, new)
    _write_tokens(folder, stored, source, taken_over, new)
    return len(new), int((~new).sum())


_TakenOver = Sequence[tuple[Slice, IntArray, IntArray]]


def _write_vectors(
    folder: Path,
    stored: StoredPassages,
    source: PassageSource,
    taken_over: _TakenOver,
    new: NDArray[np.bool_],
) -> None:
    vectors = np.zeros((len(stored.passages), source.dimension), dtype=np.float32)
    sentences = np.zeros((len(stored.sentences), source.dimension), dtype=np.float32)
    borders = np.append(stored.passages.numbers("first_sentence"), len(stored.sentences))
    for one, here, there in taken_over:
        vectors[here] = one.vectors[there]
        places, _ = spread_ranges(borders[here], borders[here + 1])
        theirs, _ = spread_ranges(one.borders[there], one.borders[there + 1])
        sentences[places] = one.sentence_vectors[theirs]
    for level in np.unique(stored.levels):
        rows = np.flatnonzero((stored.levels[stored.seed_rows] == level) & new)
        if len(rows):
            made, of_sentences = source.encode(stored.read(rows), rows)
            places, _ = spread_ranges(borders[rows], borders[rows + 1])
            vectors[rows], sentences[places] = made, of_sentences
    np.save(folder / VECTORS_NAME, vectors)
    np.save(folder / SENTENCES_NAME, sentences)


def _write_tokens(
    folder: Path,
    stored: StoredPassages,
    source: PassageSource,
    taken_over: _TakenOver,
    new: NDArray[np.bool_],
) -> None:
    texts = stored.passages.texts("text")
    for name in stored.languages.names:
        own = folder / TOKENS_NAME / name
        rows = np.flatnonzero(stored.languages.among((name,)) & new)
        writer, parts = LexicalWriter(own), [_copied(name, taken_over, stored)]
        words: dict[int, str] = {}
        for first in range(0, len(rows), PASSAGES_TOGETHER):
            some = rows[first : first + PASSAGES_TOGETHER]
            tokens = source.tokens(name, texts[some])
            words |= {hash_of(word): word for word in {w for row in tokens for w in row}}
            parts.append(writer.hashed(tokens, some))
        whole = parts[0]
        for part in parts[1:]:
            whole = merged(whole, part)
        for field in HashedRows.__dataclass_fields__:
            np.save(own / f"{field}.npy", getattr(whole, field))
        _write_words(own, name, words, whole, [one for one, _, _ in taken_over])


def _copied(language: str, taken_over: _TakenOver, stored: StoredPassages) -> HashedRows:
    whole = HashedRows(
        rows=np.zeros(0, dtype=np.int64),
        lengths=np.zeros(0, dtype=np.int32),
        sizes=np.zeros(0, dtype=np.int64),
        hashes=np.zeros(0, dtype=np.uint64),
        counts=np.zeros(0, dtype=np.uint8),
    )
    is_of = stored.languages.among((language,))
    for one, here, there in taken_over:
        tokens, chosen = one.tokens(language), is_of[here]
        if tokens is not None and chosen.any():
            at = np.searchsorted(tokens.rows, there[chosen])
            whole = merged(whole, chosen_rows(tokens, at, here[chosen]))
    return whole


def _write_words(
    folder: Path, language: str, words: dict[int, str], tokens: HashedRows, earlier: Sequence[Slice]
) -> None:
    """Write the words of all hashes: those tokenised now, and those of the slices taken over from."""
    wanted = np.unique(tokens.hashes)
    for one in earlier:
        known = one.words(language)
        kept: Any = known[known["hash"].isin(wanted)]
        words |= dict(zip(kept["hash"].tolist(), kept["word"], strict=True))
    ascending = sorted(words)
    pd.DataFrame(
        {
            "hash": np.array(ascending, dtype=np.uint64),
            "word": [words[value] for value in ascending],
        }
    ).to_parquet(folder / WORDS_NAME)
