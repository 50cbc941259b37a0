"""An encoder for made-up versions, whose needs are passages of theirs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cli.measuring.made_up_catalogue import DIMENSION
from matcher.encoder.encoder import EncodedPassage, unit
from matcher.passages import Passage, Sentence


class NearPassages:
    """Encodes a passage's words as its vector, so that a need has a topic; knows nothing else."""

    name = checksum = precision = "made-up"
    dimension = DIMENSION

    def __init__(self) -> None:
        self.language_means: dict[str, Any] = {}
        self.vectors: dict[str, np.ndarray] = {}

    def split(self, title: str, text: str) -> list[Passage]:
        words = text.split(" ")
        half = len(" ".join(words[: len(words) // 2]))
        return [
            Passage(text, (Sentence(0, half, "text", 0), Sentence(half + 1, len(text), "text", 0)))
        ]

    def encode(self, passages: Sequence[Passage], **_: Any) -> list[EncodedPassage]:
        return [
            EncodedPassage(v, unit(np.stack([v, np.roll(v, 1)])))
            for v in (self.vectors[passage.text] for passage in passages)
        ]
