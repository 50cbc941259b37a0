"""An index version as it would be had a person never had some seeds: to ask what made a rank."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from matcher.profiles import build_profiles
from matcher.snapshot import Snapshot
from matcher.tables import circles


def without_seeds(snapshot: Snapshot, researcher_row: int, seed_ids: Collection[str]) -> Snapshot:
    """Return the snapshot with these seeds taken from one person, and the person's profile anew.

    The seeds stay where they are, for others and for what is usual; nothing on the disk changes.
    """
    pairs = snapshot.authorships
    own = (pairs["researcher_row"] == researcher_row).to_numpy(bool)
    removed = snapshot.seeds["seed_id"].isin(list(seed_ids)).to_numpy(bool)
    gone = own & removed[pairs["seed_row"].to_numpy(np.int64)]
    kept = pairs[own & ~gone]
    seeds = kept["seed_row"].to_numpy(np.int64)  # ascending, as the authorships are
    rows = snapshot.passage_rows_of(seeds)
    profiles = snapshot.profiles.copy()
    profiles[researcher_row] = build_profiles(
        snapshot.dense.vectors(rows),
        np.searchsorted(seeds, snapshot.seed_of_passage[rows]),
        kept.assign(seed_row=np.arange(len(seeds)), researcher_row=0),
        circles(snapshot.seeds)[seeds],
        1,
    )[0]
    return replace(snapshot, authorships=pairs[~gone].reset_index(drop=True), profiles=profiles)
