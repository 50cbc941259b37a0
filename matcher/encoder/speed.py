"""Measures an encoder: texts and tokens a second, against what the processor can multiply in the same run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from matcher.encoder.encoder import PASSAGE, QUERY, Encoder, torch_dtype
from matcher.passages import Passage

REPEATS = 7
SHORT_TOKENS = 20
_EDGE = 1536  # of the multiplied matrices: large enough that the processor is busy, small enough to be quick


@dataclass(frozen=True)
class EncoderSpeed:
    """What was measured.

    `ceiling` is what the processor multiplies, in floating-point operations a second, `share` the part of
    it that encoding reaches, `short_ms` the time of a need of SHORT_TOKENS tokens and `short_ceiling_ms`
    what the ceiling would need for one.
    """

    texts: int
    tokens: int
    seconds: float
    ceiling: float
    share: float
    short_ms: float
    short_ceiling_ms: float

    @property
    def texts_a_second(self) -> float:
        """Passages encoded in a second."""
        return self.texts / self.seconds

    @property
    def tokens_a_second(self) -> float:
        """Tokens encoded in a second."""
        return self.tokens / self.seconds


def measure_encoder(encoder: Encoder, passages: Sequence[Passage]) -> EncoderSpeed:
    """Encode the passages once, and a short need several times; nothing is kept."""
    counts = [len(encoder.token_spans(passage.text)) for passage in passages]
    short = encoder.split("", _of_tokens(encoder, passages, SHORT_TOKENS))
    encoder.encode(short, role=QUERY)  # what is made at first use is made now
    ceiling = _ceiling(encoder)
    seconds = _seconds(lambda: encoder.encode(passages, role=PASSAGE))
    short_s = median(_seconds(lambda: encoder.encode(short, role=QUERY)) for _ in range(REPEATS))
    of_token = 2 * _multiplied(encoder.model)
    return EncoderSpeed(
        texts=len(passages),
        tokens=sum(counts),
        seconds=seconds,
        ceiling=ceiling,
        share=sum(counts) * of_token / seconds / ceiling,
        short_ms=short_s * 1000,
        short_ceiling_ms=SHORT_TOKENS * of_token / ceiling * 1000,
    )


def _of_tokens(encoder: Encoder, passages: Sequence[Passage], count: int) -> str:
    """Return the beginning of the texts, of about so many tokens."""
    text = " ".join(passage.text for passage in passages[:count])
    spans = encoder.token_spans(text)
    return text[: spans[min(count, len(spans)) - 1][1]] if spans else "?"


def _multiplied(model: Any) -> int:
    """Return how many weights a token is multiplied with: all matrices but those that are looked up."""
    looked_up = ("embeddings.",)
    return sum(
        parameter.numel()
        for name, parameter in model.named_parameters()
        if parameter.dim() == 2
        and not any(part in name for part in looked_up)
        and "pooler" not in name
    )


def _ceiling(encoder: Encoder) -> float:
    import torch

    precision, device = torch_dtype(encoder.precision), encoder.model.device
    matrix = torch.ones((_EDGE, _EDGE), dtype=precision, device=device)

    def multiply() -> float:
        return float((matrix @ matrix)[0, 0])  # once an element is read, a GPU has ended, too

    with torch.inference_mode():
        best = min(_seconds(multiply) for _ in range(REPEATS))
    return 2 * _EDGE**3 / best


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
