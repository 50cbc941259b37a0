"""What the encoder is trained on: pairs of texts from one source, and who is not to be compared.

A pair's other texts in the batch serve as its negatives. Texts that belong together for another
reason than being the pair (the same person, the same paragraph) share a group and are masked.
"""

from collections import defaultdict
from collections.abc import Sequence
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
