"""Rows that are scored by the token statistics of other rows, and change nothing in them.

How rare a token is and how long a row usually is are learnt from the rows that count; these are found
by the same measure, whatever there are of them.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_ARRAYS_NAME, _VOCABULARY_NAME = "uncounted.npz", "uncounted.json"  # as older versions named them
_NOWHERE = np.zeros(0, dtype=np.int64)
_NOTHING = np.zeros(0, dtype=np.float32)


@dataclass(frozen=True)
class RowsOutsideStatistics:
    """Postings by token: places in `rows`, and what the token adds to each row's score."""

    rows: NDArray[np.int64]
    vocabulary: Mapping[str, int]
    borders: NDArray[np.int64]  # of each token's postings
    places: NDArray[np.int64]
    values: NDArray[np.float32]

    @classmethod
    def build(
        cls,
        tokens: Sequence[Sequence[str]],
        rows: NDArray[np.int64],
        value_of: Callable[[str, int, int], float],
    ) -> "RowsOutsideStatistics":
        """Index the tokens of each row; `value_of` gives what a token adds to a row's score.

        It is called with the token, its occurrences in the row and the row's length.
        """
        found: dict[str, list[tuple[int, float]]] = {}
        for place, words in enumerate(tokens):
            for token, count in Counter(words).items():
                found.setdefault(token, []).append((place, value_of(token, count, len(words))))
        ordered = sorted(found)
        postings = [posting for token in ordered for posting in found[token]]
        return cls(
            rows=np.asarray(rows, dtype=np.int64),
            vocabulary={token: number for number, token in enumerate(ordered)},
            borders=np.cumsum([0, *(len(found[token]) for token in ordered)]),
            places=np.array([place for place, _ in postings], dtype=np.int64),
            values=np.array([value for _, value in postings], dtype=np.float32),
        )

    @classmethod
    def none(cls) -> "RowsOutsideStatistics":
        """Return no rows."""
        return cls(_NOWHERE, {}, np.zeros(1, dtype=np.int64), _NOWHERE, _NOTHING)

    @classmethod
    def load(cls, folder: Path) -> "RowsOutsideStatistics":
        """Read what `save` wrote; none where it wrote nothing."""
        if not (folder / _ARRAYS_NAME).exists():
            return cls.none()
        with np.load(folder / _ARRAYS_NAME) as stored:
            arrays = {name: stored[name] for name in stored.files}
        vocabulary = json.loads((folder / _VOCABULARY_NAME).read_text("utf-8"))
        return cls(vocabulary={token: n for n, token in enumerate(vocabulary)}, **arrays)

    def save(self, folder: Path) -> None:
        """Write the rows into an existing folder, if there are any."""
        if len(self.rows):
            names = ("rows", "borders", "places", "values")
            np.savez(folder / _ARRAYS_NAME, **{name: getattr(self, name) for name in names})
            vocabulary = json.dumps(list(self.vocabulary), ensure_ascii=False)
            (folder / _VOCABULARY_NAME).write_text(vocabulary, "utf-8")

    def postings(self, token: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the places of the rows that contain the token, and what it adds to each."""
        number = self.vocabulary.get(token)
        if number is None:
            return _NOWHERE, _NOTHING
        start, end = self.borders[number : number + 2]
        return self.places[start:end], self.values[start:end]
