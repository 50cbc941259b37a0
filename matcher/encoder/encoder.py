"""Turns passages and needs into vectors with any sentence-transformers model.

One forward pass gives the passage's vector and one vector a sentence (the mean of the sentence's
token vectors, read in the context of its passage), so that explaining a match encodes nothing again.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.encoder.forward import CPU, EncodedText, Forward, choose_forward
from matcher.passages import Passage, Span, split_passages

QUERY = "query"
PASSAGE = "passage"
BATCH_TOKENS = 2048  # measured: larger batches are slower on two cores
SORTED_TOGETHER = (
    4096  # texts that are sorted by their tokens: what waits in memory, tokens and all
)
PRECISIONS = {"fp32": "float32", "bf16": "bfloat16"}  # by the name of torch's dtype
OnProgress = Callable[[int], None]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class EncodedPassage:
    """Unit vectors: `vector` has shape (dimension,), `sentence_vectors` (n_sentences, dimension)."""

    vector: FloatArray
    sentence_vectors: FloatArray


class EncodingCache(Protocol):
    """Where encodings are looked for and put, by a hash of what they were made of (see `vector_cache`)."""

    def read(self, keys: Iterable[bytes], dimension: int) -> dict[bytes, EncodedPassage]:
        """Return what is kept of `keys`."""
        ...

    def write(self, encoded: Mapping[bytes, EncodedPassage]) -> None:
        """Keep encodings."""
        ...


class Encoder:
    """A loaded model, its prompts and its precision.

    `language_means` are an adapter's own, empty without one (see `matcher.centring`). `threads` is how many
    encode, None as many as the libraries take.
    """

    language_means: Mapping[str, FloatArray] = MappingProxyType({})

    def __init__(
        self,
        model: Any,
        *,
        name: str,
        checksum: str,
        precision: str,
        language_means: Mapping[str, FloatArray] | None = None,
        device: str = CPU,
        threads: int | None = None,
    ) -> None:
        if language_means:
            self.language_means = language_means
        self._model = model.eval().to(torch_dtype(precision)).to(device)
        self._device = device
        self._threads = threads
        self.name = name
        self.precision = precision
        self.checksum = checksum
        self.dimension: int = int(model.get_embedding_dimension())
        self._tokenizer = model.tokenizer
        self._lock = threading.Lock()  # fast tokenizers cannot be shared by threads
        self._prompts = {role: model.prompts.get(role) or "" for role in (QUERY, PASSAGE)}
        longest = min(int(model.max_seq_length or 512), 8192)
        prompt_tokens = max(len(self.token_spans(p)) for p in self._prompts.values())
        # joining a prompt, a title and a text can shift a few token borders
        self.max_tokens = longest - prompt_tokens - 8
        self._longest = longest
        self._forward: Forward | None = None  # made when something is encoded: it copies weights

    @property
    def model(self) -> Any:
        """The sentence-transformers model, for whoever trains it further."""
        return self._model

    def token_spans(self, text: str) -> list[Span]:
        """Return the (start, end) characters of every token of the text, without special tokens."""
        with self._lock:
            encoding = self._tokenizer(
                text, add_special_tokens=False, return_offsets_mapping=True, verbose=False
            )
        return [(int(start), int(end)) for start, end in encoding["offset_mapping"]]

    def split(self, title: str, text: str) -> list[Passage]:
        """Return the passages of a title and a text, each short enough for this model."""
        return split_passages(title, text, self.token_spans, max_tokens=self.max_tokens)

    def encode(
        self,
        passages: Sequence[Passage],
        *,
        role: str,
        cache: EncodingCache | None = None,
        on_progress: OnProgress | None = None,
        on_cached: OnProgress | None = None,
    ) -> list[EncodedPassage]:
        """Return one encoding a passage, in order; `role` is QUERY or PASSAGE.

        Passages found in `cache` are not encoded again; new ones are added to it batch by batch,
        so that an interrupted run goes on where it stopped. `on_cached` gets the number found.
        """
        encoded: dict[int, EncodedPassage] = {}
        keys = [self._key(passage, role) for passage in passages]
        if cache is not None:
            stored = cache.read(keys, self.dimension)
            encoded = {i: stored[key] for i, key in enumerate(keys) if key in stored}
            for report in (on_progress, on_cached):
                if report and encoded:
                    report(len(encoded))
        missing = [i for i in range(len(passages)) if i not in encoded]
        for rows, batch in self._encode_missing(passages, missing, role):
            encoded.update(zip(rows, batch, strict=True))
            if cache is not None:
                cache.write({keys[i]: item for i, item in zip(rows, batch, strict=True)})
            if on_progress:
                on_progress(len(rows))
        return [encoded[i] for i in range(len(passages))]

    def _key(self, passage: Passage, role: str) -> bytes:
        spans = [(s.start, s.end) for s in passage.sentences]
        content = [self.checksum, self.precision, self._prompts[role], passage.text, spans]
        return hashlib.sha256(json.dumps(content).encode()).digest()

    def _encode_missing(
        self, passages: Sequence[Passage], rows: Sequence[int], role: str
    ) -> Iterator[tuple[list[int], list[EncodedPassage]]]:
        prompt = self._prompts[role]
        by_length = sorted(rows, key=lambda i: (-len(passages[i].text), i))
        for first in range(0, len(by_length), SORTED_TOGETHER):
            group = by_length[first : first + SORTED_TOGETHER]
            texts = [prompt + passages[i].text for i in group]
            with self._lock:
                encoding = self._tokenizer(
                    texts, return_offsets_mapping=True, truncation=True, max_length=self._longest
                )
            ids, offsets = encoding["input_ids"], encoding["offset_mapping"]
            for batch in token_batches([len(tokens) for tokens in ids]):
                encoded = self._run([ids[b] for b in batch])
                yield (
                    [group[b] for b in batch],
                    [
                        _as_encoded(
                            made,
                            visible_spans(offsets[b], texts[b]),
                            _sentence_spans(passages[group[b]], len(prompt)),
                        )
                        for made, b in zip(encoded, batch, strict=True)
                    ],
                )

    def _run(self, ids: list[list[int]]) -> list[EncodedText]:
        import torch

        if self._threads and torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)
        with self._lock:  # the weights are copied once, whoever comes first
            if self._forward is None:
                self._forward = choose_forward(
                    self._model,
                    self._tokenizer,
                    precision=PRECISIONS[self.precision],
                    device=self._device,
                )
        return self._forward(ids)


def torch_dtype(precision: str) -> Any:
    """Return the torch dtype of a precision (see PRECISIONS)."""
    import torch

    return getattr(torch, PRECISIONS[precision])


def visible_spans(offsets: Sequence[Span], text: str) -> list[Span]:
    """Return the spans without leading blanks: SentencePiece counts them to the token that follows.

    A sentence's first word would otherwise begin before its sentence.
    """
    spans = []
    for first, end in offsets:
        start = first
        while start < end and text[start].isspace():
            start += 1
        spans.append((start, end))
    return spans


def unit(vectors: FloatArray) -> FloatArray:
    """Return the rows scaled to length 1; rows of zeros stay zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _as_stored(vectors: FloatArray) -> FloatArray:
    """Half precision and back: a first run then ranks exactly like one that reads the cache."""
    return unit(vectors.astype(np.float16).astype(np.float32))


def token_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the texts of each batch, the longest first: at most BATCH_TOKENS, padded to the longest.

    `lengths` are in tokens. Texts are sorted by tokens, not characters: a Japanese token is two
    characters, an English one four, and texts of both would lie in one batch.
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if batch and lengths[batch[0]] * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _as_encoded(made: EncodedText, offsets: Sequence[Span], spans: list[Span]) -> EncodedPassage:
    vector = unit(made.vector)
    sentences = _pool_sentences(made.tokens, offsets, spans, vector)
    return EncodedPassage(_as_stored(vector), _as_stored(sentences))


def _sentence_spans(passage: Passage, shift: int) -> list[Span]:
    return [(sentence.start + shift, sentence.end + shift) for sentence in passage.sentences]


def _pool_sentences(
    tokens: FloatArray, offsets: Sequence[Span], spans: Sequence[Span], whole: FloatArray
) -> FloatArray:
    """Mean of the token vectors inside each span; a span without tokens takes the whole's vector."""
    borders = np.asarray(offsets, dtype=np.int64)
    starts, ends = borders[:, 0], borders[:, 1]
    pooled = np.repeat(whole[None, :], len(spans), axis=0)
    for row, (start, end) in enumerate(spans):
        inside = (starts >= start) & (ends <= end) & (ends > starts)
        if inside.any():
            pooled[row] = tokens[: len(inside)][inside].mean(axis=0)
    return unit(pooled)
