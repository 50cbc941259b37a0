"""Decides before the search which researchers and passages a match may use."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.matcher.errors import InputError
from enmusubi.matcher.records import SEED_KINDS, Filters
from enmusubi.matcher.snapshot import Snapshot


@dataclass(frozen=True)
class Allowed:
    """What is left: a flag for each researcher row, and the passage rows (None: all)."""

    researchers: NDArray[np.bool_]
    passages: NDArray[np.int64] | None


def apply_filters(filters: Filters, snapshot: Snapshot) -> Allowed:
    """Return which researchers and passages may be matched.

    A passage is left when its seed passes and one of the seed's people does.
    """
    seed_rows, researcher_rows = snapshot.authorship_rows
    people = _named(snapshot.researchers, "institution", filters.institutions)
    people &= _named(snapshot.researchers, "department", filters.departments)
    seeds = _seeds_of_kind_and_year(snapshot.seeds, filters)
    usable = seeds[seed_rows] & people[researcher_rows]
    with_seed = np.zeros(len(people), dtype=bool)
    with_seed[researcher_rows[usable]] = True
    owned = np.zeros(len(seeds), dtype=bool)
    owned[seed_rows[usable]] = True
    passages = np.flatnonzero(owned[snapshot.seed_of_passage])
    everything = len(passages) == len(snapshot.passages)
    return Allowed(with_seed, None if everything else passages)


def _named(frame: pd.DataFrame, field: str, wanted: Sequence[str]) -> NDArray[np.bool_]:
    """Rows whose name, in either script, contains one of the wanted parts."""
    parts = [part.strip().casefold() for part in wanted if part.strip()]
    if not parts:
        return np.ones(len(frame), dtype=bool)
    kept = np.zeros(len(frame), dtype=bool)
    for language in ("ja", "en"):
        names = frame[f"{field}_{language}"].str.casefold()
        for part in parts:
            kept |= names.str.contains(part, regex=False).to_numpy(bool)
    return kept


def _seeds_of_kind_and_year(seeds: pd.DataFrame, filters: Filters) -> NDArray[np.bool_]:
    kept = np.ones(len(seeds), dtype=bool)
    if filters.kinds:
        known = set(SEED_KINDS) | set(seeds["kind"])
        unknown = sorted(set(filters.kinds) - known)
        if unknown:
            raise InputError(
                f"Unknown kind of seed: {', '.join(unknown)}. Known are {', '.join(sorted(known))}."
            )
        kept &= seeds["kind"].isin(list(filters.kinds)).to_numpy(bool)
    if filters.since is not None:
        kept &= (seeds["year"].fillna(-1) >= filters.since).to_numpy(bool)
    return kept
