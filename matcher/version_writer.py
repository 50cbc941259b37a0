"""Writes the files of an index version a batch of passages at a time, so that memory stays flat.

Passages are cut first and lie on disk from then on; vectors and tokens are made of what lies there. Small
catalogues keep vectors as they are, large ones in eight bits (see `indexes.dense`).

What is not public must not shape what others see: it has its rows here, to be found by those who
ask for it, but means, token statistics, the cells of the search and the profiles of people with public
seeds are made of public seeds alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.errors import InputError
from indexes.columns import Categories, Table, TableWriter, write_table
from indexes.lexical_query import FOLDER_NAME as LEXICAL_NAME
from indexes.lexical_writer import LexicalWriter, merged
from indexes.stored_rows import batches
from matcher.earlier_version import EarlierVersion
from matcher.explaining.telling import said_by
from matcher.passages import Passage
from matcher.records import REPRESENTATIVE
from matcher.stored_passages import StoredPassages
from matcher.tables import (
    AUTHORSHIP_KINDS,
    PASSAGE_KINDS,
    RESEARCHER_KINDS,
    SENTENCE_KINDS,
    STORED_SEED_KINDS,
    Corpus,
    visibility_levels,
)

SEEDS_TOGETHER = 2_000  # cut in one go
PASSAGES_TOGETHER = 10_000  # encoded or tokenised in one go
VOCABULARY_SAMPLE = 200_000  # passages of a language among which its words are chosen
FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
Digests = NDArray[np.uint64]  # of the content of seeds, or of researchers, by row


class PassageSource(Protocol):
    """Makes passages of seeds, and vectors and tokens of passages."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def cut(self, rows: range, seeds: pd.DataFrame) -> Iterator[tuple[int, Passage, str]]:
        """Yield the passages of seeds, by seed: the seed's row, the passage and its language.

        `seeds` are these seeds with their titles and texts.
        """
        ...

    def encode(self, passages: Sequence[Passage], rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the unit vectors of passages and, one after the other, of all their sentences."""
        ...

    def tokens(self, language: str, texts: Sequence[str]) -> list[list[str]]:
        """Return the tokens of each text."""
        ...


class SeedsCutBefore(Protocol):
    """Seeds that were cut before."""

    @property
    def seed_rows(self) -> IntArray:
        """For each seed of a corpus a number from 0, or -1 where it was not cut as it is now."""
        ...

    def cut(self, rows: IntArray) -> Iterator[tuple[int, Passage, str]]:
        """Yield the passages of seeds that were, by their rows in the corpus: row, passage and language."""
        ...


@dataclass(frozen=True)
class VocabularySample:
    """Passages of one language among which its words are chosen: their rows and tokens."""

    rows: list[int] = field(default_factory=list)
    tokens: list[list[str]] = field(default_factory=list)


def write_passages(
    folder: Path, corpus: Corpus, source: PassageSource, earlier: SeedsCutBefore | None = None
) -> StoredPassages:
    """Cut all seeds and write their passages, of which there may be none.

    Passages of seeds that `earlier` has as they are are taken over.
    """
    writer = PassageWriter(folder, source)
    for first in range(0, len(corpus.seeds), SEEDS_TOGETHER):
        seeds = corpus.seeds.iloc[first : first + SEEDS_TOGETHER]
        known = np.full(len(seeds), -1)
        if earlier is not None:
            known = earlier.seed_rows[first : first + SEEDS_TOGETHER]
        writer.add(seeds, known, earlier.cut if earlier else None)
    passages, sentences = writer.close()
    levels = visibility_levels(Categories.of(corpus.seeds["visibility"]))
    n_people = len(corpus.researchers)
    return StoredPassages(n_people, passages, sentences, levels, authorship_rows(corpus))


def check_some(n_passages: int, n_seeds: int) -> None:
    """Raise InputError where a whole catalogue has no passage."""
    if not n_passages:
        raise InputError(
            "There is nothing to index: %(count)s seeds, none of them with a title or a "
            "text. Import seeds with `enmusubi import`.",
            count=n_seeds,
        )


ReadSeeds = Callable[[IntArray], Iterator[tuple[int, Passage, str]]]
"""Yields the passages of seeds that were cut before, by their rows in the corpus."""


class PassageWriter:
    """Cuts seeds, a batch at a time, and writes their passages; some may have been cut before."""

    def __init__(self, folder: Path, source: PassageSource) -> None:
        self._folder, self._source = folder, source
        self._passages = TableWriter(folder / "passages", PASSAGE_KINDS)
        self._sentences = TableWriter(folder / "sentences", SENTENCE_KINDS)
        self._n_seeds = 0

    def add(self, seeds: pd.DataFrame, known: IntArray, read: ReadSeeds | None = None) -> None:
        """Write the passages of seeds behind those before them; `read` gives those that are known: not -1."""
        first, self._n_seeds = self._n_seeds, self._n_seeds + len(seeds)
        new = np.flatnonzero(known < 0)
        # seeds side by side are cut together, as a source may draw random numbers for them
        runs = np.split(new, np.flatnonzero(np.diff(new) != 1) + 1) if len(new) else []
        cut = [
            one
            for run in runs
            for one in self._source.cut(
                range(first + int(run[0]), first + int(run[-1]) + 1),
                seeds.iloc[int(run[0]) : int(run[-1]) + 1],
            )
        ]
        if read is not None and len(new) < len(seeds):
            there = read(np.flatnonzero(known >= 0) + first)
            cut = sorted([*cut, *there], key=lambda one: one[0])
        _append(self._passages, self._sentences, cut)

    def close(self) -> tuple[Table, Table]:
        """Write what is left; return passages and sentences."""
        self._passages.close()
        self._sentences.close()
        passages, sentences = (
            Table.load(self._folder / name) for name in ("passages", "sentences")
        )
        return passages, sentences


def _append(
    passages: TableWriter, sentences: TableWriter, cut: list[tuple[int, Passage, str]]
) -> None:
    counts = [len(passage.sentences) for _, passage, _ in cut]
    first = sentences.n_rows + np.cumsum([0, *counts])[:-1]
    columns: dict[str, Iterable[Any]] = {
        "seed_row": [row for row, _, _ in cut],
        "lang": [language for _, _, language in cut],
        "first_sentence": first,
        "text": [passage.text for _, passage, _ in cut],
    }
    passages.append(columns)
    parts = [sentence for _, passage, _ in cut for sentence in passage.sentences]
    places: dict[str, Iterable[Any]] = {
        "start": [part.start for part in parts],
        "end": [part.end for part in parts],
        "field": [part.field for part in parts],
        "source": [part.source_start for part in parts],
        "says": [says for _, passage, _ in cut for says in _said_by(passage)],
    }
    sentences.append(places)


def _said_by(passage: Passage) -> list[int]:
    """Return what each sentence says; of a passage that was taken over that is known."""
    said = [sentence.says for sentence in passage.sentences]
    return said_by(passage.sentence_texts()).tolist() if -1 in said else said


def write_words(
    folder: Path,
    stored: StoredPassages,
    source: PassageSource,
    earlier: EarlierVersion | None = None,
) -> dict[str, VocabularySample]:
    """Write the lexical indexes; return for each language passages among which words are chosen.

    Tokens of passages that `earlier` has are taken over; these passages are in no sample.
    """
    (folder / LEXICAL_NAME).mkdir()
    languages, making = stored.languages, stored.in_statistics
    writers = {name: LexicalWriter(folder / LEXICAL_NAME / name) for name in languages.names}
    steps = {
        name: step_of(int((making & languages.among((name,))).sum()), VOCABULARY_SAMPLE)
        for name in languages.names
    }
    samples = {name: VocabularySample() for name in sorted(languages.names)}
    counted = dict.fromkeys(languages.names, 0)
    met: dict[str, str] = {}  # so that a word of samples takes memory once
    before = np.full(len(languages), -1) if earlier is None else earlier.rows_of(stored.seed_rows)
    for first in range(0, len(languages), PASSAGES_TOGETHER):
        together = np.arange(first, min(first + PASSAGES_TOGETHER, len(languages)))
        for name in languages.names:
            rows = together[languages[together] == name]
            known = before[rows] >= 0
            if earlier is None or not earlier.has_tokens(name):
                known[:] = False
            new = rows[~known]
            tokens = source.tokens(name, stored.passages.texts("text")[new])
            hashed = writers[name].hashed(tokens, new)
            if earlier is not None and known.any():
                copied = earlier.hashed(name, before[rows[known]], rows[known])
                hashed = merged(hashed, copied)
            writers[name].add_hashed(hashed, making[rows])
            for at in np.flatnonzero(making[new]):
                if counted[name] % steps[name] == 0:
                    samples[name].rows.append(int(new[at]))
                    samples[name].tokens.append([met.setdefault(one, one) for one in tokens[at]])
                counted[name] += 1
    for writer in writers.values():
        writer.close()
    return samples


def step_of(count: int, most: int) -> int:
    """Return at which step about `most` of so many rows are taken."""
    return max(1, -(-count // most))


def write_tables(folder: Path, corpus: Corpus, pairs: Table, digests: Digests) -> None:
    """Write seeds, people and who made what, of a shard, whose texts are not read.

    `digests` are those of seeds, their people included; the seeds' `text_digest` and the people's `digest`
    are in the corpus.
    """
    write_frame(folder / "seeds", corpus.seeds.assign(digest=digests), STORED_SEED_KINDS)
    write_frame(folder / "researchers", corpus.researchers, RESEARCHER_KINDS)
    names = AUTHORSHIP_KINDS
    write_table(folder / "authorships", {n: pairs.numbers(n) for n in names}, names)


def write_frame(folder: Path, frame: pd.DataFrame, kinds: Mapping[str, str]) -> None:
    """Write a frame as a table, some rows at a time."""
    writer = TableWriter(folder, kinds)
    for some in batches(len(frame)):
        part = frame.iloc[some]
        writer.append({name: part[name] for name in kinds})
    writer.close()


def authorship_rows(corpus: Corpus) -> Table:
    """Return the authorships as row numbers; those of unknown seeds or researchers are dropped."""
    links = corpus.authorships
    people = pd.Index(corpus.researchers["researcher_id"])
    pairs = pd.DataFrame(
        {
            "seed_row": pd.Index(corpus.seeds["seed_id"]).get_indexer(links["seed_id"]),
            "researcher_row": people.get_indexer(links["researcher_id"]),
            "representative": (links["choice"] == REPRESENTATIVE).to_numpy(bool),
        }
    )
    known = pairs[(pairs["seed_row"] >= 0) & (pairs["researcher_row"] >= 0)]
    keys = ["seed_row", "researcher_row"]
    rows = known.drop_duplicates(keys).sort_values(keys)
    return Table({name: rows[name].to_numpy() for name in AUTHORSHIP_KINDS})
