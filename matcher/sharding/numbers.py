"""The rows of a shard by their numbers in the whole catalogue."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matcher.sharding.shard import IntArray

NUMBERS_NAME = "numbers"


@dataclass(frozen=True)
class Numbers:
    """The numbers in the whole catalogue of a shard's rows; each ascends."""

    passages: IntArray
    seeds: IntArray
    researchers: IntArray

    @classmethod
    def load(cls, folder: Path) -> "Numbers":
        """Map what `save` wrote into a version's folder."""
        names = cls.__dataclass_fields__
        of = folder / NUMBERS_NAME
        return cls(**{n: np.asarray(np.load(of / f"{n}.npy", mmap_mode="r")) for n in names})

    def save(self, folder: Path) -> None:
        """Write the numbers into a version's folder."""
        (folder / NUMBERS_NAME).mkdir()
        for name, values in vars(self).items():
            np.save(folder / NUMBERS_NAME / f"{name}.npy", values)

    def rows_of(self, people: IntArray) -> IntArray:
        """Return where people stand here, all of whom are."""
        return np.asarray(np.searchsorted(self.researchers, people), dtype=np.int64)


def places_of(wanted: IntArray | None, numbers: IntArray) -> IntArray:
    """Return the places of those numbers that are there; both ascend."""
    if wanted is None:
        raise ValueError("a step was asked for before the one that chooses for it")
    at = np.searchsorted(numbers, wanted)
    inside = at < len(numbers)
    at, wanted = at[inside], wanted[inside]
    return np.asarray(at[numbers[at] == wanted], dtype=np.int64)
