"""Opens an index version: maps its files and checks, once, that they belong together.

What writes them is `version_writer`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from enmusubi.errors import (
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexUnusableError,
)
from indexes.columns import Table
from indexes.dense import DenseIndex
from indexes.errors import DamagedVersionFault, NoVersionFault
from indexes.lexical import WordCounts
from indexes.lexical_query import LexicalIndexes
from indexes.stored_rows import EightBitRows, StoredRows
from indexes.versions import Version, current_name, open_current
from matcher.snapshot import Snapshot, Whole
from matcher.term_links import load_vocabularies

FORMAT = 5  # raise it when older folders cannot be read any more
SENTENCE_VECTORS_NAME = "sentence_vectors.npy"
SENTENCE_MEANS_NAME = "sentence_means.npz"  # of a large version: what the next one centres by
SENTENCE_ROWS_NAME = "sentence_rows"  # of a large version, in eight bits
PROFILES_NAME = "profiles.npy"
PROFILE_ROWS_NAME = "profile_rows"  # of a large version, in eight bits
MEANS_NAME = "means.npz"
TABLE_NAMES = ("passages", "sentences", "seeds", "researchers", "authorships")


@dataclass(frozen=True, eq=False)
class WholeFiles:
    """What holds for a whole catalogue, and in how many of its passages each word of a language stands."""

    known: Whole
    counts: Mapping[str, WordCounts]


Opened = TypeVar("Opened")


def open_snapshot(root: Path) -> Snapshot:
    """Read the version that serves; where another takes its place meanwhile, that one.

    Raises IndexMissingError, IndexDamagedError or IndexMismatchError, each with the command to run.
    """
    return open_serving(root, read_snapshot)


def open_serving(root: Path, read: Callable[[Version], Opened]) -> Opened:
    """Return what `read` makes of the version that serves; raises as `open_snapshot` does."""
    while True:
        name = serving_version(root)
        try:
            return _open_serving(root, read)
        except IndexUnusableError:
            if serving_version(root) == name:
                raise


def _open_serving(root: Path, read: Callable[[Version], Opened]) -> Opened:
    try:
        version = open_current(root)
        check_format(version)
        return read(version)
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


def read_snapshot(version: Version, whole: WholeFiles | None = None) -> Snapshot:
    """Read all files of a version; raises IndexDamagedError when one of them is not readable.

    `whole` is what holds for the catalogue of which the version has only some researchers.
    """
    folder = version.folder
    try:
        tables = {name: Table.load(folder / name) for name in TABLE_NAMES}
        with np.load(folder / MEANS_NAME) as stored:
            means = {name: stored[name] for name in stored.files}
        manifest = _checked_manifest(version)
        snapshot = Snapshot(
            version=version.name,
            manifest=manifest,
            dense=DenseIndex.load(
                folder, manifest["search"]["recall"], manifest["search"]["counted"]
            ),
            lexical=LexicalIndexes.load(folder, whole.counts if whole else {}),
            sentence_vectors=_sentence_vectors(folder, manifest, len(tables["sentences"])),
            profiles=_profiles(folder, manifest, len(tables["researchers"])),
            means=means,
            vocabularies=load_vocabularies(folder),
            whole=whole.known if whole else None,
            passages=tables["passages"],
            sentences=tables["sentences"],
            seeds=tables["seeds"],
            researchers=tables["researchers"],
            authorships=tables["authorships"],
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


def _sentence_vectors(folder: Path, manifest: Mapping[str, Any], n_rows: int) -> StoredRows:
    """Map the sentences' vectors; raises ValueError when there are not as many as sentences."""
    if (folder / SENTENCE_ROWS_NAME).is_dir():
        dimension = manifest["model"]["dimension"]
        return EightBitRows.load(folder / SENTENCE_ROWS_NAME, n_rows, dimension)
    vectors = np.load(folder / SENTENCE_VECTORS_NAME, mmap_mode="r")
    if len(vectors) != n_rows:
        raise ValueError(f"{len(vectors)} vectors for {n_rows} sentences")
    return np.asarray(vectors)


def _profiles(folder: Path, manifest: Mapping[str, Any], n_people: int) -> StoredRows:
    """Map people's profiles."""
    if (folder / PROFILE_ROWS_NAME).is_dir():
        dimension = manifest["model"]["dimension"]
        return EightBitRows.load(folder / PROFILE_ROWS_NAME, n_people, dimension)
    return np.asarray(np.load(folder / PROFILES_NAME, mmap_mode="r"))


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
