"""What holds for a whole catalogue, in files that every shard's manifest names: written, read.

Means, word counts, the samples by which levels of scores are measured, linked words, newest years. What is
computed here is what one index of everything would compute, from the same numbers in the same order.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.dense import DenseIndex
from indexes.lexical import LexicalIndex, WordCounts
from indexes.lexical_query import FOLDER_NAME as LEXICAL_NAME
from indexes.lexical_query import LexicalIndexes
from indexes.token_rows import SampledRows, TokenRows
from indexes.words import WordList
from matcher.centring import Means
from matcher.sharding.slices import Slices
from matcher.sharding.spooling import Outline
from matcher.snapshot import MAX_SAMPLE, MIN_SAMPLE, LanguageSample, Snapshot, Whole
from matcher.tables import (
    AUTHORSHIP_KINDS,
    PASSAGE_KINDS,
    RESEARCHER_KINDS,
    SENTENCE_KINDS,
    STORED_SEED_KINDS,
    table_of,
)
from matcher.term_links import load_vocabularies
from matcher.version_files import MEANS_NAME, WholeFiles

FOLDER_NAME = "whole"
FACTS_NAME = "facts.json"
SAMPLES_NAME = "samples"
SHIPPED_NAME = "shipped_means.npz"
IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class _Facts:
    newest_year: float | None
    newest_owned_year: float | None
    knows_industry: bool
    public_passage_counts: Mapping[str, int]
    kinds: tuple[str, ...]


def write_word_counts(folder: Path, slices: Slices, making: Mask) -> dict[str, WordCounts]:
    """Write in how many passages that make statistics each word stands; return the counts by language.

    A language without any word in such a passage has none, as in an index.
    """
    counts = {}
    (folder / LEXICAL_NAME).mkdir()
    for name in sorted(slices.languages.names):
        rows = np.flatnonzero(making & slices.languages.among((name,)))
        words, frequencies = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
        lengths = [np.zeros(0, dtype=np.int32)]
        for part in slices.tokens(name, rows, rows):
            found, times = np.unique(part.hashes, return_counts=True)
            words, frequencies = added_counts(words, frequencies, found, times)
            lengths.append(np.asarray(part.lengths))
        known = np.concatenate(lengths)
        if known.any():
            counts[name] = WordCounts(
                WordList(words), frequencies.astype(np.int32), len(known), float(known.mean())
            )
            counts[name].save(folder / LEXICAL_NAME / name)
    return counts


def added_counts(
    words: NDArray[np.uint64], counts: IntArray, more: NDArray[np.uint64], times: IntArray
) -> tuple[NDArray[np.uint64], IntArray]:
    """Return ascending words with their counts, to which those of others were added."""
    joined = np.union1d(words, more)
    added = np.zeros(len(joined), dtype=np.int64)
    added[np.searchsorted(joined, words)] += counts
    added[np.searchsorted(joined, more)] += times
    return joined, added


def sample_rows(slices: Slices, making: Mask) -> dict[str, IntArray]:
    """Return evenly spaced passages of each language, as `Snapshot.sample_rows` does."""
    samples = {}
    for name in sorted(slices.languages.names):
        rows = np.flatnonzero(making & slices.languages.among((name,)))
        if len(rows) >= MIN_SAMPLE:
            samples[name] = rows[:: -(-len(rows) // MAX_SAMPLE)]
    return samples


def write_sample(
    folder: Path,
    language: str,
    sample: tuple[IntArray, NDArray[np.float32]],
    slices: Slices,
    counts: WordCounts | None,
) -> None:
    """Write the rows' vectors, centred, and the tokens of a language's sample."""
    rows, vectors = sample
    own = folder / SAMPLES_NAME / language
    own.mkdir(parents=True)
    np.save(own / "vectors.npy", vectors)
    if counts is None:
        return
    parts = list(slices.tokens(language, rows, np.arange(len(rows))))
    sizes = np.concatenate([part.sizes for part in parts])
    hashes = np.concatenate([part.hashes for part in parts])
    arrays = {
        "rows": np.arange(len(rows)),
        "lengths": np.concatenate([part.lengths for part in parts]),
        "borders": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        "ids": counts.words.places(hashes).astype(np.int32),
        "counts": np.concatenate([part.counts for part in parts]),
        "frequencies": np.zeros(0, dtype=np.int32),
    }
    for name, values in arrays.items():
        np.save(own / f"{name}.npy", values)


def write_facts(folder: Path, outline: Outline, slices: Slices) -> None:
    """Write newest years, counts and kinds, of public seeds where `Snapshot` counts these alone."""
    public, years = outline.levels == 0, outline.years
    owned = np.zeros(outline.n_seeds, dtype=bool)
    owned[outline.pairs.seed] = True
    of_public = slices.languages.codes[public[slices.seed_rows]]
    numbers = np.bincount(of_public, minlength=len(slices.languages.names))
    facts = _Facts(
        newest_year=_newest(years[public]),
        newest_owned_year=_newest(years[public & owned]),
        knows_industry=bool(outline.researchers["industry_seeds"].any()),
        public_passage_counts={
            name: int(n) for name, n in zip(slices.languages.names, numbers, strict=True) if n
        },
        kinds=outline.kinds,
    )
    (folder / FACTS_NAME).write_text(json.dumps(asdict(facts)), "utf-8")


def _newest(years: NDArray[np.float32]) -> float | None:
    known = years[np.isfinite(years)]
    return float(known.max()) if len(known) else None


def read_whole(folder: Path) -> WholeFiles:
    """Read what was written; raises OSError, ValueError or KeyError for damage."""
    facts = _Facts(**json.loads((folder / FACTS_NAME).read_text("utf-8")))
    lexical = folder / LEXICAL_NAME
    counts = {path.name: WordCounts.load(path) for path in sorted(lexical.glob("*"))}
    samples = {path.name: _sample(path) for path in sorted((folder / SAMPLES_NAME).glob("*"))}
    nothing = float("nan")
    known = Whole(
        newest_year=nothing if facts.newest_year is None else facts.newest_year,
        newest_owned_year=nothing if facts.newest_owned_year is None else facts.newest_owned_year,
        knows_industry=facts.knows_industry,
        public_passage_counts=facts.public_passage_counts,
        kinds=tuple(facts.kinds),
        samples=samples,
    )
    return WholeFiles(known, counts)


def read_shipped(folder: Path) -> Means:
    """Return the means by which fields of research are told."""
    with np.load(folder / SHIPPED_NAME) as stored:
        return {name: stored[name] for name in stored.files}


def read_front(name: str, folder: Path, manifest: dict[str, Any]) -> Snapshot:
    """Return a version without rows that knows what holds for all of them."""
    whole = read_whole(folder)
    with np.load(folder / MEANS_NAME) as stored:
        means = {key: stored[key] for key in stored.files}
    nothing = np.zeros((0, manifest["model"]["dimension"]), dtype=np.float32)
    kinds = {
        "passages": PASSAGE_KINDS,
        "sentences": SENTENCE_KINDS,
        "seeds": STORED_SEED_KINDS,
        "researchers": RESEARCHER_KINDS,
        "authorships": AUTHORSHIP_KINDS,
    }
    empty = {table: table_of(of, {column: [] for column in of}) for table, of in kinds.items()}
    indexes = {key: LexicalIndex.without_rows(one) for key, one in whole.counts.items()}
    return Snapshot(
        version=name,
        manifest=manifest,
        dense=DenseIndex.build(nothing),
        lexical=LexicalIndexes(indexes),
        sentence_vectors=nothing,
        profiles=nothing,
        means=means,
        vocabularies=load_vocabularies(folder),
        whole=whole.known,
        **empty,
    )


def _sample(folder: Path) -> LanguageSample:
    vectors = np.load(folder / "vectors.npy")
    if not (folder / "ids.npy").exists():
        return LanguageSample(vectors, None)
    return LanguageSample(vectors, SampledRows(TokenRows.load(folder), np.arange(len(vectors))))
