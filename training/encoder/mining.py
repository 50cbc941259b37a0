"""Finds hard negatives: seeds that the untuned encoder takes for a person's, but are not.

A candidate nearer to a seed than the person's own nearest other seed, less a margin, is left out:
it is as likely a colleague's work on the same thing as a mistake of the encoder (the reasoning of
"TopK-MarginPos" in Moreira et al. 2024, "NV-Retriever").
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.centring import centre, estimate_means
from matcher.encoder.encoder import PASSAGE, Encoder, OnProgress
from matcher.encoder.vector_cache import VectorCache
from training.encoder.batches import Groups
from training.encoder.people import Seeds

MARGIN = 0.05  # of the cosine of centred vectors
NEGATIVES = 8
_BLOCK = 512


def mine(
    seeds: Seeds, encoder: Encoder, cache: VectorCache, on_progress: OnProgress | None = None
) -> Seeds:
    """Return the seeds with up to NEGATIVES negatives each, found with the encoder's vectors."""
    passages = [encoder.split(text.title, text.body)[0] for text in seeds.texts]
    encoded = encoder.encode(passages, role=PASSAGE, cache=cache, on_progress=on_progress)
    vectors = np.array([passage.vector for passage in encoded], dtype=np.float32)
    languages = [text.language for text in seeds.texts]
    means = estimate_means(PASSAGE, vectors, languages, {})
    centred = centre(vectors, languages, PASSAGE, means)
    return Seeds(seeds.texts, seeds.owners, near_negatives(centred, seeds.owners))


def near_negatives(
    vectors: NDArray[np.float32],
    owners: Sequence[Groups],
    *,
    count: int = NEGATIVES,
    margin: float = MARGIN,
) -> list[tuple[int, ...]]:
    """Return for every row of unit vectors the nearest rows of other owners, the nearest first.

    Rows nearer than the nearest row of the same owner less `margin` are left out, and with them all
    of a row whose owner has no other.
    """
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, groups in enumerate(owners):
        for group in groups:
            rows_of[group].append(row)
    negatives: list[tuple[int, ...]] = []
    for start in range(0, len(vectors), _BLOCK):
        similarities = vectors[start : start + _BLOCK] @ vectors.T
        for offset, near in enumerate(similarities):
            row = start + offset
            own = sorted({other for group in owners[row] for other in rows_of[group]} - {row})
            ceiling = float(near[own].max()) - margin if own else -np.inf
            near[[*own, row]] = -np.inf
            near[near > ceiling] = -np.inf
            negatives.append(_highest(near, count))
    return negatives


def _highest(similarities: NDArray[np.float32], count: int) -> tuple[int, ...]:
    best = np.argpartition(-similarities, min(count, len(similarities) - 1))[:count]
    ordered = best[np.lexsort((best, -similarities[best]))]
    return tuple(int(row) for row in ordered if similarities[row] > -np.inf)
