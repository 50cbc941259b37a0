"""Numbers words by their hashes: millions of them take eight bytes each, on disk until they are asked for."""

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_NAME = "words.npy"
_KEPT = 20_000  # places that were asked for, in memory


class WordList:
    """Distinct words; the place of one is that of its hash among all.

    Two words of one hash of 64 bits would be one: among ten million words the chance is .000003.
    """

    def __init__(self, hashes: NDArray[np.uint64]) -> None:
        self._hashes = hashes
        # needs and suggestions ask for the same words again and again
        self.place = lru_cache(_KEPT)(self._place)

    @classmethod
    def load(cls, folder: Path) -> "WordList":
        """Map what `save` wrote."""
        return cls(np.asarray(np.load(folder / _NAME, mmap_mode="r")))

    def save(self, folder: Path) -> None:
        """Write the list into an existing folder."""
        np.save(folder / _NAME, self._hashes)

    def __len__(self) -> int:
        return len(self._hashes)

    def places(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the places of the hashes of words that are all in the list."""
        return np.searchsorted(self._hashes, hashes)

    def hashes(self, places: NDArray[np.integer]) -> NDArray[np.uint64]:
        """Return the hashes of the words at these places."""
        return np.asarray(self._hashes[places], dtype=np.uint64)

    def _place(self, word: str) -> int:
        """Return the place of a word, -1 for one that is not in the list."""
        sought = np.uint64(hash_of(word))
        place = int(self._hashes.searchsorted(sought))
        return place if place < len(self) and self._hashes[place] == sought else -1


def hash_of(word: str) -> int:
    """Return the number by which a word is known, of 64 bits."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
