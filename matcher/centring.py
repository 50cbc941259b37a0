"""Removes what all texts of one language share from their vectors.

multilingual-e5 places every text of a language near one point, so that a need in Japanese is nearer
to any Japanese seed than to the English one that answers it. Subtracting each language's mean, for
needs and for passages apart, takes that away (docs/quality.md has what it brings).

The means come from the catalogue's passages and from its stored needs, never from the need at hand:
a vector must not depend on who else asks. Where there are few texts, they are drawn towards means that
ship with the project for the default encoder, as if these had been seen in 20 texts more:
mean = (n * own + 20 * shipped) / (n + 20).
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enmusubi.language import ENGLISH, JAPANESE
from indexes.stored_rows import products
from matcher.encoder.encoder import PASSAGE, QUERY, Encoder, unit

Means = Mapping[str, NDArray[np.float32]]  # "query_ja", "passage_en", …

SHIPPED_WEIGHT = 20
MIN_OWN = 20  # without shipped means, a mean of fewer texts would be noise
_SHIPPED_FILE = Path(__file__).parent / "encoder" / "language_means.json"
LANGUAGES = (ENGLISH, JAPANESE)


@cache
def shipped_means(model_checksum: str) -> Means:
    """Return the means that ship for this model, or none when it is another model."""
    shipped = json.loads(_SHIPPED_FILE.read_text("utf-8"))
    if shipped["model_checksum"] != model_checksum:
        return {}
    return {name: np.asarray(v, dtype=np.float32) for name, v in shipped["means"].items()}


def known_means(encoder: Encoder) -> Means:
    """Return the means that came with the encoder's adapter, or those that ship for its model."""
    return encoder.language_means or shipped_means(encoder.checksum)


class Sums:
    """Sums of the vectors of each language, added up in their order, a batch at a time.

    They are those of all vectors summed up together, to the last bit.
    """

    def __init__(self) -> None:
        self.of: dict[str, tuple[NDArray[np.float32], int]] = {}

    def add(self, vectors: NDArray[np.float32], languages: Sequence[str]) -> None:
        """Add vectors behind those before them."""
        labels = np.asarray(languages)
        for language in LANGUAGES:
            own = vectors[labels == language] if len(vectors) else vectors
            if not len(own):
                continue
            before = self.of.get(language)
            together = own if before is None else np.concatenate([before[0][None], own])
            count = len(own) + (before[1] if before else 0)
            self.of[language] = (np.add.reduce(together, axis=0), count)


def estimate_means(
    role: str,
    vectors: NDArray[np.float32],
    languages: Sequence[str],
    shipped: Means,
) -> dict[str, NDArray[np.float32]]:
    """Return the mean vector of each language for a role, keyed like `passage_ja`.

    A language without shipped mean and with fewer than MIN_OWN texts gets none.
    """
    sums = Sums()
    sums.add(vectors, languages)
    return means_of(role, sums, shipped)


def means_of(role: str, sums: Sums, shipped: Means) -> dict[str, NDArray[np.float32]]:
    """Return what `estimate_means` does, of vectors that were summed up."""
    means: dict[str, NDArray[np.float32]] = {}
    for language in LANGUAGES:
        key = f"{role}_{language}"
        prior = shipped.get(key)
        total, count = sums.of.get(language, (None, 0))
        # shrinkage: the shipped mean counts as SHIPPED_WEIGHT texts, so that few texts move it little
        if prior is not None:
            own = np.zeros_like(prior) if total is None else total
            weighted = (own + SHIPPED_WEIGHT * prior) / (count + SHIPPED_WEIGHT)
            means[key] = np.asarray(weighted, dtype=np.float32)
        elif total is not None and count >= MIN_OWN:
            means[key] = np.asarray(total / count, dtype=np.float32)
    return means


def centre(
    vectors: NDArray[np.float32], languages: Sequence[str], role: str, means: Means
) -> NDArray[np.float32]:
    """Return unit vectors with their language's mean taken away; shape as given.

    Needs of a language without a mean of needs use that of its passages.
    """
    centred = np.array(vectors, dtype=np.float32, copy=True)
    labels = np.asarray(languages)
    for language in LANGUAGES:
        mean = means.get(f"{role}_{language}")
        if mean is None and role == QUERY:
            mean = means.get(f"{PASSAGE}_{language}")
        if mean is not None and len(vectors):
            centred[labels == language] -= mean
    return unit(centred)


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
            along = products(vectors[rows], mean)
            stretch = np.sqrt(np.maximum(along**2 + 1 - mean @ mean, 0)) - along
            vectors[rows] = mean + stretch[:, None] * vectors[rows]
    restored = centre(vectors, languages, role, shipped)
    return np.where(np.any(centred != 0, axis=1)[:, None], restored, 0).astype(np.float32)
