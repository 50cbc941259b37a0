"""Says how many people of the exact list are found, and in which time, by how far the two searches go.

    measure_recall.py FOLDER [--needs 6]

FOLDER is what `generate_version.py` wrote. "Exact" is the list with every passage scored and everybody seen
whole; each row takes its needs by turns with the others, so that times compare. Nothing is encoded.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np
from measure_version import DEPTHS, NeedVectors, exact_people, found_people, made_needs

from indexes.versions import open_current
from matcher import ranking, retrieval
from matcher.recommender import Recommender
from matcher.version_files import read_snapshot

# passages by vector, and by words of each language; people seen whole, in re-ranked ones
DEPTHS_TRIED = (
    (3000, 1000, 2.0),
    (3000, 1000, 3.0),
    (4500, 1500, 2.0),
    (4500, 1500, 3.0),
    (6000, 2000, 4.0),
)


def main() -> None:
    """Print a row for each depth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--needs", type=int, default=6)
    given = parser.parse_args()
    snapshot = read_snapshot(open_current(given.folder))
    encoder = NeedVectors(snapshot.dense.dimension)
    needs = made_needs(snapshot, encoder, given.needs)
    recommender = Recommender(snapshot, encoder)  # type: ignore[arg-type]
    exact = exact_people(recommender, needs)
    taken: dict[tuple[int, int, float], list[float]] = {tried: [] for tried in DEPTHS_TRIED}
    shares = {tried: {depth: [] for depth in DEPTHS} for tried in DEPTHS_TRIED}
    for need, people in zip(needs, exact, strict=True):
        for tried in DEPTHS_TRIED:
            with _as_deep(*tried):
                began = time.process_time()
                found = found_people(recommender, need)
                taken[tried].append(1000 * (time.process_time() - began))
            for depth in DEPTHS:
                same = len(np.intersect1d(found[:depth], people[:depth]))
                shares[tried][depth].append(same / depth)
    for tried in DEPTHS_TRIED:
        by_vector, by_words, whole = tried
        told = ", ".join(f"of {n}: {np.mean(shares[tried][n]):.3f}" for n in DEPTHS)
        print(
            f"{by_vector} by vector, {by_words} by words, {whole * ranking.RERANKED:.0f} people seen whole: "
            f"{median(taken[tried]):.1f} ms, {told}"
        )


@contextmanager
def _as_deep(by_vector: int, by_words: int, whole: float) -> Iterator[None]:
    before = retrieval.BY_VECTOR, retrieval.BY_WORDS, ranking.SEEN_WHOLE
    retrieval.BY_VECTOR, retrieval.BY_WORDS, ranking.SEEN_WHOLE = by_vector, by_words, whole
    try:
        yield
    finally:
        retrieval.BY_VECTOR, retrieval.BY_WORDS, ranking.SEEN_WHOLE = before


if __name__ == "__main__":
    main()
