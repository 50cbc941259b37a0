"""What an index is built of: a corpus's seeds, cut, encoded and tokenised batch by batch."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.language import clean_text, detect_language
from matcher.encoder.encoder import PASSAGE, Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.passages import Passage
from matcher.tokens import TOKENIZERS

OnTotal = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class CorpusSource:
    """Cuts, encodes and tokenises a corpus's seeds, and counts what was encoded."""

    def __init__(self, encoder: Encoder, cache: VectorCache | None, report: OnTotal) -> None:
        self.n_passages = 0  # known once all are cut
        self._encoder = encoder
        self._cache = cache
        self._report = report
        self._met = np.zeros(0, dtype=bool)
        self._cached = self._encoded = 0

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._encoder.dimension

    @property
    def encodings(self) -> dict[str, int]:
        """How many passages were encoded, and how many came from the cache."""
        return {"encoded": self._encoded, "from_cache": self._cached}

    def cut(self, rows: range, seeds: pd.DataFrame) -> Iterator[tuple[int, Passage, str]]:
        """Yield the passages of seeds: the seed's row, the passage and its language."""
        for row, title, text in zip(rows, seeds["title"], seeds["text"], strict=True):
            for passage in self._encoder.split(clean_text(title), clean_text(text)):
                yield row, passage, detect_language(passage.text)

    def encode(
        self, passages: Sequence[Passage], rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the vectors of passages, and of all their sentences."""
        if not len(self._met):
            self._met = np.zeros(self.n_passages, dtype=bool)
            self._report("encode", 0, self.n_passages)
        # of a large catalogue a sample was encoded before, for the means
        done, new, cached = int(self._met.sum()), int((~self._met[rows]).sum()), 0
        most = done + new

        def advance(count: int) -> None:
            nonlocal done
            done = min(done + count, most)
            self._report("encode", done, self.n_passages)

        def note_cached(count: int) -> None:
            nonlocal cached
            cached += count

        found = self._encoder.encode(
            passages,
            role=PASSAGE,
            cache=self._cache,
            on_progress=advance,
            on_cached=note_cached,
        )
        self._met[rows] = True
        self._cached += min(cached, new)
        self._encoded += new - min(cached, new)
        nothing = np.zeros((0, self.dimension), dtype=np.float32)
        vectors = [item.vector[None, :] for item in found]
        sentences = [item.sentence_vectors for item in found]
        return np.concatenate([nothing, *vectors]), np.concatenate([nothing, *sentences])

    def tokens(self, language: str, texts: Sequence[str]) -> list[list[str]]:
        """Return the tokens of texts."""
        return [TOKENIZERS[language](text) for text in texts]
