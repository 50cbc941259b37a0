"""What the jobs of a build have in common: a folder that says when it is done (see `slice_job`, `shard_job`).

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

from enmusubi.atomic_files import write_atomically
from matcher.encoder.encoder import Encoder
from matcher.encoder.vector_cache import VectorCache

DONE_NAME, INPUT_NAME = "done.json", "input"


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


def begin(folder: Path) -> Path:
    """Remove what an earlier try left, and return the folder of the input."""
    for path in folder.iterdir():
        if path.name != INPUT_NAME:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return folder / INPUT_NAME


def new_input(folder: Path) -> Path:
    """Return an empty folder for what a job is made of; whatever lies in the job's goes."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / INPUT_NAME).mkdir(parents=True)
    return folder / INPUT_NAME


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
