"""People's profiles: what all the work of a person is about, as one vector."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.encoder.encoder import unit

# A work that the person chose says more of the person than any other; three times as much keeps
# a dozen other works audible.
REPRESENTATIVE_WEIGHT = 3.0
FloatArray = NDArray[np.float32]


def build_profiles(
    vectors: FloatArray,
    seed_of_vector: NDArray[np.int64],
    pairs: pd.DataFrame,
    circles: NDArray[np.int64],
    n_people: int,
) -> FloatArray:
    """Return each person's profile: the unit mean of the unit means of their seeds' passages.

    `vectors` are passages', of the seeds that `seed_of_vector` names; `pairs` has seed_row,
    researcher_row and representative, `circles` is that of each seed (see `tables.circles`).
    Representative works weigh REPRESENTATIVE_WEIGHT; of a person's seeds those of the largest circle
    alone count: who sees none of them doesn't see the person either.
    """
    seeds = np.zeros((len(circles), vectors.shape[1]), dtype=np.float32)
    np.add.at(seeds, seed_of_vector, vectors)
    seeds = unit(seeds)
    seed_rows, person_rows = pairs["seed_row"].to_numpy(), pairs["researcher_row"].to_numpy()
    weights = np.where(pairs["representative"], REPRESENTATIVE_WEIGHT, 1).astype(np.float32)
    largest = np.full(n_people, np.iinfo(np.int64).max)
    np.minimum.at(largest, person_rows, circles[seed_rows])
    weights[circles[seed_rows] > largest[person_rows]] = 0
    people = np.zeros((n_people, vectors.shape[1]), dtype=np.float32)
    np.add.at(people, person_rows, weights[:, None] * seeds[seed_rows])
    return unit(people)
