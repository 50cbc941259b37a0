"""Measures a made-up version of `generate_version.py`: opening, memory, lists, and whom they find.

    measure_version.py FOLDER [--needs 40] [--exact 4]

A need has the words of a passage and a vector near to it, so that nothing is encoded. Times are of the
processor, one thread. "Exact" is the list with every passage scored and everybody seen whole.
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.versions import open_current
from matcher import ranking
from matcher.analyst import ALL
from matcher.encoder.encoder import EncodedPassage, unit
from matcher.features import people
from matcher.passages import Passage, Sentence
from matcher.recommender import Recommender
from matcher.records import Filters, Need
from matcher.snapshot import Snapshot
from matcher.version_files import read_snapshot

WORDS = 30
NOISE = 0.7  # a need's distance to the passage that it was made of
FILTERED = Filters(kinds=("paper",), since=2015)
DEPTHS = (10, 200)


class NeedVectors:
    """Stands for the encoder of a made-up version: knows the vectors of its needs."""

    name = checksum = "made-up"
    precision = "fp32"
    language_means: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.vectors: dict[str, NDArray[np.float32]] = {}

    def split(self, title: str, text: str) -> list[Passage]:
        """Return the text as one passage and sentence."""
        return [Passage(text, (Sentence(0, len(text), "text", 0),))]

    def encode(self, passages: Sequence[Passage], **_: Any) -> list[EncodedPassage]:
        """Return the vectors that the needs were given."""
        found = [self.vectors[passage.text] for passage in passages]
        return [EncodedPassage(vector, vector[None, :]) for vector in found]


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--needs", type=int, default=40)
    parser.add_argument("--exact", type=int, default=4, help="needs whose exact list is made, too")
    given = parser.parse_args()
    began, empty = time.process_time(), _private_bytes()
    snapshot = read_snapshot(open_current(given.folder))
    opened = time.process_time() - began
    n = len(snapshot.passages)
    print(f"{n} passages, {len(snapshot.researchers)} people: opened in {opened:.2f} s")
    print(f"private memory: {(_private_bytes() - empty) / n:.0f} bytes a passage once opened")
    encoder = NeedVectors(snapshot.dense.dimension)
    needs = made_needs(snapshot, encoder, 3 * given.needs)
    recommender = Recommender(snapshot, encoder)  # type: ignore[arg-type]
    recommender.answer(needs[0], filters=FILTERED)
    print(f"{(_private_bytes() - empty) / n:.0f} with what is derived and two lists")
    groups = [needs[first::3] for first in range(3)]
    _tell(
        "200 nearest passages",
        [_ms(snapshot.dense.search, encoder.vectors[x.text], 200) for x in groups[0]],
    )
    _tell("answer", [_ms(recommender.answer, x) for x in groups[1]])
    filtered = [_ms(recommender.answer, x, filters=FILTERED) for x in groups[2]]
    _tell("filtered answer", filtered)
    if given.exact:
        _tell_recall(recommender, needs[: given.exact])


def made_needs(snapshot: Snapshot, encoder: NeedVectors, count: int) -> list[Need]:
    """Return needs with the words of passages, and give the encoder vectors near to these."""
    rng = np.random.default_rng(5)
    rows = rng.choice(len(snapshot.passages), count, replace=False)
    needs = []
    for row in rows:
        words = snapshot.passages.texts("text")[int(row)].split()
        text = " ".join(rng.permutation(words)[:WORDS])
        noise = rng.standard_normal(encoder.dimension) / np.sqrt(encoder.dimension)
        encoder.vectors[text] = unit(snapshot.dense.vectors(np.array([row]))[0] + NOISE * noise)
        needs.append(Need(text=text))
    return needs


def _tell_recall(recommender: Recommender, needs: Sequence[Need]) -> None:
    found = [found_people(recommender, need) for need in needs]
    exact = exact_people(recommender, needs)
    for depth in DEPTHS:
        shares = [
            len(np.intersect1d(a[:depth], b[:depth])) / depth
            for a, b in zip(found, exact, strict=True)
        ]
        print(f"of the exact list's first {depth}: {np.mean(shares):.3f} found, {len(needs)} needs")


def exact_people(recommender: Recommender, needs: Sequence[Need]) -> list[NDArray[np.int64]]:
    """Return the people of each need's list with every passage scored and everybody seen whole."""
    with _everything_scored(len(recommender._snapshot.passages)):
        return [found_people(recommender, need) for need in needs]


def found_people(recommender: Recommender, need: Need) -> NDArray[np.int64]:
    """Return the people of a need's list."""
    analyst = recommender._analyst.of(recommender._snapshot)  # nothing is kept from before
    analysis = analyst.analysis(need, ALL, None)
    return analyst.rank(analysis, ALL, recommender.ranks_with).people.researcher_row


@contextmanager
def _everything_scored(n_passages: int) -> Iterator[None]:
    before = ranking.retrieve, ranking.SEEN_WHOLE, people.MOST_SEEDS
    every = np.arange(n_passages)
    ranking.retrieve = lambda scorer, *_: scorer.score(every)
    ranking.SEEN_WHOLE, people.MOST_SEEDS = np.inf, n_passages
    try:
        yield
    finally:
        ranking.retrieve, ranking.SEEN_WHOLE, people.MOST_SEEDS = before


def _ms(work: Any, *given: Any, **named: Any) -> float:
    began = time.process_time()
    work(*given, **named)
    return 1000 * (time.process_time() - began)


def _tell(what: str, taken: Sequence[float]) -> None:
    p50, p99 = np.percentile(taken, [50, 99])
    print(f"{what}: median {p50:.1f} ms, 99 % {p99:.1f} ms")


def _private_bytes() -> int:
    """Return the memory that is this process's alone, without what is mapped from files."""
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))


if __name__ == "__main__":
    main()
