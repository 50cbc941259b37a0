"""Reads a catalogue once, a batch at a time, into slices, and keeps in memory only numbers by seed.

Where a slice ends is told by the seeds' ids, so that slices stay the same where nothing changed; a slice has
a name made of its content, and one of an earlier build that has it is taken as it is.
"""

import bisect
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi import __version__
from indexes.columns import Categories
from indexes.words import hash_of
from matcher.changes import hashes_of
from matcher.corpus_links import LinkedSeeds, Links
from matcher.corpus_stream import CorpusStream
from matcher.earlier_version import text_digests
from matcher.row_digests import row_digests
from matcher.sharding.jobs import checked, done
from matcher.sharding.slice_job import SliceJob
from matcher.tables import SEED_ID, visibility_levels
from matcher.version_files import FORMAT

KEPT_NAME = ".slices"
LONGEST = 4  # times as many seeds as a slice has in the mean
IntArray = NDArray[np.int64]
Digests = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Who made what, by the rows of seeds and of researchers, ascending."""

    seed: NDArray[np.int32]
    person: NDArray[np.int32]
    representative: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Outline:
    """What is kept in memory of a catalogue: its people, and numbers by seed.

    `ids` are hashes of the seeds' ids, `digests` those of what is known of a seed, its people included;
    `kinds` are all kinds in the order of their first seeds.
    """

    state: str
    ids: Digests
    digests: Digests
    checksums: IntArray
    levels: NDArray[np.int8]
    years: NDArray[np.float32]
    kinds: tuple[str, ...]
    researchers: pd.DataFrame
    people_digests: Digests
    pairs: Pairs

    @property
    def n_seeds(self) -> int:
        """How many seeds there are."""
        return len(self.ids)


@dataclass
class KeptSlices:
    """Slices of earlier builds that were made in the same way, by the first and the last seed of each."""

    root: Path
    model: Mapping[str, Any]
    _known: list[tuple[str, str, Path]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for folder in sorted(self.root.glob(f"{self._made_by}-*")):
            try:
                told = done(folder)
                self._known.append((told["first"], told["last"], folder))
            except (OSError, ValueError, KeyError):
                continue  # of a build that was broken off
        self._known.sort()

    @property
    def _made_by(self) -> str:
        told = json.dumps([dict(self.model), FORMAT, __version__])
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def folder_of(self, seeds: pd.DataFrame) -> Path:
        """Return where a slice of these seeds lies, or has its place."""
        told = hashlib.sha256(seeds["digest"].to_numpy(np.uint64).tobytes())
        told.update(seeds["text_digest"].to_numpy(np.uint64).tobytes())
        return self.root / f"{self._made_by}-{told.hexdigest()[:24]}"

    def near(self, first: str, last: str) -> list[Path]:
        """Return the earlier slices that may have seeds between these two."""
        end = bisect.bisect_right(self._known, last, key=lambda one: one[0])
        return [folder for _, of, folder in self._known[:end] if of >= first]


def spool(
    stream: CorpusStream, kept: KeptSlices, seeds_a_slice: int
) -> tuple[Outline, list[SliceJob], list[SliceJob]]:
    """Write down what each slice is made of, unless it is there.

    Returns the outline of all, the jobs of all slices, and those that are to be done.
    """
    jobs, left, parts = [], [], _Parts()
    researchers = stream.researchers().reset_index(drop=True)
    links = Links(stream, researchers)
    for seeds in _slices(stream.seeds(), seeds_a_slice):
        digests = row_digests(seeds)
        described = seeds.assign(digest=digests, text_digest=text_digests(seeds))
        parts.add(described, links.of(described, digests))
        job = SliceJob(kept.folder_of(described))
        if not checked(job.folder):
            near = kept.near(str(seeds[SEED_ID].iloc[0]), str(seeds[SEED_ID].iloc[-1]))
            job.prepare(described, near)
            left.append(job)
        jobs.append(job)
    return parts.outline(stream.state(), researchers), jobs, left


def _slices(batches: Iterator[pd.DataFrame], size: int) -> Iterator[pd.DataFrame]:
    """Yield the seeds of each slice: it ends behind a seed whose checksum says so, or when it is too long."""
    waiting: list[pd.DataFrame] = []
    length = 0
    for batch in batches:
        first = 0
        for at, identifier in enumerate(batch[SEED_ID]):
            length += 1
            if hash_of(identifier) % size == 0 or length >= LONGEST * size:
                yield pd.concat([*waiting, batch.iloc[first : at + 1]], ignore_index=True)
                waiting, first, length = [], at + 1, 0
        if first < len(batch):
            waiting.append(batch.iloc[first:])
    if waiting:
        yield pd.concat(waiting, ignore_index=True)


class _Parts:
    """What is gathered of the slices for an outline."""

    def __init__(self) -> None:
        self._columns: dict[str, list[NDArray[Any]]] = {}
        self._kinds: dict[str, None] = {}
        self._n_seeds = 0

    def add(self, seeds: pd.DataFrame, linked: LinkedSeeds) -> None:
        """Take the seeds of a slice, and who made them."""
        ids = [str(one) for one in seeds[SEED_ID]]
        columns: dict[str, NDArray[Any]] = {
            "ids": hashes_of(ids),
            "digests": linked.digests,
            "checksums": np.array([zlib.crc32(one.encode()) for one in ids], dtype=np.int64),
            "levels": visibility_levels(Categories.of(seeds["visibility"])).astype(np.int8),
            "years": seeds["year"].astype("Float32").to_numpy(np.float32, na_value=np.nan),
            "seed": (linked.seed_rows + self._n_seeds).astype(np.int32),
            "person": linked.people.astype(np.int32),
            "representative": linked.representative,
        }
        for name, values in columns.items():
            self._columns.setdefault(name, []).append(values)
        self._kinds |= dict.fromkeys(map(str, seeds["kind"]))
        self._n_seeds += len(seeds)

    def outline(self, state: str, researchers: pd.DataFrame) -> Outline:
        """Return the outline of all slices."""
        of = {name: np.concatenate(values) for name, values in self._columns.items()}
        none = np.zeros(0, dtype=np.int64)
        pairs = Pairs(*(of.get(n, none) for n in ("seed", "person", "representative")))
        return Outline(
            state=state,
            **{n: of.get(n, none) for n in ("ids", "digests", "checksums", "levels", "years")},
            kinds=tuple(self._kinds),
            researchers=researchers,
            people_digests=row_digests(researchers),
            pairs=pairs,
        )
