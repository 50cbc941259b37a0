"""Counts what a catalogue has that the version that serves had not, by hashes of ids: eight bytes a row."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexes.columns import Table
from indexes.errors import IndexFault
from indexes.versions import open_current
from indexes.words import hash_of
from matcher.sharding.spooling import Outline
from matcher.tables import RESEARCHER_ID, SEED_ID

Digests = NDArray[np.uint64]
_TOGETHER = 10_000


def count_changes(root: Path, outline: Outline) -> dict[str, str | Mapping[str, int]]:
    """Return added, changed and removed seeds and researchers, as `indexing.count_changes` does."""
    people = _hashes(map(str, outline.researchers[RESEARCHER_ID]))
    nothing = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint64)
    try:
        version = open_current(root)
        folders = [version.folder / name for name in version.manifest.get("shards", ("",))]
        seeds = _before([Table.load(folder / "seeds") for folder in folders], SEED_ID)
        known = _before([Table.load(folder / "researchers") for folder in folders], RESEARCHER_ID)
        name = version.name
    except (IndexFault, OSError, ValueError, KeyError):  # none, damaged, or of an older format
        name, seeds, known = "", nothing, nothing
    return {
        "compared_with": name,
        "seeds": _compare(seeds, (outline.ids, outline.digests)),
        "researchers": _compare(known, (people, outline.people_digests)),
    }


def _before(tables: Iterable[Table], key: str) -> tuple[Digests, Digests]:
    """Return the hashes of ids, each once, and the digests beside them."""
    ids, digests = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.uint64)]
    for one in tables:
        texts = one.texts(key)
        for first in range(0, len(one), _TOGETHER):
            rows = np.arange(first, min(first + _TOGETHER, len(one)))
            ids.append(_hashes(texts[rows]))
        digests.append(np.asarray(one.numbers("digest")))
    joined, at = np.unique(np.concatenate(ids), return_index=True)
    return joined, np.concatenate(digests)[at]


def _hashes(ids: Iterable[str]) -> Digests:
    return np.array([hash_of(one) for one in ids], dtype=np.uint64)


def _compare(before: tuple[Digests, Digests], now: tuple[Digests, Digests]) -> dict[str, int]:
    _, old, new = np.intersect1d(before[0], now[0], assume_unique=True, return_indices=True)
    return {
        "added": len(now[0]) - len(new),
        "changed": int((before[1][old] != now[1][new]).sum()),
        "removed": len(before[0]) - len(old),
    }
