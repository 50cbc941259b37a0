"""The job that writes a shard: the index version of some researchers, made of slices; it encodes nothing.

A shard that is as the serving version has it is taken over from there, file by file: only the numbers of its
rows in the whole catalogue are written anew. Its texts are read as passages alone.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indexes.lexical_query import FOLDER_NAME as LEXICAL_NAME
from indexes.lexical_writer import LexicalWriter
from matcher.passages import Passage
from matcher.records import REPRESENTATIVE
from matcher.sharding.jobs import Tools, begin, checked, done, new_input, seal
from matcher.sharding.numbers import NUMBERS_NAME, Numbers
from matcher.sharding.slices import Slices
from matcher.sharding.spooling import Pairs
from matcher.stored_passages import StoredPassages
from matcher.tables import RESEARCHER_ID, SEED_ID, Corpus
from matcher.version_vectors import Centring, write_vectors
from matcher.version_writer import PASSAGES_TOGETHER, write_passages, write_tables

RESEARCHERS_NAME, NUMBERS_INPUT, SLICES_NAME = "researchers.parquet", "numbers.npz", "slices.json"
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ShardRows:
    """Whose and which seeds a shard has, by their rows in the whole catalogue; `digests` are these seeds'."""

    seeds: IntArray
    people: IntArray
    pairs: Pairs
    digests: NDArray[np.uint64]


@dataclass(frozen=True)
class ShardJob:
    """Writes the index version of some researchers; `key` tells what it is made of."""

    folder: Path
    whole: Path
    lowest_level: int
    exact_below: int
    model: Mapping[str, Any]
    key: str
    encodes: bool = False

    def prepare(self, slices: Slices, researchers: pd.DataFrame, rows: ShardRows) -> None:
        """Write down whose and which seeds; `researchers` are those of the shard, each with a `digest`."""
        folder = new_input(self.folder)
        researchers.reset_index(drop=True).to_parquet(folder / RESEARCHERS_NAME)
        arrays = {**vars(rows.pairs), **{n: v for n, v in vars(rows).items() if n != "pairs"}}
        np.savez(folder / NUMBERS_INPUT, allow_pickle=False, **arrays)
        (folder / SLICES_NAME).write_text(json.dumps(slices.described()), "utf-8")

    def run(self, tools: Tools | None) -> None:
        """Do it, from the beginning, unless it is done."""
        if checked(self.folder):
            return
        given = _read(begin(self.folder))
        source = _SliceSource(given.slices, given.seeds, self.model["dimension"])
        stored = StoredPassages(
            **{
                **vars(write_passages(self.folder, given.corpus, source)),
                "lowest_level": self.lowest_level,
            }
        )
        dense = write_vectors(
            self.folder,
            stored,
            source,
            means_of_needs=dict,
            shipped={},
            exact_below=self.exact_below,
            centring=Centring.load(self.whole),
        )
        _write_words(self.folder, self.whole, stored, given.slices, source.passages)
        write_tables(self.folder, given.corpus, stored.pairs, given.digests)
        Numbers(source.passages, given.seeds, given.people).save(self.folder)
        n_passages = len(stored.passages)
        counts = {"researchers": len(given.people), "seeds": len(given.seeds)}
        facts = {
            "key": self.key,
            "passages": n_passages,
            "counts": {**counts, "passages": n_passages},
            "search": dense.describe(),
        }
        seal(self.folder, facts)

    def take_over(self, earlier: Path, slices: Slices, rows: ShardRows) -> bool:
        """Take over an earlier version's shard if it is made of the same; say whether it was."""
        try:
            manifest = json.loads((earlier / "manifest.json").read_text("utf-8"))
            if manifest["key"] != self.key:
                return False
            shutil.rmtree(self.folder, ignore_errors=True)
            for name in manifest["files"]:
                if not name.startswith(f"{NUMBERS_NAME}/"):
                    _link(earlier / name, self.folder / name)
            numbers = Numbers(_passages_of(slices, rows.seeds), rows.seeds, rows.people)
            numbers.save(self.folder)
            facts = {name: manifest[name] for name in ("key", "counts", "search")}
            seal(self.folder, {**facts, "passages": manifest["counts"]["passages"]})
        except (OSError, ValueError, KeyError, TypeError):  # damaged, or of an older program
            return False
        told = done(self.folder)["files"]
        kept = {name for name in told if not name.startswith(f"{NUMBERS_NAME}/")}
        return all(told[name] == manifest["files"][name] for name in kept)


def _link(source: Path, target: Path) -> None:
    """Let a file be in two places, which neither changes; where that cannot be, copy it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)


@dataclass(frozen=True, eq=False)
class _Given:
    corpus: Corpus
    slices: Slices
    seeds: IntArray
    people: IntArray
    digests: NDArray[np.uint64]


def _read(folder: Path) -> _Given:
    """Return what was prepared: the seeds without their texts, read from the slices."""
    slices = Slices.of(json.loads((folder / SLICES_NAME).read_text("utf-8")))
    researchers = pd.read_parquet(folder / RESEARCHERS_NAME)
    with np.load(folder / NUMBERS_INPUT) as stored:
        of = {name: stored[name] for name in stored.files}
    seeds = slices.seeds(of["seeds"])
    chosen = np.where(of["representative"], REPRESENTATIVE, "")
    authorships = pd.DataFrame(
        {
            SEED_ID: seeds[SEED_ID].to_numpy()[np.searchsorted(of["seeds"], of["seed"])],
            RESEARCHER_ID: researchers[RESEARCHER_ID].to_numpy()[
                np.searchsorted(of["people"], of["person"])
            ],
            "choice": chosen,
        }
    )
    corpus = Corpus(seeds, researchers, authorships, "")
    return _Given(corpus, slices, of["seeds"], of["people"], of["digests"])


def _passages_of(slices: Slices, seeds: IntArray) -> IntArray:
    """Return the numbers of the passages of seeds."""
    here = np.zeros(int(slices.first_seed[-1]), dtype=bool)
    here[seeds] = True
    return np.flatnonzero(here[slices.seed_rows])


class _SliceSource:
    """Gives the passages of some seeds as slices have them."""

    def __init__(self, slices: Slices, seeds: IntArray, dimension: int) -> None:
        self._slices = slices
        self.dimension = dimension
        self._seeds = seeds
        owners = slices.seed_rows
        at = np.searchsorted(seeds, owners)
        at[at == len(seeds)] = 0
        here = seeds[at] == owners if len(seeds) else np.zeros(len(owners), dtype=bool)
        self.passages = np.flatnonzero(here)
        self._owner = at[here]

    def cut(self, rows: range, seeds: pd.DataFrame) -> Iterator[tuple[int, Passage, str]]:
        """Yield the passages of seeds."""
        first, end = np.searchsorted(self._owner, [rows.start, rows.stop])
        numbers, owners = self.passages[first:end], self._owner[first:end]
        found = self._slices.read(numbers)
        languages = self._slices.languages[numbers]
        for owner, passage, language in zip(owners.tolist(), found, languages, strict=True):
            yield owner, passage, str(language)

    def encode(
        self, passages: Sequence[Passage], rows: IntArray
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the vectors of passages, and of all their sentences."""
        return self._slices.vectors(self.passages[rows])[:2]

    def tokens(self, language: str, texts: Sequence[str]) -> list[list[str]]:
        """Raise ValueError: tokens are taken over by their hashes."""
        raise ValueError("a shard tokenises nothing")


def _write_words(
    folder: Path, whole: Path, stored: StoredPassages, slices: Slices, numbers: IntArray
) -> None:
    (folder / LEXICAL_NAME).mkdir()
    making = stored.in_statistics
    known = {path.name for path in (whole / LEXICAL_NAME).iterdir()}
    for name in known.intersection(stored.languages.names):
        rows = np.flatnonzero(stored.languages.among((name,)))
        writer = LexicalWriter(folder / LEXICAL_NAME / name)
        for first in range(0, len(rows), PASSAGES_TOGETHER):
            some = rows[first : first + PASSAGES_TOGETHER]
            for part in slices.tokens(name, numbers[some], some):
                writer.add_hashed(part, making[part.rows])
        writer.close(is_part=True)
