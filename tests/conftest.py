"""What several kinds of tests share: encoders, real and made up."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from platformdirs import user_cache_path

from enmusubi.matcher.encoder.encoder import EncodedPassage, Encoder, load_encoder, unit
from enmusubi.matcher.passages import Passage, Span

TEST_CACHE_VARIABLE = "ENMUSUBI_TEST_CACHE_DIR"
_WORD = re.compile(r"[a-z0-9]+|[\u3041-\u9fff]{1,2}")


class WordEncoder(Encoder):
    """Encodes a text as the sum of its words' fixed random vectors: shared words mean nearness.

    It splits, caches and counts as the real one does; `encoded` counts the passages it computed.
    """

    def __init__(self, dimension: int = 64) -> None:
        self.name, self.checksum, self.precision = "words", "0123456789abcdef", "fp32"
        self.dimension, self.max_tokens = dimension, 200
        self.encoded = 0
        self._prompts = {"query": "", "passage": ""}

    def token_spans(self, text: str) -> list[Span]:
        return [match.span() for match in _WORD.finditer(text.lower())]

    def _encode_missing(
        self, passages: Sequence[Passage], rows: Sequence[int], role: str
    ) -> Iterator[tuple[list[int], list[EncodedPassage]]]:
        for row in rows:
            self.encoded += 1
            sentences = passages[row].sentence_texts()
            vectors = [self._vector(text) for text in (passages[row].text, *sentences)]
            yield [row], [EncodedPassage(vectors[0], np.array(vectors[1:], dtype=np.float32))]

    def _vector(self, text: str) -> np.ndarray:
        total = np.zeros(self.dimension, dtype=np.float32)
        for word in _WORD.findall(text.lower()):
            number = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
            total += np.random.default_rng(number).standard_normal(self.dimension, np.float32)
        return unit(unit(total).astype(np.float16).astype(np.float32))


@pytest.fixture
def word_encoder() -> WordEncoder:
    """An encoder without a model: fast, and texts that share words are near each other."""
    return WordEncoder()


@pytest.fixture(scope="session")
def real_cache_dir() -> Path:
    """The folder of the built default model; it is built there once and kept."""
    named = os.environ.get(TEST_CACHE_VARIABLE)
    return Path(named) if named else user_cache_path("enmusubi", appauthor=False)


@pytest.fixture(scope="session")
def real_encoder(real_cache_dir: Path) -> Encoder:
    """The default model, in fp32 so that every machine computes the same."""
    return load_encoder("default", real_cache_dir, precision="fp32")
