"""Opens a version of several shards: what holds for all of them, and the shards themselves."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from enmusubi.errors import IndexDamagedError
from indexes.errors import DamagedVersionFault
from indexes.versions import Version, open_version
from matcher.sharding.local_shard import LocalShard
from matcher.sharding.numbers import Numbers
from matcher.sharding.whole_files import FOLDER_NAME, read_front, read_shipped, read_whole
from matcher.snapshot import Snapshot
from matcher.version_files import check_format, open_serving, read_snapshot


def shard_names(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the shards of a version by the names of their folders; none of one that is no such."""
    return tuple(manifest.get("shards", ()))


def open_front(version: Version) -> Snapshot:
    """Return what holds for the whole catalogue of a version; raises IndexDamagedError."""
    try:
        return read_front(version.name, version.folder / FOLDER_NAME, dict(version.manifest))
    except Exception as error:  # every library of the files has its own kinds
        raise _damaged(version.name, error) from error


def open_whole(root: Path) -> tuple[Snapshot, tuple[Path, ...]]:
    """Return the version that serves, and the folders of its shards: none where it is one index.

    Of shards the snapshot is what holds for all of them (see `open_front`). Raises as `open_snapshot` does.
    """

    def read(version: Version) -> tuple[Snapshot, tuple[Path, ...]]:
        names = shard_names(version.manifest)
        snapshot = open_front(version) if names else read_snapshot(version)
        return snapshot, tuple(version.folder / name for name in names)

    return open_serving(root, read)


def open_shard(folder: Path) -> LocalShard:
    """Open one shard; raises IndexDamagedError or IndexMismatchError.

    That it belongs to what lies beside it is told by the sum that both manifests name.
    """
    name = f"{folder.parent.name}/{folder.name}"
    try:
        shard, outer = open_version(folder), _manifest_of(folder.parent)
        check_format(shard)
        if shard.manifest["whole"]["sha256"] != outer["whole"]["sha256"]:
            raise ValueError("of another catalogue")
        whole = folder.parent / FOLDER_NAME
        snapshot = read_snapshot(shard, read_whole(whole))
        return LocalShard(snapshot, Numbers.load(folder), read_shipped(whole))
    except (DamagedVersionFault, OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(name, error) from error


def _manifest_of(folder: Path) -> Mapping[str, Any]:
    """Return a version's manifest; its files are not looked at, as other machines read the others."""
    manifest: Mapping[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return manifest


def _damaged(name: str, error: Exception) -> IndexDamagedError:
    return IndexDamagedError(
        "Index version %(version)s cannot be read (%(kind)s). Run `enmusubi index --rebuild`.",
        version=name,
        kind=type(error).__name__,
    )
