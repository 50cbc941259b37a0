"""Learns what holds for a whole catalogue: means, word counts, linked words, samples, newest years.

Everything is summed up a slice at a time, as one index of everything would sum it up. A large catalogue of
which little changed goes on with the means and linked words of the version before it, as one index does.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.centring import Sums, centre, known_means
from matcher.corpus_source import OnTotal
from matcher.encoder.encoder import PASSAGE, Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.indexing import encode_words, means_of_needs
from matcher.records import Need
from matcher.sharding.jobs import seal
from matcher.sharding.slices import Slices
from matcher.sharding.spooling import Outline
from matcher.sharding.whole_files import (
    SHIPPED_NAME,
    added_counts,
    sample_rows,
    write_facts,
    write_sample,
    write_word_counts,
)
from matcher.tables import in_statistics
from matcher.term_links import FOLDER_NAME as VOCABULARIES_NAME
from matcher.term_links import best_words, bounds_of_words, save_vocabularies
from matcher.version_vectors import MEANS_SAMPLE, Centring, evenly_spaced
from matcher.version_writer import VOCABULARY_SAMPLE, step_of

IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Lesson:
    """What it is learnt of and with; `earlier` is the folder of what a version before knew, to go on with."""

    outline: Outline
    slices: Slices
    needs: Sequence[Need]
    encoder: Encoder
    cache: VectorCache | None
    is_large: bool
    earlier: Path | None
    report: OnTotal


def learn(folder: Path, of: Lesson) -> None:
    """Write what holds for the whole catalogue into an empty folder, and seal it."""
    slices, encoder = of.slices, of.encoder
    levels = of.outline.levels.astype(np.int64)
    making = in_statistics(levels)[slices.seed_rows]
    shipped = known_means(encoder)
    if of.earlier is not None:
        centring = Centring.load(of.earlier)
    else:
        centring = _centring(of, np.flatnonzero(levels[slices.seed_rows] == 0))
    centring.save(folder, means_of_needs(of.needs, encoder, of.cache), large=True)
    np.savez(folder / SHIPPED_NAME, allow_pickle=False, **shipped)
    counts = write_word_counts(folder, slices, making)
    for language, rows in sample_rows(slices, making).items():
        vectors = centre(
            slices.vectors(rows)[0], [language] * len(rows), PASSAGE, centring.of_passages
        )
        write_sample(folder, language, (rows, vectors), slices, counts.get(language))
    if of.earlier is not None:
        shutil.copytree(of.earlier / VOCABULARIES_NAME, folder / VOCABULARIES_NAME)
    else:
        _write_vocabularies(folder, of, making)
    write_facts(folder, of.outline, slices)
    seal(folder, {"needs": digest_of(of.needs)})


def digest_of(needs: Sequence[Need]) -> str:
    """Return what tells needs from others: their means are part of what every shard is made with."""
    told = sorted((need.need_id, need.text) for need in needs)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _centring(of: Lesson, public: IntArray) -> Centring:
    """Estimate the means of public passages, of a sample where they are very many."""
    rows = evenly_spaced(public, MEANS_SAMPLE if of.is_large else len(of.slices))
    passages, sentences = Sums(), Sums()
    languages, done = of.slices.languages[rows], 0
    for vectors, of_sentences, counts in of.slices.vectors_by_slice(rows):
        labels = languages[done : done + len(vectors)]
        done += len(vectors)
        passages.add(vectors, list(labels))
        sentences.add(of_sentences, list(np.repeat(labels, counts)))
    return Centring.of_sums(passages, sentences, known_means(of.encoder))


def _write_vocabularies(folder: Path, of: Lesson, making: Mask) -> None:
    slices = of.slices
    samples = {}
    for name in sorted(slices.languages.names):
        rows = np.flatnonzero(making & slices.languages.among((name,)))
        samples[name] = rows[:: step_of(len(rows), VOCABULARY_SAMPLE)]
    chosen = {name: _chosen(slices, name, rows) for name, rows in samples.items()}
    vocabularies = encode_words(
        chosen, lambda name: slices.texts(samples[name]), of.encoder, of.cache, of.report
    )
    save_vocabularies(folder, vocabularies)


def _chosen(slices: Slices, language: str, rows: IntArray) -> list[str]:
    """Return the words of passages that are worth a link, as `term_links.choose_words` does."""
    hashes, numbers = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    for part in slices.tokens(language, rows, rows):
        hashes, numbers = added_counts(hashes, numbers, *np.unique(part.hashes, return_counts=True))
    few, most = bounds_of_words(len(rows))
    worth = (numbers >= few) & (numbers <= most)
    times = dict(zip(hashes[worth].tolist(), numbers[worth].tolist(), strict=True))
    words = slices.words(language, hashes[worth])
    return best_words({word: times[value] for value, word in words.items()})
