"""Decides before the search which researchers and passages a match may use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.errors import InputError
from enmusubi.language import ENGLISH, JAPANESE
from enmusubi.messages import FILTER, listed, word
from matcher.records import PUBLIC, SEED_KINDS, VISIBILITIES, Filters
from matcher.snapshot import Snapshot, code_key

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Allowed:
    """What is left: a flag for each researcher row, and the passage rows (None: all).

    `is_narrowed` says whether anything but the visibility of seeds leaves out a passage.
    """

    researchers: Mask
    passages: NDArray[np.int64] | None
    is_narrowed: bool = True

    def without(self, researcher_rows: Sequence[int]) -> "Allowed":
        """Return what is left once these people are left out, too; their passages stay for others."""
        if not researcher_rows:
            return self
        left = self.researchers.copy()
        left[list(researcher_rows)] = False
        return replace(self, researchers=left)

    def equals(self, other: "Allowed") -> bool:
        """Say whether the same researchers and passages are left."""
        if (self.passages is None) != (other.passages is None):
            return False
        same = self.passages is None or np.array_equal(self.passages, other.passages)  # type: ignore[arg-type]
        return same and bool(np.array_equal(self.researchers, other.researchers))


def apply_filters(filters: Filters, snapshot: Snapshot, among: Mask | None = None) -> Allowed:
    """Return which researchers and passages may be matched.

    A passage is left when it is in a language that was asked for, its seed passes and one of the
    seed's people does. Only public seeds pass unless the filters name other visibilities. `among` is
    a flag for each researcher who may be left at all.
    """
    seed_rows, researcher_rows = snapshot.authorship_rows
    people = _named(snapshot.researchers, "institution", filters.institutions)
    people &= _named(snapshot.researchers, "department", filters.departments)
    people &= _named(snapshot.researchers, "position", filters.positions)
    if among is not None:
        people &= among
    in_language = _in_language(snapshot, filters.languages)
    seeds = _passing_seeds(snapshot, filters)
    if filters.languages:
        with_passage = np.zeros(len(seeds), dtype=bool)
        with_passage[snapshot.seed_of_passage[in_language]] = True
        seeds &= with_passage
    usable = seeds[seed_rows] & people[researcher_rows]
    with_seed = np.zeros(len(people), dtype=bool)
    with_seed[researcher_rows[usable]] = True
    owned = np.zeros(len(seeds), dtype=bool)
    owned[seed_rows[usable]] = True
    passages = np.flatnonzero(owned[snapshot.seed_of_passage] & in_language)
    everything = len(passages) == len(snapshot.passages)
    seen = int(visible_seeds(snapshot, filters)[snapshot.seed_of_passage].sum())
    return Allowed(with_seed, None if everything else passages, len(passages) != seen)


def _passing_seeds(snapshot: Snapshot, filters: Filters) -> Mask:
    seeds = snapshot.seeds
    known_kinds = {*SEED_KINDS, *seeds["kind"]} if filters.kinds else set()
    _check_known(filters.kinds, known_kinds, "kind of seed")
    _check_known(filters.visibilities, set(VISIBILITIES), "visibility")
    kept = visible_seeds(snapshot, filters)
    if filters.kinds:
        kept &= seeds["kind"].isin(list(filters.kinds)).to_numpy(bool)
    if filters.since is not None:
        kept &= (seeds["year"] >= filters.since).fillna(value=False).to_numpy(bool)
    if filters.until is not None:
        kept &= (seeds["year"] <= filters.until).fillna(value=False).to_numpy(bool)
    return kept & _in_field(snapshot, filters.fields)


def visible_seeds(snapshot: Snapshot, filters: Filters) -> Mask:
    """Say of each seed row whether the filters let it be seen at all, whatever else they ask."""
    # nothing named means public, never everything: what is confidential must be asked for
    visible = snapshot.seeds["visibility"].isin(list(filters.visibilities or (PUBLIC,)))
    return visible.to_numpy(bool, copy=True)


def _named(frame: pd.DataFrame, field: str, wanted: Sequence[str]) -> Mask:
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


def _in_field(snapshot: Snapshot, wanted: Sequence[str]) -> Mask:
    """Seed rows with a code that begins with one of the wanted ones, with its scheme or without."""
    prefixes = tuple(key for code in wanted if (key := code_key(code)))
    if not prefixes:
        return np.ones(len(snapshot.seeds), dtype=bool)
    kept = np.zeros(len(snapshot.seeds), dtype=bool)
    for code, rows in snapshot.seeds_of_code.items():
        if code.startswith(prefixes) or code.partition(":")[2].startswith(prefixes):
            kept[rows] = True
    return kept


def _in_language(snapshot: Snapshot, wanted: Sequence[str]) -> Mask:
    _check_known(wanted, {JAPANESE, ENGLISH}, "language")
    if not wanted:
        return np.ones(len(snapshot.passages), dtype=bool)
    return np.isin(snapshot.language_of_passage, list(wanted))


def _check_known(wanted: Sequence[str], known: set[str], what: str) -> None:
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise InputError(
            "Unknown %(what)s: %(names)s. Known are %(known)s.",
            what=word(FILTER, what),
            names=listed(unknown),
            known=listed(sorted(known)),
        )
