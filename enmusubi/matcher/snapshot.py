"""One index version in memory: what a match list needs, read once, never changed.

Artefacts are checked here to belong together; no later stage looks again.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.indexes.dense import DenseIndex
from enmusubi.indexes.errors import DamagedVersionFault, NoVersionFault
from enmusubi.indexes.lexical import LexicalIndexes
from enmusubi.indexes.versions import Version, current_name, open_current
from enmusubi.matcher.centring import Means
from enmusubi.matcher.errors import IndexDamagedError, IndexMismatchError, IndexMissingError

FORMAT = 1  # raise it when older folders cannot be read any more
SENTENCE_VECTORS_NAME = "sentence_vectors.npy"
PROFILES_NAME = "profiles.npy"
MEANS_NAME = "means.npz"
MIN_SAMPLE = 30  # fewer passages say little about a language's level of scores
MAX_SAMPLE = 2000
TABLE_NAMES = ("passages", "seeds", "researchers", "authorships")


@dataclass(frozen=True)
class Snapshot:
    """Indexes and tables of one version.

    `passages` has seed_row, lang, text, first_sentence and lists of sentence places; a passage's
    row is its position. `authorships` has seed_row and researcher_row.
    """

    version: str
    manifest: dict[str, Any]
    dense: DenseIndex
    lexical: LexicalIndexes
    sentence_vectors: NDArray[np.float16]  # all sentences, centred; memory-mapped
    profiles: NDArray[np.float32]  # (n_researchers, dimension): unit mean of the person's seeds
    means: Means
    passages: pd.DataFrame
    seeds: pd.DataFrame
    researchers: pd.DataFrame
    authorships: pd.DataFrame

    @cached_property
    def seed_of_passage(self) -> NDArray[np.int64]:
        """Seed row of every passage row."""
        return self.passages["seed_row"].to_numpy(np.int64)

    @cached_property
    def language_of_passage(self) -> NDArray[np.str_]:
        """Language of every passage row."""
        return self.passages["lang"].to_numpy(dtype=str)

    @cached_property
    def sample_rows(self) -> dict[str, NDArray[np.int64]]:
        """Evenly spaced passage rows of each language that has at least MIN_SAMPLE of them."""
        samples = {}
        for language in np.unique(self.language_of_passage):
            rows = np.flatnonzero(self.language_of_passage == language)
            if len(rows) >= MIN_SAMPLE:
                step = -(-len(rows) // MAX_SAMPLE)
                samples[str(language)] = rows[::step]
        return samples

    @cached_property
    def authorship_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Seed rows and researcher rows of all authorships, by seed."""
        pairs = self.authorships
        return pairs["seed_row"].to_numpy(np.int64), pairs["researcher_row"].to_numpy(np.int64)


def open_snapshot(root: Path) -> Snapshot:
    """Read the version that serves.

    Raises IndexMissingError, IndexDamagedError or IndexMismatchError, each with the command to run.
    """
    try:
        version = open_current(root)
        if version.manifest.get("format") != FORMAT:
            raise IndexMismatchError(
                f"Index version {version.name} has format {version.manifest.get('format')}, this "
                f"program reads {FORMAT}. Run `enmusubi index` to build it anew."
            )
        return read_snapshot(version)
    except NoVersionFault as fault:
        raise IndexMissingError(
            f"There is no index yet in {root}. Import researchers and seeds with `enmusubi import`, "
            "then run `enmusubi index`; `enmusubi demo` does both with made-up data."
        ) from fault
    except DamagedVersionFault as fault:
        raise IndexDamagedError(
            f"The index cannot be used: {fault}. Run `enmusubi index --rebuild`."
        ) from fault


def serving_version(root: Path) -> str | None:
    """Return the name of the version that serves, or None; reads one small file."""
    return current_name(root)


def is_fresh(root: Path, *, catalogue_state: str, model_checksum: str) -> bool:
    """Say whether the version that serves was built from this catalogue with this model."""
    try:
        manifest = open_current(root).manifest
        found = (manifest["format"], manifest["catalogue_state"], manifest["model"]["checksum"])
    except (NoVersionFault, DamagedVersionFault, KeyError, TypeError):
        return False
    return found == (FORMAT, catalogue_state, model_checksum)


def read_snapshot(version: Version) -> Snapshot:
    """Read all files of a version; raises IndexDamagedError when one of them is not readable."""
    folder = version.folder
    try:
        frames = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLE_NAMES}
        with np.load(folder / MEANS_NAME) as stored:
            means = {name: stored[name] for name in stored.files}
        snapshot = Snapshot(
            version=version.name,
            manifest=_checked_manifest(version),
            dense=DenseIndex.load(folder),
            lexical=LexicalIndexes.load(folder),
            sentence_vectors=np.load(folder / SENTENCE_VECTORS_NAME, mmap_mode="r"),
            profiles=np.load(folder / PROFILES_NAME),
            means=means,
            **frames,
        )
    except Exception as error:  # every library of the files has its own kinds
        raise IndexDamagedError(
            f"Index version {version.name} cannot be read ({type(error).__name__}). "
            "Run `enmusubi index --rebuild`."
        ) from error
    if len(snapshot.dense) != len(snapshot.passages):
        raise IndexDamagedError(
            f"Index version {version.name} has {len(snapshot.dense)} vectors for "
            f"{len(snapshot.passages)} passages. Run `enmusubi index --rebuild`."
        )
    return snapshot


def _checked_manifest(version: Version) -> dict[str, Any]:
    """Return the manifest; raises KeyError or TypeError unless it names its model."""
    manifest = dict(version.manifest)
    for name in ("name", "checksum", "dimension"):
        manifest["model"][name]
    return manifest


def check_model(snapshot: Snapshot, *, name: str, checksum: str, dimension: int) -> None:
    """Raise IndexMismatchError unless the index was built with this model."""
    built = snapshot.manifest["model"]
    if (built["checksum"], built["dimension"]) != (checksum, dimension):
        raise IndexMismatchError(
            f"Index version {snapshot.version} was built with the model {built['name']} "
            f"({built['checksum']}, {built['dimension']} dimensions), but the settings name {name} "
            f"({checksum}, {dimension}). Run `enmusubi index`, or set the model back."
        )
