"""People's profiles, and a version as it would be had a person never had some seeds."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexes.columns import Table
from indexes.stored_rows import ReplacedRow
from matcher.encoder.encoder import unit
from matcher.snapshot import Snapshot

# A work that the person chose says more of the person than any other; three times as much keeps
# a dozen other works audible.
REPRESENTATIVE_WEIGHT = 3.0
FloatArray = NDArray[np.float32]


def build_profiles(
    vectors: FloatArray,
    seed_of_vector: NDArray[np.int64],
    pairs: Table,
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
    seed_rows, person_rows = pairs.numbers("seed_row"), pairs.numbers("researcher_row")
    weights = pair_weights(pairs, levels, n_people)
    people = np.zeros((n_people, vectors.shape[1]), dtype=np.float32)
    np.add.at(people, person_rows, weights[:, None] * seeds[seed_rows])
    return unit(people)


def pair_weights(pairs: Table, levels: NDArray[np.int64], n_people: int) -> FloatArray:
    """Return how much each authorship weighs in the person's profile (see `build_profiles`)."""
    seed_rows, person_rows = pairs.numbers("seed_row"), pairs.numbers("researcher_row")
    chosen = pairs.numbers("representative")
    weights = np.where(chosen, REPRESENTATIVE_WEIGHT, 1).astype(np.float32)
    largest = np.full(n_people, np.iinfo(np.int64).max)
    np.minimum.at(largest, person_rows, levels[seed_rows])
    weights[levels[seed_rows] > largest[person_rows]] = 0
    return weights


def without_seeds(snapshot: Snapshot, researcher_row: int, seed_ids: Collection[str]) -> Snapshot:
    """Return the snapshot with these seeds taken from one person, and the person's profile anew.

    The seeds stay where they are, for others and for what is usual; nothing on the disk changes.
    """
    pairs = snapshot.authorships
    own = pairs.numbers("researcher_row") == researcher_row
    removed = np.zeros(len(snapshot.seeds), dtype=bool)
    ids = snapshot.seeds.texts("seed_id")
    removed[[row for one in seed_ids if (row := ids.row_of(one)) is not None]] = True
    gone = own & removed[pairs.numbers("seed_row")]
    kept = pairs.where(own & ~gone)
    seeds = kept.numbers("seed_row")  # ascending, as the authorships are
    rows = snapshot.passage_rows_of(seeds)
    profile = build_profiles(
        snapshot.dense.vectors(rows),
        np.searchsorted(seeds, snapshot.seed_of_passage[rows]),
        Table(
            {
                "seed_row": np.arange(len(seeds)),
                "researcher_row": np.zeros(len(seeds), dtype=np.int64),
                "representative": kept.numbers("representative"),
            }
        ),
        snapshot.seed_levels[seeds],
        1,
    )[0]
    profiles = ReplacedRow(snapshot.profiles, researcher_row, profile)
    return replace(snapshot, authorships=pairs.where(~gone), profiles=profiles)
