"""Says what an index version has that the version before it had not, row by row.

Rows are compared by digests of their content, which every version keeps.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indexes.errors import IndexFault
from indexes.versions import open_current
from matcher.tables import RESEARCHER_ID, SEED_ID, Corpus

Digests = NDArray[np.uint64]
Counts = Mapping[str, int]


def digests_of(corpus: Corpus) -> tuple[Digests, Digests]:
    """Return a digest of each seed, its people included, and one of each researcher."""
    seeds = _row_digests(corpus.seeds)
    links = _row_digests(corpus.authorships)
    rows = pd.Index(corpus.seeds[SEED_ID]).get_indexer(corpus.authorships[SEED_ID])
    np.bitwise_xor.at(seeds, rows[rows >= 0], links[rows >= 0])
    return seeds, _row_digests(corpus.researchers)


def count_changes(
    root: Path, corpus: Corpus, digests: tuple[Digests, Digests]
) -> dict[str, str | Counts]:
    """Return added, changed and removed seeds and researchers against the version that serves.

    `compared_with` names that version; it is empty, and everything new, where there is none that
    can be read.
    """
    name, seeds, researchers = _before(root)
    return {
        "compared_with": name,
        "seeds": _compare(seeds, pd.Series(digests[0], index=corpus.seeds[SEED_ID])),
        "researchers": _compare(
            researchers, pd.Series(digests[1], index=corpus.researchers[RESEARCHER_ID])
        ),
    }


def _row_digests(frame: pd.DataFrame) -> Digests:
    return np.array(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)


def _before(root: Path) -> tuple[str, pd.Series, pd.Series]:
    """Return the name and the digests by id of the version that serves, if it can be read."""
    nothing = pd.Series([], dtype=np.uint64)
    try:
        version = open_current(root)
        read = {
            key: pd.read_parquet(version.folder / f"{name}.parquet", columns=[key, "digest"])
            for key, name in ((SEED_ID, "seeds"), (RESEARCHER_ID, "researchers"))
        }
    except (IndexFault, OSError, ValueError, KeyError):  # none, damaged, or of an older format
        return "", nothing, nothing
    seeds, researchers = (frame.set_index(key)["digest"] for key, frame in read.items())
    return version.name, seeds, researchers


def _compare(before: pd.Series, now: pd.Series) -> dict[str, int]:
    kept = now.index.intersection(before.index)
    changed = before.loc[kept].to_numpy() != now.loc[kept].to_numpy()
    return {
        "added": len(now) - len(kept),
        "changed": int(changed.sum()),
        "removed": len(before) - len(kept),
    }
