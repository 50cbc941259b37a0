"""One index version in memory: what a match list needs, read once, never changed.

Also people's profiles, and the version as it would be had a person never had some seeds.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.errors import UnknownIdError
from indexes.dense import DenseIndex
from indexes.lexical import LexicalIndexes
from matcher.centring import Means
from matcher.encoder.encoder import unit
from matcher.records import PUBLIC
from matcher.tables import in_statistics, visibility_levels
from matcher.term_links import Vocabulary

# A work that the person chose says more of the person than any other; three times as much keeps
# a dozen other works audible.
REPRESENTATIVE_WEIGHT = 3.0
MIN_SAMPLE = 30  # fewer passages say little about a language's level of scores
MAX_SAMPLE = 2000
FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Snapshot:
    """Indexes and tables of one version.

    `passages` has seed_row, lang, text, first_sentence and lists of sentence places; a passage's
    row is its position. `authorships` has seed_row, researcher_row and representative.
    """

    version: str
    manifest: dict[str, Any]
    dense: DenseIndex
    lexical: LexicalIndexes
    sentence_vectors: NDArray[np.float16]  # all sentences, centred; memory-mapped
    profiles: NDArray[np.float32]  # (n_researchers, dimension): unit mean of the person's seeds
    means: Means
    passages: pd.DataFrame
    seeds: pd.DataFrame
    researchers: pd.DataFrame
    authorships: pd.DataFrame
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)

    @cached_property
    def seed_of_passage(self) -> NDArray[np.int64]:
        """Seed row of every passage row."""
        return self.passages["seed_row"].to_numpy(np.int64)

    def passage_rows_of(self, seed_rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the passage rows of the seeds, ascending where the seed rows are."""
        first = np.searchsorted(self.seed_of_passage, seed_rows, side="left")
        counts = np.searchsorted(self.seed_of_passage, seed_rows, side="right") - first
        before = np.cumsum(counts) - counts
        rows = np.arange(counts.sum()) + np.repeat(first - before, counts)
        return np.asarray(rows, dtype=np.int64)

    @cached_property
    def sentence_borders(self) -> NDArray[np.int64]:
        """Row of every passage's first sentence vector, and the number of all at the end."""
        first = self.passages["first_sentence"].to_numpy(np.int64)
        return np.append(first, len(self.sentence_vectors))

    @cached_property
    def public_seeds(self) -> NDArray[np.bool_]:
        """Whether every seed row is public."""
        return (self.seeds["visibility"] == PUBLIC).to_numpy(bool)

    @cached_property
    def public_passages(self) -> NDArray[np.bool_]:
        """Whether every passage row is of a public seed."""
        return self.public_seeds[self.seed_of_passage]

    @cached_property
    def public_passage_counts(self) -> dict[str, int]:
        """Number of passages of public seeds, by language."""
        languages, counts = np.unique(
            self.language_of_passage[self.public_passages], return_counts=True
        )
        return {str(name): int(count) for name, count in zip(languages, counts, strict=True)}

    @cached_property
    def seed_years(self) -> NDArray[np.float64]:
        """Year of every seed row, NaN where it is unknown."""
        years = self.seeds["year"].astype("Float64")
        return np.asarray(years.to_numpy(np.float64, na_value=np.nan), dtype=np.float64)

    @cached_property
    def seed_kinds(self) -> NDArray[np.object_]:
        """Kind of every seed row; the few kinds' names are shared."""
        return np.asarray(self.seeds["kind"].astype("category").astype(object).to_numpy())

    @cached_property
    def newest_years(self) -> NDArray[np.float64]:
        """Year of every researcher's newest public seed, NaN where it is not known."""
        seed_rows, owners = self.authorship_rows
        newest = np.full(len(self.researchers), np.nan)
        np.fmax.at(newest, owners, np.where(self.public_seeds, self.seed_years, np.nan)[seed_rows])
        return newest

    @cached_property
    def industry_seeds(self) -> NDArray[np.int64]:
        """Number of every researcher's public pieces of work with companies."""
        return self.researchers["industry_seeds"].to_numpy(np.int64)

    @cached_property
    def seed_counts(self) -> NDArray[np.int64]:
        """Number of public seeds of every researcher row."""
        seed_rows, owners = self.authorship_rows
        return np.bincount(owners[self.public_seeds[seed_rows]], minlength=len(self.researchers))

    @cached_property
    def language_of_passage(self) -> NDArray[np.str_]:
        """Language of every passage row."""
        return self.passages["lang"].to_numpy(dtype=str)

    @cached_property
    def sample_rows(self) -> dict[str, NDArray[np.int64]]:
        """Evenly spaced passage rows of each language that has at least MIN_SAMPLE of them.

        Of passages that make statistics alone: what is hidden must not change others' scores.
        """
        samples = {}
        making = in_statistics(self.seeds)[self.seed_of_passage]
        for language in np.unique(self.language_of_passage):
            rows = np.flatnonzero(making & (self.language_of_passage == language))
            if len(rows) >= MIN_SAMPLE:
                step = -(-len(rows) // MAX_SAMPLE)
                samples[str(language)] = rows[::step]
        return samples

    @cached_property
    def authorship_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Seed rows and researcher rows of all authorships, by seed."""
        pairs = self.authorships
        return pairs["seed_row"].to_numpy(np.int64), pairs["researcher_row"].to_numpy(np.int64)

    @cached_property
    def representative_pairs(self) -> frozenset[tuple[int, int]]:
        """Pairs of seed row and researcher row where the person chose the seed."""
        chosen = self.authorships[self.authorships["representative"]]
        return frozenset(zip(chosen["seed_row"], chosen["researcher_row"], strict=True))

    @cached_property
    def seeds_of_code(self) -> dict[str, NDArray[np.int64]]:
        """Seed rows of every field code, the codes as `code_key` writes them."""
        codes = self.seeds["field_codes"].reset_index(drop=True).str.split(";").explode()
        keys = codes[codes.str.strip() != ""].map(code_key)
        return {str(code): group.index.to_numpy(np.int64) for code, group in keys.groupby(keys)}


def unknown_researcher(researcher_id: str, snapshot: Snapshot) -> UnknownIdError:
    """Return the error of an id that no researcher of the version has."""
    return UnknownIdError(
        "No researcher has the id %(id)r in index version %(version)s.",
        id=researcher_id,
        version=snapshot.version,
    )


def code_key(code: str) -> str:
    """Return a field code without blanks, in one width and case: `ipc:c08l1/02`."""
    return "".join(unicodedata.normalize("NFKC", code).casefold().split())


def build_profiles(
    vectors: FloatArray,
    seed_of_vector: NDArray[np.int64],
    pairs: pd.DataFrame,
    levels: NDArray[np.int64],
    n_people: int,
) -> FloatArray:
    """Return each person's profile: the unit mean of the unit means of their seeds' passages.

    `vectors` are passages', of the seeds that `seed_of_vector` names; `pairs` has seed_row,
    researcher_row and representative, `levels` has the level of each seed (see
    `tables.visibility_levels`).
    Representative works weigh REPRESENTATIVE_WEIGHT; of a person's seeds those of the lowest level
    alone count: who sees none of them doesn't see the person either.
    """
    seeds = np.zeros((len(levels), vectors.shape[1]), dtype=np.float32)
    np.add.at(seeds, seed_of_vector, vectors)
    seeds = unit(seeds)
    seed_rows, person_rows = pairs["seed_row"].to_numpy(), pairs["researcher_row"].to_numpy()
    weights = np.where(pairs["representative"], REPRESENTATIVE_WEIGHT, 1).astype(np.float32)
    largest = np.full(n_people, np.iinfo(np.int64).max)
    np.minimum.at(largest, person_rows, levels[seed_rows])
    weights[levels[seed_rows] > largest[person_rows]] = 0
    people = np.zeros((n_people, vectors.shape[1]), dtype=np.float32)
    np.add.at(people, person_rows, weights[:, None] * seeds[seed_rows])
    return unit(people)


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
        visibility_levels(snapshot.seeds)[seeds],
        1,
    )[0]
    return replace(snapshot, authorships=pairs[~gone].reset_index(drop=True), profiles=profiles)
