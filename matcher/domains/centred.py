"""Gives vectors that were centred for one catalogue the centre that the classifier learnt with."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.centring import LANGUAGES, Means, centre
from matcher.encoder.encoder import PASSAGE, QUERY


def centred_as_shipped(
    centred: NDArray[np.floating],
    languages: Sequence[str],
    role: str,
    means: Means,
    shipped: Means,
) -> NDArray[np.float32]:
    """Return vectors centred with `shipped` instead of `means`; shape (n, dimension) as given.

    The text's unit vector v is found again: u = (v - m) / |v - m| and |v| = 1 give v = m + s u with
    s = -u.m + sqrt((u.m)^2 + 1 - |m|^2). Vectors of zeros stay zero.
    """
    vectors = np.array(centred, dtype=np.float32, copy=True)
    labels = np.asarray(languages)
    for language in LANGUAGES:
        mean = means.get(f"{role}_{language}")
        if mean is None and role == QUERY:
            mean = means.get(f"{PASSAGE}_{language}")
        rows = np.flatnonzero(labels == language)
        if mean is not None and len(rows):
            along = vectors[rows] @ mean
            stretch = np.sqrt(np.maximum(along**2 + 1 - mean @ mean, 0)) - along
            vectors[rows] = mean + stretch[:, None] * vectors[rows]
    restored = centre(vectors, languages, role, shipped)
    return np.where(np.any(centred != 0, axis=1)[:, None], restored, 0).astype(np.float32)
