"""Counts what a catalogue has that the version that serves had not, by hashes of ids: eight bytes a row."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexes.columns import Table
from indexes.errors import IndexFault
from indexes.versions import open_current
from indexes.words import hash_of
from matcher.tables import RESEARCHER_ID, SEED_ID

Digests = NDArray[np.uint64]
Known = tuple[Digests, Digests]
"""Of seeds, or of researchers, the hashes of their ids and digests of their content."""
_TOGETHER = 10_000


def count_changes(
    root: Path, seeds: Known, researchers: Known
) -> dict[str, str | Mapping[str, int]]:
    """Return added, changed and removed seeds and researchers against the version that serves.

    `compared_with` names that version; it is empty, and everything new, where there is none that
    can be read.
    """
    nothing = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint64)
    try:
        version = open_current(root)
        # researchers of several shards may have the same seed
        folders = [version.folder / name for name in version.manifest.get("shards", ("",))]
        old_seeds = _before([Table.load(folder / "seeds") for folder in folders], SEED_ID)
        old_people = _before([Table.load(one / "researchers") for one in folders], RESEARCHER_ID)
        name = version.name
    except (IndexFault, OSError, ValueError, KeyError):  # none, damaged, or of an older format
        name, old_seeds, old_people = "", nothing, nothing
    return {
        "compared_with": name,
        "seeds": _compare(old_seeds, seeds),
        "researchers": _compare(old_people, researchers),
    }


def hashes_of(ids: Iterable[str]) -> Digests:
    """Return the hashes by which ids are compared."""
    return np.array([hash_of(one) for one in ids], dtype=np.uint64)


def _before(tables: Iterable[Table], key: str) -> Known:
    """Return the hashes of ids, each once, and the digests beside them."""
    ids, digests = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.uint64)]
    for one in tables:
        texts = one.texts(key)
        for first in range(0, len(one), _TOGETHER):
            rows = np.arange(first, min(first + _TOGETHER, len(one)))
            ids.append(hashes_of(texts[rows]))
        digests.append(np.asarray(one.numbers("digest")))
    joined, at = np.unique(np.concatenate(ids), return_index=True)
    return joined, np.concatenate(digests)[at]


def _compare(before: Known, now: Known) -> dict[str, int]:
    _, old, new = np.intersect1d(before[0], now[0], assume_unique=True, return_indices=True)
    return {
        "added": len(now[0]) - len(new),
        "changed": int((before[1][old] != now[1][new]).sum()),
        "removed": len(before[0]) - len(old),
    }
