"""Encodings kept in memory for a moment: those of needs that were encoded together."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from matcher.encoder.encoder import EncodedPassage


class KeptVectors(Protocol):
    """Where encodings are looked for and put: `VectorCache`, or this moment's."""

    def read(self, keys: Iterable[bytes], dimension: int) -> dict[bytes, EncodedPassage]:
        """Return what is kept of `keys`."""
        ...

    def write(self, encoded: Mapping[bytes, EncodedPassage]) -> None:
        """Keep encodings."""
        ...


class PassingVectors:
    """Encodings as they were computed, gone with this object; nothing of them is written to disk."""

    def __init__(self) -> None:
        self._kept: dict[bytes, EncodedPassage] = {}

    def read(self, keys: Iterable[bytes], dimension: int) -> dict[bytes, EncodedPassage]:
        """Return what is kept of `keys`."""
        return {key: self._kept[key] for key in keys if key in self._kept}

    def write(self, encoded: Mapping[bytes, EncodedPassage]) -> None:
        """Keep encodings."""
        self._kept.update(encoded)
