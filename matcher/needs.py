"""Prepares needs for retrieval: checks them, finds their language, encodes them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import EmptyNeedError, InputError
from enmusubi.language import clean_text, detect_language
from matcher.encoder.encoder import QUERY, EncodedPassage, Encoder, OnProgress, unit
from matcher.encoder.memory_cache import KeptVectors
from matcher.passages import Passage, Span
from matcher.records import Need

MIN_LETTERS = 2


@dataclass(frozen=True)
class EncodedNeed:
    """A need's text, language and vector (unit, not centred): the mean of its parts' vectors.

    `sentences` are the vectors of its sentences, shape (n_sentences, dimension), not centred;
    `places` says where each stands in the text. Parts overlap, so that sentences can come twice.
    """

    need_id: str
    text: str
    language: str
    vector: NDArray[np.float32]
    sentences: NDArray[np.float32]
    places: tuple[Span, ...] = ()


def check_need(need: Need, *, max_chars: int) -> None:
    """Raise EmptyNeedError or InputError when the text cannot be matched; the text is not quoted."""
    letters = sum(1 for character in clean_text(need.text) if character.isalnum())
    if letters < MIN_LETTERS:
        raise EmptyNeedError(
            "The need has %(count)s letters; there is nothing to search with. Describe "
            "in a sentence or two what is looked for.",
            count=letters,
        )
    if len(need.text) > max_chars:
        raise InputError(
            "The need has %(count)s characters, at most %(most)s are read. Shorten "
            "it to what is looked for, or raise ENMUSUBI_NEED__MAX_CHARS.",
            count=f"{len(need.text):,}",
            most=f"{max_chars:,}",
        )


def is_matchable(need: Need, *, max_chars: int) -> bool:
    """Return whether `check_need` lets a need pass."""
    try:
        check_need(need, max_chars=max_chars)
    except InputError:
        return False
    return True


def need_text(need: Need) -> str:
    """Return what is matched: the title, if any, and the text."""
    title, text = clean_text(need.title), clean_text(need.text)
    return f"{title}\n{text}" if title else text


def encode_needs(
    needs: Sequence[Need],
    encoder: Encoder,
    cache: KeptVectors | None,
    on_progress: OnProgress | None = None,
) -> list[EncodedNeed]:
    """Return the needs encoded, in order; long ones in parts whose vectors are averaged."""
    texts = [need_text(need) for need in needs]
    parts = [encoder.split("", text) for text in texts]
    flat = [part for need_parts in parts for part in need_parts]
    encoded = iter(encoder.encode(flat, role=QUERY, cache=cache, on_progress=on_progress))
    grouped = [[next(encoded) for _ in need_parts] for need_parts in parts]
    return [
        EncodedNeed(
            need.need_id,
            text,
            detect_language(text),
            _mean(group, encoder),
            _sentences(group, encoder),
            _places(need_parts),
        )
        for need, text, need_parts, group in zip(needs, texts, parts, grouped, strict=True)
    ]


def _mean(parts: list[EncodedPassage], encoder: Encoder) -> NDArray[np.float32]:
    if not parts:
        return np.zeros(encoder.dimension, dtype=np.float32)
    return unit(np.mean([part.vector for part in parts], axis=0))


def _sentences(parts: list[EncodedPassage], encoder: Encoder) -> NDArray[np.float32]:
    nothing = np.zeros((0, encoder.dimension), dtype=np.float32)
    return np.concatenate([nothing, *(part.sentence_vectors for part in parts)])


def _places(parts: Sequence[Passage]) -> tuple[Span, ...]:
    return tuple(
        (sentence.source_start, sentence.source_start + sentence.end - sentence.start)
        for part in parts
        for sentence in part.sentences
    )
