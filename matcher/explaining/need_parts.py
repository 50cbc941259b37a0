"""The parts of a need that can be answered or left open: its sentences, each once."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enmusubi.language import JAPANESE, detect_language
from matcher.records import NeedPart
from matcher.retrieval import NeedQuery

MIN_JAPANESE_LETTERS = 14
MIN_ENGLISH_WORDS = 4
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class NeedParts:
    """The parts in the order of the text, and their centred unit vectors, shape (n_parts, d)."""

    parts: tuple[NeedPart, ...]
    vectors: NDArray[np.float32]


def parts_of(query: NeedQuery) -> NeedParts:
    """Return the parts of a need; at least one.

    Very short sentences (headings, greetings) are left out where there are longer ones.
    """
    rows = {place: row for row, place in reversed(list(enumerate(query.places)))}
    found = [NeedPart(query.text[start:end], start, end) for start, end in sorted(rows)]
    kept = [part for part in found if not is_short(part.text)] or found
    if not kept:
        whole = NeedPart(query.text, 0, len(query.text))
        return NeedParts((whole,), query.vector[None, :])
    return NeedParts(tuple(kept), query.sentences[[rows[part.start, part.end] for part in kept]])


def is_short(sentence: str) -> bool:
    """Say whether a sentence is too short to tell much: a heading, a keyword, a greeting."""
    if detect_language(sentence) == JAPANESE:
        return sum(1 for sign in sentence if sign.isalnum()) < MIN_JAPANESE_LETTERS
    return len(_WORD.findall(sentence)) < MIN_ENGLISH_WORDS
