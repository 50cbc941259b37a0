"""Puts shards and what holds for all of them together into the folder of one version, with its manifests."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from matcher.earlier_version import NEW_SINCE
from matcher.sharding.absence import SIZES
from matcher.sharding.jobs import DONE_NAME, done
from matcher.sharding.whole_files import FOLDER_NAME


def put_together(
    work: Path,
    staging: Path,
    shards: Sequence[Path],
    described: Callable[[int], dict[str, object]],
    sizes: tuple[int, int],
) -> tuple[dict[str, object], dict[str, Mapping[str, object]]]:
    """Move what was written into a version's folder; return its manifest, and the files' sizes and sums.

    `described` returns what a manifest says of so many passages of the catalogue. `sizes` are these and how
    many of them came or changed since means were made.
    """
    files: dict[str, Mapping[str, object]] = {}
    searches, people = [], []
    whole = done(work / FOLDER_NAME)["files"]
    digest = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    for folder in (work / FOLDER_NAME, *shards):
        told = done(folder)
        if folder.name != FOLDER_NAME:
            searches.append(told["search"])
            people.append(told["counts"]["researchers"])
            manifest = {
                **described(int(told["passages"])),
                "counts": told["counts"],
                "search": told["search"],
                "files": told["files"],
                "whole": {"folder": f"../{FOLDER_NAME}", "sha256": digest},
                "key": told["key"],
            }
            (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
        for name, entry in told["files"].items():
            files[f"{folder.name}/{name}"] = entry
    for folder in (work / FOLDER_NAME, *shards):
        (folder / DONE_NAME).unlink()
        folder.rename(staging / folder.name)
    exact = all(one["kind"] == "exact" for one in searches)
    return {
        **described(sizes[0]),
        "search": {
            "kind": "exact" if exact else "ivf",
            "recall": min(float(one["recall"]) for one in searches),
            "counted": sum(int(one["counted"]) for one in searches),
            "cells": sum(int(one.get("cells", 0)) for one in searches),
            "cells_read": sum(int(one.get("cells_read", 0)) for one in searches),
        },
        NEW_SINCE: sizes[1],
        "shards": [folder.name for folder in shards],
        SIZES: people,
        "whole": {"folder": FOLDER_NAME, "sha256": digest},
    }, files
