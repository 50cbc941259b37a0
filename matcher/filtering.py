"""Decides before the search which researchers and passages a match may use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import InputError
from enmusubi.language import ENGLISH, JAPANESE
from enmusubi.messages import FILTER, listed, word
from indexes.columns import Table
from indexes.selection import Selection
from matcher.records import PUBLIC, SEED_KINDS, VISIBILITIES, Filters
from matcher.snapshot import Snapshot, code_key

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Allowed:
    """What is left: a flag for each researcher row, and the passages (None: all of them).

    `seeds` are those that have such a passage, None together with `passages`. `is_narrowed` says whether
    anything but the visibility of seeds leaves out a passage, `languages` of which languages passages are
    left (none: of all), `left_out` are people who are left out besides.
    """

    researchers: Mask
    passages: Selection | None
    seeds: Selection | None = None
    is_narrowed: bool = True
    languages: tuple[str, ...] = ()
    left_out: tuple[int, ...] = ()

    @cached_property
    def n_researchers(self) -> int:
        """How many people are left."""
        return int(self.researchers.sum()) - sum(bool(self.researchers[r]) for r in self.left_out)

    def leaves_few(self, most: int) -> bool:
        """Say whether a filter leaves at most so many passages."""
        return self.passages is not None and self.is_narrowed and self.passages.count <= most

    @cached_property
    def passage_rows(self) -> NDArray[np.int64]:
        """The passages that a filter leaves, ascending; kept, so to be asked for where they are few."""
        return self.passages.rows() if self.passages else np.zeros(0, dtype=np.int64)

    def lets(self, researcher_rows: NDArray[np.int64]) -> Mask:
        """Say of each of these people whether they are left."""
        kept = self.researchers[researcher_rows]
        return kept & ~np.isin(researcher_rows, self.left_out) if self.left_out else kept

    def keeps(self, passage_rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of the passages that are left, in their order."""
        return (
            passage_rows
            if self.passages is None
            else passage_rows[self.passages.holds(passage_rows)]
        )

    def without(self, researcher_rows: Sequence[int]) -> "Allowed":
        """Return what is left once these people are left out, too; their passages stay for others."""
        return (
            replace(self, left_out=tuple(sorted(set(researcher_rows)))) if researcher_rows else self
        )

    def equals(self, other: "Allowed") -> bool:
        """Say whether the same researchers and passages are left."""
        same = self.passages == other.passages and self.left_out == other.left_out
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
    left = owned[snapshot.seed_of_passage] & in_language
    passages = Selection.of(left)
    is_everything = passages.count == len(left)
    with_text = np.zeros(len(seeds), dtype=bool)
    with_text[snapshot.seed_of_passage[left]] = True
    seen = int(visible_seeds(snapshot, filters)[snapshot.seed_of_passage].sum())
    return Allowed(
        with_seed,
        None if is_everything else passages,
        None if is_everything else Selection.of(with_text),
        is_narrowed=passages.count != seen,
        languages=tuple(filters.languages),
    )


def _passing_seeds(snapshot: Snapshot, filters: Filters) -> Mask:
    known_kinds = {*SEED_KINDS, *snapshot.kinds} if filters.kinds else set()
    _check_known(filters.kinds, known_kinds, "kind of seed")
    _check_known(filters.visibilities, set(VISIBILITIES), "visibility")
    kept = visible_seeds(snapshot, filters)
    if filters.kinds:
        kept &= snapshot.seed_kinds.among(filters.kinds)
    if filters.since is not None:  # an unknown year is NaN and neither before nor after
        kept &= snapshot.seeds.numbers("year") >= filters.since
    if filters.until is not None:
        kept &= snapshot.seeds.numbers("year") <= filters.until
    return kept & _in_field(snapshot, filters.fields)


def visible_seeds(snapshot: Snapshot, filters: Filters) -> Mask:
    """Say of each seed row whether the filters let it be seen at all, whatever else they ask."""
    # nothing named means public, never everything: what is confidential must be asked for
    return snapshot.seeds.categories("visibility").among(filters.visibilities or (PUBLIC,))


def _named(people: Table, field: str, wanted: Sequence[str]) -> Mask:
    """Rows whose name, in either script, contains one of the wanted parts."""
    parts = [part.strip().casefold() for part in wanted if part.strip()]
    if not parts:
        return np.ones(len(people), dtype=bool)
    kept = np.zeros(len(people), dtype=bool)
    for language in ("ja", "en"):
        names = people.categories(f"{field}_{language}")
        kept |= names.among(n for n in names.names if any(part in n.casefold() for part in parts))
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
    return snapshot.language_of_passage.among(wanted)


def _check_known(wanted: Sequence[str], known: set[str], what: str) -> None:
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise InputError(
            "Unknown %(what)s: %(names)s. Known are %(known)s.",
            what=word(FILTER, what),
            names=listed(unknown),
            known=listed(sorted(known)),
        )
