"""The jobs of a build: a slice is encoded, a shard is written; each in a folder that says when it is done.

A job holds paths and numbers only, so that it can be sent to another machine. What it is made of lies in its
folder's `input`, which goes when it is done; `done.json` names the files that it wrote, with their sizes and
sums, and appears last.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.atomic_files import write_atomically
from indexes.lexical_query import FOLDER_NAME as LEXICAL_NAME
from indexes.lexical_writer import LexicalWriter
from matcher.corpus_source import CorpusSource
from matcher.encoder.encoder import Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.passages import Passage
from matcher.sharding.numbers import Numbers
from matcher.sharding.slices import Slices, write_slice
from matcher.stored_passages import StoredPassages
from matcher.tables import Corpus
from matcher.version_vectors import Centring, write_vectors
from matcher.version_writer import PASSAGES_TOGETHER, write_passages, write_tables

DONE_NAME, INPUT_NAME = "done.json", "input"
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Tools:
    """What a job may use where it runs: the encoder, and the cache of vectors if there is one."""

    encoder: Encoder
    cache: VectorCache | None


class Engine(Protocol):
    """Runs jobs, in any order, wherever it likes."""

    def run(self, jobs: Sequence["BuildJob"]) -> Iterator[str]:
        """Run them all, and yield the name of each one's folder when it is done."""
        ...


class BuildJob(Protocol):
    """A part of a build."""

    @property
    def folder(self) -> Path:
        """Where it writes."""
        ...

    @property
    def encodes(self) -> bool:
        """Whether it needs the encoder."""
        ...

    def run(self, tools: Tools | None) -> None:
        """Do it, from the beginning, unless it was done by a worker that was lost before it said so."""
        ...


class LocalEngine:
    """Runs jobs in this process, one after the other."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def run(self, jobs: Sequence[BuildJob]) -> Iterator[str]:
        """Run them all, and yield the name of each one's folder when it is done."""
        for job in jobs:
            job.run(self._tools)
            yield job.folder.name


def done(folder: Path) -> dict[str, Any]:
    """Return what a job that is done says of its results."""
    told: dict[str, Any] = json.loads((folder / DONE_NAME).read_text("utf-8"))
    return told


def checked(folder: Path) -> bool:
    """Say whether a job is done, and all its files have the sizes and sums that it named."""
    try:
        files: Mapping[str, Mapping[str, Any]] = done(folder)["files"]
        return all(
            (folder / name).stat().st_size == entry["bytes"]
            and _sha256(folder / name) == entry["sha256"]
            for name, entry in files.items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def seal(folder: Path, facts: Mapping[str, object]) -> None:
    """Say that a job is done, and what it wrote; only then its input goes, as it may be lost meanwhile."""
    files = {
        str(path.relative_to(folder)): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and folder / INPUT_NAME not in path.parents
    }
    told = json.dumps({**facts, "files": files})
    write_atomically(folder / DONE_NAME, told.encode())
    shutil.rmtree(folder / INPUT_NAME, ignore_errors=True)


def _begin(folder: Path) -> Path:
    """Remove what an earlier try left, and return the folder of the input."""
    for path in folder.iterdir():
        if path.name != INPUT_NAME:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return folder / INPUT_NAME


def _new_input(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / INPUT_NAME).mkdir(parents=True)
    return folder / INPUT_NAME


@dataclass(frozen=True)
class SliceJob:
    """Cuts, encodes and tokenises consecutive seeds."""

    folder: Path
    encodes: bool = True

    def prepare(self, seeds: pd.DataFrame) -> None:
        """Write down which seeds."""
        seeds.to_parquet(_new_input(self.folder) / "seeds.parquet")

    def run(self, tools: Tools | None) -> None:
        """Do it, from the beginning, unless it is done; raises ValueError without an encoder."""
        if tools is None:
            raise ValueError("a slice needs an encoder")
        if checked(self.folder):
            return
        seeds = pd.read_parquet(_begin(self.folder) / "seeds.parquet")
        corpus = Corpus(seeds, seeds.iloc[:0], seeds.iloc[:0], "")
        source = CorpusSource(corpus, tools.encoder, tools.cache, lambda what, done, total: None)
        count = write_slice(self.folder, seeds, source)
        seal(self.folder, {"passages": count, **source.encodings})


@dataclass(frozen=True)
class ShardJob:
    """Writes the index version of some researchers from the slices; encodes nothing."""

    folder: Path
    whole: Path
    lowest_level: int
    exact_below: int
    model: Mapping[str, Any]
    encodes: bool = False

    def prepare(
        self,
        slices: Slices,
        seeds: pd.DataFrame,
        researchers: pd.DataFrame,
        authorships: pd.DataFrame,
        numbers: tuple[IntArray, IntArray],
    ) -> None:
        """Write down whose and which seeds, and by which numbers seeds and people are known."""
        folder = _new_input(self.folder)
        for name, frame in (
            ("seeds", seeds),
            ("researchers", researchers),
            ("authorships", authorships),
        ):
            frame.reset_index(drop=True).to_parquet(folder / f"{name}.parquet")
        np.savez(folder / "numbers.npz", allow_pickle=False, seeds=numbers[0], people=numbers[1])
        (folder / "slices.json").write_text(json.dumps(slices.described()), "utf-8")

    def run(self, tools: Tools | None) -> None:
        """Do it, from the beginning, unless it is done."""
        if checked(self.folder):
            return
        folder = _begin(self.folder)
        frames = {
            name: pd.read_parquet(folder / f"{name}.parquet")
            for name in ("seeds", "researchers", "authorships")
        }
        with np.load(folder / "numbers.npz") as stored:
            seeds, people = stored["seeds"], stored["people"]
        slices = Slices.of(json.loads((folder / "slices.json").read_text("utf-8")))
        corpus = Corpus(**frames, state="")
        source = _SliceSource(slices, seeds, self.model["dimension"])
        stored_passages = write_passages(self.folder, corpus, source)
        stored_passages = StoredPassages(
            **{**vars(stored_passages), "lowest_level": self.lowest_level}
        )
        dense = write_vectors(
            self.folder,
            stored_passages,
            source,
            means_of_needs=dict,
            shipped={},
            exact_below=self.exact_below,
            centring=Centring.load(self.whole),
        )
        _write_words(self.folder, self.whole, stored_passages, slices, source.passages)
        write_tables(
            self.folder,
            stored_passages,
            (frames["seeds"]["digest"].to_numpy(), frames["researchers"]["digest"].to_numpy()),
        )
        Numbers(source.passages, seeds, people).save(self.folder)
        counts = {name: len(frames[name]) for name in ("researchers", "seeds")}
        n_passages = len(stored_passages.passages)
        facts = {
            "passages": n_passages,
            "counts": {**counts, "passages": n_passages},
            "search": dense.describe(),
        }
        seal(self.folder, facts)


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

    def cut(self, rows: range) -> Iterator[tuple[int, Passage, str]]:
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


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
