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

from matcher.passages import Passage, Span, split_passages

QUERY = "query"
PASSAGE = "passage"
BATCH_TOKENS = 2048  # measured: larger batches are slower on two cores
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

    `language_means` are an adapter's own, empty without one (see `matcher.centring`).
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
    ) -> None:
        if language_means:
            self.language_means = language_means
        self._model = model.eval().to(torch_dtype(precision))
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
        if not rows:
            return
        prompt = self._prompts[role]
        by_length = sorted(rows, key=lambda i: (-len(passages[i].text), i))
        for first in range(0, len(by_length), 256):
            group = by_length[first : first + 256]
            with self._lock:
                encoding = self._tokenizer(
                    [prompt + passages[i].text for i in group],
                    return_offsets_mapping=True,
                    truncation=True,
                    max_length=self._longest,
                )
            for batch in _token_batches([len(ids) for ids in encoding["input_ids"]]):
                ids = [encoding["input_ids"][b] for b in batch]
                chosen = [group[b] for b in batch]
                texts = [prompt + passages[i].text for i in chosen]
                offsets = [
                    visible_spans(encoding["offset_mapping"][b], text)
                    for b, text in zip(batch, texts, strict=True)
                ]
                spans = [_sentence_spans(passages[i], len(prompt)) for i in chosen]
                yield chosen, self._forward(ids, offsets, spans)

    def _forward(
        self, ids: list[list[int]], offsets: list[list[Span]], spans: list[list[Span]]
    ) -> list[EncodedPassage]:
        import torch

        with self._lock:
            padded = self._tokenizer.pad({"input_ids": ids}, return_tensors="pt")
        with torch.inference_mode():
            output = self._model(
                {"input_ids": padded["input_ids"], "attention_mask": padded["attention_mask"]}
            )
        vectors = unit(output["sentence_embedding"].float().numpy())
        tokens = output["token_embeddings"].float().numpy()
        return [
            EncodedPassage(
                _as_stored(vectors[i]),
                _as_stored(_pool_sentences(tokens[i], offsets[i], spans[i], vectors[i])),
            )
            for i in range(len(ids))
        ]


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


def _token_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    longest = 0
    for i, length in enumerate(lengths):
        longest = max(longest, length)
        if batch and longest * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch, longest = [], length
        batch.append(i)
    if batch:
        yield batch


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
