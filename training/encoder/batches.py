"""What the encoder is trained on: pairs of texts from one source, and who is not to be compared.

A pair's other texts in the batch serve as its negatives. Texts that belong together for another
reason than being the pair (the same person, the same paragraph) share a group and are masked.

Which batch comes at which step follows from the random state and the number of the step, so that a
resumed training goes on with the same batches: the source (each gets its share of the batches, as evenly
as can be), the rows (each once before any comes again) and their cuts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Groups = frozenset[str]
Mask = NDArray[np.bool_]

RETRIEVAL, TRANSLATION = "retrieval", "translation"  # the two losses
PEOPLE, NEEDS, QUESTIONS, SIMILAR, TRANSLATIONS = (
    "people",
    "needs",
    "questions",
    "similar",
    "translations",
)  # kinds of sources


@dataclass(frozen=True)
class TrainingPair:
    """Two texts that belong together and, where one was mined, a text that only looks so."""

    anchor: str
    positive: str
    anchor_groups: Groups = frozenset()
    positive_groups: Groups = frozenset()
    negative: str = ""
    negative_groups: Groups = frozenset()


@dataclass(frozen=True)
class TrainingBatch:
    """Pairs of one source: row i of `anchors` belongs to row i of `positives`.

    `mask` is true where two texts are not to be compared. For the retrieval loss it has the shape
    (pairs, pairs + negatives); for translations (2 * pairs, 2 * pairs), anchors before positives,
    true on the diagonal.
    """

    source: str
    loss: str
    anchors: tuple[str, ...]
    positives: tuple[str, ...]
    negatives: tuple[str, ...]
    mask: Mask


class PairSource(Protocol):
    """A collection or a file to train on; one of its rows gives a different cut each time."""

    name: str
    kind: str

    def __len__(self) -> int:
        """Return the number of rows; a pass takes each once."""
        ...

    def pair(self, row: int, rng: Random) -> TrainingPair:
        """Return a pair of a row; neither of its two texts is empty."""
        ...


def build_batch(source: str, kind: str, pairs: Sequence[TrainingPair]) -> TrainingBatch:
    """Return the batch of these pairs, the longest first, so that texts of one length are near."""
    ordered = sorted(pairs, key=lambda pair: (-len(pair.positive), -len(pair.anchor)))
    translations = kind == TRANSLATIONS
    negatives = [] if translations else [pair for pair in ordered if pair.negative]
    anchors = [pair.anchor_groups | _texts_of(pair) for pair in ordered]
    candidates = [pair.positive_groups | _texts_of(pair) for pair in ordered]
    if translations:
        anchors = candidates = anchors + candidates
    else:
        candidates += [pair.negative_groups | {f"+{pair.negative}"} for pair in negatives]
    mask = _shared(anchors, candidates)
    own = np.arange(len(ordered))
    if translations:
        mask[own, own + len(own)] = mask[own + len(own), own] = False
    else:
        mask[own, own] = False
    return TrainingBatch(
        source=source,
        loss=TRANSLATION if translations else RETRIEVAL,
        anchors=tuple(pair.anchor for pair in ordered),
        positives=tuple(pair.positive for pair in ordered),
        negatives=tuple(pair.negative for pair in negatives),
        mask=mask,
    )


def _texts_of(pair: TrainingPair) -> Groups:
    """Return groups that make pairs with the same anchor or the same positive belong together."""
    return frozenset((f"-{pair.anchor}", f"+{pair.positive}"))


def _shared(rows: Sequence[Groups], columns: Sequence[Groups]) -> Mask:
    """Return which rows and columns share a group."""
    mask = np.zeros((len(rows), len(columns)), dtype=np.bool_)
    places: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, all_groups in enumerate((rows, columns)):
        for place, groups in enumerate(all_groups):
            for group in groups:
                places[group][side].append(place)
    for row_places, column_places in places.values():
        mask[np.ix_(row_places, column_places)] = True
    return mask


class BatchStream:
    """The batches of a training by step, from 0; `len` is where it ends."""

    def __init__(
        self,
        sources: Sequence[PairSource],
        weights: Mapping[str, float],
        *,
        batch: int,
        length: int,
        random_state: int,
    ) -> None:
        self._sources = list(sources)
        total = sum(weights[source.name] for source in sources)
        self._shares = [weights[source.name] / total for source in sources]
        self._batch = batch
        self._length = length
        self._random_state = random_state
        self._plan: list[tuple[int, int]] = []  # source and how many batches it had before
        self._given = [0] * len(self._sources)
        self._passes: dict[int, tuple[int, list[int]]] = {}

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, step: int) -> TrainingBatch:
        """Return the batch of a step."""
        place, earlier = self._planned(step)
        source = self._sources[place]
        rng = self._rng(step)
        pairs = [source.pair(row, rng) for row in self._rows(place, earlier)]
        return build_batch(source.name, source.kind, pairs)

    def _planned(self, step: int) -> tuple[int, int]:
        while len(self._plan) <= step:
            missing = [
                share * (len(self._plan) + 1) - given
                for share, given in zip(self._shares, self._given, strict=True)
            ]
            place = missing.index(max(missing))
            self._plan.append((place, self._given[place]))
            self._given[place] += 1
        return self._plan[step]

    def _rows(self, place: int, earlier: int) -> list[int]:
        count = len(self._sources[place])
        size = min(self._batch, count)
        return [
            self._pass(place, position // count)[position % count]
            for position in range(earlier * size, (earlier + 1) * size)
        ]

    def _pass(self, place: int, number: int) -> list[int]:
        """Return the order of a source's rows in one pass over them."""
        known = self._passes.get(place)
        if known is None or known[0] != number:
            rows = list(range(len(self._sources[place])))
            self._rng(self._sources[place].name, number).shuffle(rows)
            self._passes[place] = known = (number, rows)
        return known[1]

    def _rng(self, *parts: object) -> Random:
        return Random("/".join(map(str, (self._random_state, *parts))))  # noqa: S311
