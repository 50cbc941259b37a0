"""One index version in memory: what a match list needs, read once, never changed.

Artefacts are checked here to belong together; no later stage looks again.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.errors import (
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexUnusableError,
)
from indexes.dense import DenseIndex
from indexes.errors import DamagedVersionFault, NoVersionFault
from indexes.lexical import LexicalIndexes
from indexes.versions import Version, current_name, open_current, pinned_name
from matcher.centring import Means
from matcher.records import PUBLIC
from matcher.tables import are_counted

FORMAT = 3  # raise it when older folders cannot be read any more
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
    row is its position. `authorships` has seed_row, researcher_row and representative.
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

    def passage_rows_of(self, seed_rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the passage rows of the seeds, ascending where the seed rows are."""
        first = np.searchsorted(self.seed_of_passage, seed_rows, side="left")
        counts = np.searchsorted(self.seed_of_passage, seed_rows, side="right") - first
        before = np.cumsum(counts) - counts
        rows = np.arange(counts.sum()) + np.repeat(first - before, counts)
        return np.asarray(rows, dtype=np.int64)

    @cached_property
    def sentence_borders(self) -> NDArray[np.int64]:
        """Row of every passage's first sentence vector, and the number of all at the end."""
        first = self.passages["first_sentence"].to_numpy(np.int64)
        return np.append(first, len(self.sentence_vectors))

    @cached_property
    def public_seeds(self) -> NDArray[np.bool_]:
        """Whether every seed row is public."""
        return (self.seeds["visibility"] == PUBLIC).to_numpy(bool)

    @cached_property
    def seed_years(self) -> NDArray[np.float64]:
        """Year of every seed row, NaN where it is unknown."""
        years = self.seeds["year"].astype("Float64")
        return np.asarray(years.to_numpy(np.float64, na_value=np.nan), dtype=np.float64)

    @cached_property
    def seed_kinds(self) -> NDArray[np.object_]:
        """Kind of every seed row; the few kinds' names are shared."""
        return np.asarray(self.seeds["kind"].astype("category").astype(object).to_numpy())

    @cached_property
    def newest_years(self) -> NDArray[np.float64]:
        """Year of every researcher's newest public seed, NaN where it is not known."""
        seed_rows, owners = self.authorship_rows
        newest = np.full(len(self.researchers), np.nan)
        np.fmax.at(newest, owners, np.where(self.public_seeds, self.seed_years, np.nan)[seed_rows])
        return newest

    @cached_property
    def industry_seeds(self) -> NDArray[np.int64]:
        """Number of every researcher's public pieces of work with companies."""
        return self.researchers["industry_seeds"].to_numpy(np.int64)

    @cached_property
    def seed_counts(self) -> NDArray[np.int64]:
        """Number of public seeds of every researcher row."""
        seed_rows, owners = self.authorship_rows
        return np.bincount(owners[self.public_seeds[seed_rows]], minlength=len(self.researchers))

    @cached_property
    def language_of_passage(self) -> NDArray[np.str_]:
        """Language of every passage row."""
        return self.passages["lang"].to_numpy(dtype=str)

    @cached_property
    def sample_rows(self) -> dict[str, NDArray[np.int64]]:
        """Evenly spaced passage rows of each language that has at least MIN_SAMPLE of them.

        Of passages that make statistics alone: what is hidden must not change others' scores.
        """
        samples = {}
        counted = are_counted(self.seeds)[self.seed_of_passage]
        for language in np.unique(self.language_of_passage):
            rows = np.flatnonzero(counted & (self.language_of_passage == language))
            if len(rows) >= MIN_SAMPLE:
                step = -(-len(rows) // MAX_SAMPLE)
                samples[str(language)] = rows[::step]
        return samples

    @cached_property
    def authorship_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Seed rows and researcher rows of all authorships, by seed."""
        pairs = self.authorships
        return pairs["seed_row"].to_numpy(np.int64), pairs["researcher_row"].to_numpy(np.int64)

    @cached_property
    def representative_pairs(self) -> frozenset[tuple[int, int]]:
        """Pairs of seed row and researcher row where the person chose the seed."""
        chosen = self.authorships[self.authorships["representative"]]
        return frozenset(zip(chosen["seed_row"], chosen["researcher_row"], strict=True))

    @cached_property
    def seeds_of_code(self) -> dict[str, NDArray[np.int64]]:
        """Seed rows of every field code, the codes as `code_key` writes them."""
        codes = self.seeds["field_codes"].reset_index(drop=True).str.split(";").explode()
        keys = codes[codes.str.strip() != ""].map(code_key)
        return {str(code): group.index.to_numpy(np.int64) for code, group in keys.groupby(keys)}


def code_key(code: str) -> str:
    """Return a field code without blanks, in one width and case: `ipc:c08l1/02`."""
    return "".join(unicodedata.normalize("NFKC", code).casefold().split())


def open_snapshot(root: Path) -> Snapshot:
    """Read the version that serves; where another takes its place meanwhile, that one.

    Raises IndexMissingError, IndexDamagedError or IndexMismatchError, each with the command to run.
    """
    while True:
        name = serving_version(root)
        try:
            return _open_serving(root)
        except IndexUnusableError:
            if serving_version(root) == name:
                raise


def _open_serving(root: Path) -> Snapshot:
    try:
        version = open_current(root)
        check_format(version)
        return read_snapshot(version)
    except NoVersionFault as fault:
        raise IndexMissingError(
            "There is no index yet in %(folder)s. Import researchers and seeds with "
            "`enmusubi import`, then run `enmusubi index`; `enmusubi demo` does both "
            "with made-up data.",
            folder=root,
        ) from fault
    except DamagedVersionFault as fault:
        raise IndexDamagedError(
            "The index cannot be used: %(reason)s. Run `enmusubi index --rebuild`.", reason=fault
        ) from fault


def check_format(version: Version) -> None:
    """Raise IndexMismatchError unless this program can read the version."""
    if version.manifest.get("format") != FORMAT:
        raise IndexMismatchError(
            "Index version %(version)s has format %(found)s, this program reads %(expected)s. "
            "Run `enmusubi index` to build it anew.",
            version=version.name,
            found=version.manifest.get("format"),
            expected=FORMAT,
        )


def serving_version(root: Path) -> str | None:
    """Return the name of the version that serves, or None; reads one small file."""
    return current_name(root)


def is_fresh(root: Path, *, catalogue_state: str, model_checksum: str) -> bool:
    """Say whether the version that serves was built from this catalogue with this model."""
    manifest = _usable_manifest(root, model_checksum)
    return manifest is not None and manifest.get("catalogue_state") == catalogue_state


def is_pinned(root: Path, *, model_checksum: str) -> bool:
    """Say whether someone went back to the version that serves, and it can be used."""
    return pinned_name(root) is not None and _usable_manifest(root, model_checksum) is not None


def _usable_manifest(root: Path, model_checksum: str) -> Mapping[str, Any] | None:
    """Return the manifest of the version that serves if this program and model can use it."""
    try:
        manifest = open_current(root).manifest
        found = (manifest["format"], manifest["model"]["checksum"])
    except (NoVersionFault, DamagedVersionFault, KeyError, TypeError):
        return None
    return manifest if found == (FORMAT, model_checksum) else None


def read_snapshot(version: Version) -> Snapshot:
    """Read all files of a version; raises IndexDamagedError when one of them is not readable."""
    folder = version.folder
    try:
        frames = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLE_NAMES}
        with np.load(folder / MEANS_NAME) as stored:
            means = {name: stored[name] for name in stored.files}
        manifest = _checked_manifest(version)
        snapshot = Snapshot(
            version=version.name,
            manifest=manifest,
            dense=DenseIndex.load(
                folder, manifest["search"]["recall"], manifest["search"]["counted"]
            ),
            lexical=LexicalIndexes.load(folder),
            sentence_vectors=np.load(folder / SENTENCE_VECTORS_NAME, mmap_mode="r"),
            profiles=np.load(folder / PROFILES_NAME),
            means=means,
            **frames,
        )
    except Exception as error:  # every library of the files has its own kinds
        raise IndexDamagedError(
            "Index version %(version)s cannot be read (%(kind)s). Run `enmusubi index --rebuild`.",
            version=version.name,
            kind=type(error).__name__,
        ) from error
    if len(snapshot.dense) != len(snapshot.passages):
        raise IndexDamagedError(
            "Index version %(version)s has %(vectors)s vectors for %(passages)s passages. Run "
            "`enmusubi index --rebuild`.",
            version=version.name,
            vectors=len(snapshot.dense),
            passages=len(snapshot.passages),
        )
    return snapshot


def _checked_manifest(version: Version) -> dict[str, Any]:
    """Return the manifest; raises KeyError or TypeError unless it names its model and its search."""
    manifest = dict(version.manifest)
    for name in ("recall", "counted"):
        manifest["search"][name]
    for name in ("name", "checksum", "dimension"):
        manifest["model"][name]
    return manifest


def check_model(snapshot: Snapshot, *, name: str, checksum: str, dimension: int) -> None:
    """Raise IndexMismatchError unless the index was built with this model."""
    built = snapshot.manifest["model"]
    if (built["checksum"], built["dimension"]) != (checksum, dimension):
        raise IndexMismatchError(
            "Index version %(version)s was built with the model %(built_with)s (%(built_checksum)s, "
            "%(built_dimension)s dimensions), but the settings name %(named)s "
            "(%(named_checksum)s, %(named_dimension)s). Run `enmusubi index`, or set the model "
            "back.",
            version=snapshot.version,
            built_with=built["name"],
            built_checksum=built["checksum"],
            built_dimension=built["dimension"],
            named=name,
            named_checksum=checksum,
            named_dimension=dimension,
        )
