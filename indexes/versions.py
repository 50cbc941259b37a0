"""Index versions: folders with a manifest, published by one atomic rename, never edited.

Layout: `<root>/v000001/…` and `<root>/CURRENT`, which names the version that serves. A version that
was killed half-way stays a hidden folder and is swept by the next publication. `<root>/PINNED` names
a version that someone went back to; it holds for as long as that version serves.
"""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from enmusubi.atomic_files import sync, write_atomically
from indexes.errors import DamagedVersionFault, NoVersionFault

MANIFEST_NAME = "manifest.json"
_CURRENT = "CURRENT"
_PINNED = "PINNED"
_STAGING_PREFIX = ".staging-"
_VERSION_NAME = re.compile(r"v[0-9]{6,}")


@dataclass(frozen=True)
class Version:
    """A published version: its folder and what its manifest says."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The version's name, such as v000007."""
        return self.folder.name


def current_name(root: Path) -> str | None:
    """Return the name of the version that serves, or None when nothing was published."""
    return _read_name(root / _CURRENT)


def pinned_name(root: Path) -> str | None:
    """Return the name of the version that serves because someone went back to it, else None."""
    pinned = _read_name(root / _PINNED)
    return pinned if pinned == current_name(root) else None


def open_current(root: Path) -> Version:
    """Return the version that serves, its files checked against the manifest by size.

    Raises NoVersionFault when nothing was published, DamagedVersionFault when files are amiss.
    """
    name = current_name(root)
    if name is None:
        raise NoVersionFault("no index version in %(folder)s", folder=root)
    if not _VERSION_NAME.fullmatch(name):
        raise DamagedVersionFault("%(file)s does not name a version", file=root / _CURRENT)
    return open_version(root / name)


def open_version(folder: Path) -> Version:
    """Return the version in a folder, checked as `open_current` does; raises DamagedVersionFault."""
    try:
        manifest = json.loads((folder / MANIFEST_NAME).read_text("utf-8"))
        sizes = {file: int(entry["bytes"]) for file, entry in manifest["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedVersionFault("%(folder)s has no readable manifest", folder=folder) from error
    for file, size in sizes.items():
        path = folder / file
        if not path.is_file() or path.stat().st_size != size:
            raise DamagedVersionFault("%(file)s is missing or cut short", file=path)
    return Version(folder, manifest)


def check_contents(version: Version) -> None:
    """Read all files of a version and compare them with its manifest; raises DamagedVersionFault.

    Who copies from a version checks it so: sizes alone would carry a damaged byte into every later version.
    """
    for file, entry in version.manifest["files"].items():
        path = version.folder / file
        if _sha256(path) != entry["sha256"]:
            raise DamagedVersionFault("%(file)s is not as it was written", file=path)


def go_back(root: Path, version: Version) -> None:
    """Let a published version serve again, pinned unless it is the newest.

    The pin is written first: of a killed run it says a version that doesn't serve, which is nothing.
    """
    newest = version_folders(root)[-1].name
    if version.name == newest:
        write_atomically(root / _CURRENT, version.name.encode())
        (root / _PINNED).unlink(missing_ok=True)
    else:
        write_atomically(root / _PINNED, version.name.encode())
        write_atomically(root / _CURRENT, version.name.encode())


@contextmanager
def staged_version(root: Path) -> Iterator[Path]:
    """Give an empty folder to write a version into; it vanishes unless `publish` took it."""
    root.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=root))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def publish(
    root: Path,
    staging: Path,
    manifest: Mapping[str, Any],
    *,
    keep: int,
    known: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
) -> Version:
    """Seal `staging` as the next version, let it serve, and delete all but the newest `keep`.

    A pin ends with it. `known` has sizes and sums of files that others wrote and need not be read again.
    """
    written = sorted(path for path in staging.rglob("*") if path.is_file())
    names = {str(path.relative_to(staging)): path for path in written}
    files = {
        name: known.get(name) or {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for name, path in names.items()
    }
    sealed = {**manifest, "files": files}
    (staging / MANIFEST_NAME).write_text(json.dumps(sealed, indent=1, ensure_ascii=False), "utf-8")
    # else a power cut after the rename could leave a version that serves and is damaged
    for path in (*staging.rglob("*"), staging):
        sync(path)
    number = 1 + max((int(path.name[1:]) for path in version_folders(root)), default=0)
    folder = root / f"v{number:06d}"
    staging.rename(folder)
    sync(root)
    write_atomically(root / _CURRENT, folder.name.encode())
    (root / _PINNED).unlink(missing_ok=True)
    for path in version_folders(root)[:-keep]:
        if path != folder:
            shutil.rmtree(path, ignore_errors=True)
    return Version(folder, sealed)


def version_folders(root: Path) -> list[Path]:
    """Return the folders of all versions, the oldest first."""
    found = (p for p in root.glob("v*") if p.is_dir() and _VERSION_NAME.fullmatch(p.name))
    return sorted(found, key=lambda path: int(path.name[1:]))


def sweep(root: Path) -> None:
    """Delete what killed runs left; the caller holds the lock that keeps other runs out."""
    for path in root.glob(f"{_STAGING_PREFIX}*"):
        shutil.rmtree(path, ignore_errors=True)


def _read_name(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", errors="replace").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
