"""People's profiles: what all the work of a person is about, as one vector."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.matcher.encoder.encoder import unit

# A work that the person chose says more of the person than any other; three times as much keeps
# a dozen other works audible.
REPRESENTATIVE_WEIGHT = 3.0
FloatArray = NDArray[np.float32]


def build_profiles(
    vectors: FloatArray,
    seed_of_vector: NDArray[np.int64],
    pairs: pd.DataFrame,
    public_seeds: NDArray[np.bool_],
    n_people: int,
) -> FloatArray:
    """Return each person's profile: the unit mean of the unit means of their seeds' passages.

    `vectors` are passages', of the seeds that `seed_of_vector` names; `pairs` has seed_row,
    researcher_row and representative. Representative works weigh REPRESENTATIVE_WEIGHT; seeds that
    are not public count only for those who have no others.
    """
    seeds = np.zeros((len(public_seeds), vectors.shape[1]), dtype=np.float32)
    np.add.at(seeds, seed_of_vector, vectors)
    seeds = unit(seeds)
    seed_rows, person_rows = pairs["seed_row"].to_numpy(), pairs["researcher_row"].to_numpy()
    weights = np.where(pairs["representative"], REPRESENTATIVE_WEIGHT, 1).astype(np.float32)
    public = public_seeds[seed_rows]
    with_public = np.zeros(n_people, dtype=bool)
    with_public[person_rows[public]] = True
    weights[~public & with_public[person_rows]] = 0
    people = np.zeros((n_people, vectors.shape[1]), dtype=np.float32)
    np.add.at(people, person_rows, weights[:, None] * seeds[seed_rows])
    return unit(people)
