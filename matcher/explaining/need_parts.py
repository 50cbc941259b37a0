"""The parts of a need that can be answered or left open (its sentences, each once), and how near each
candidate comes to each of them, compared with the other candidates.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.language import JAPANESE, detect_language
from matcher.features.extraction import sentences_of
from matcher.need_roles.classifier import ANSWERABLE, CLOSING, GREETING, WISH
from matcher.records import NeedPart
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot

MIN_JAPANESE_LETTERS = 14
MIN_ENGLISH_WORDS = 4
_WORD = re.compile(r"\w+")
Classify = Callable[[Sequence[str]], Sequence[str]]  # the sentences of a text into their roles


@dataclass(frozen=True)
class NeedParts:
    """The parts in the order of the text, and their centred unit vectors, shape (n_parts, d)."""

    parts: tuple[NeedPart, ...]
    vectors: NDArray[np.float32]


def parts_of(
    query: NeedQuery, *, classify: Classify | None = None, title_chars: int = 0
) -> NeedParts:
    """Return the parts of a need; at least one.

    Very short sentences (headings, greetings) are left out where there are longer ones, and what is no
    problem, wish, constraint or background by the roles that `classify` gives to the sentences. Those within
    the first `title_chars` are the title, which says what is wanted.
    """
    rows = {place: row for row, place in reversed(list(enumerate(query.places)))}
    found = [NeedPart(query.text[start:end], start, end) for start, end in sorted(rows)]
    if not found:
        whole = NeedPart(query.text, 0, len(query.text))
        return NeedParts((whole,), query.vector[None, :])
    kept = _answerable(found, classify, title_chars)
    return NeedParts(tuple(kept), query.sentences[[rows[part.start, part.end] for part in kept]])


def _answerable(
    found: Sequence[NeedPart], classify: Classify | None, title_chars: int
) -> list[NeedPart]:
    """Return the sentences that evidence can answer; whatever is there when none of them can be."""
    long = [part for part in found if not is_short(part.text)]
    if classify is None:
        return long or list(found)
    body = [part for part in found if part.end > title_chars]
    roles = dict(zip(body, classify([part.text for part in body]), strict=True))
    told = [part for part in long if roles.get(part, WISH) in ANSWERABLE]
    polite = [part for part in long if roles.get(part, WISH) not in (GREETING, CLOSING)]
    return told or polite or long or list(found)


def is_short(sentence: str) -> bool:
    """Say whether a sentence is too short to carry information: a heading, a keyword, a greeting."""
    if detect_language(sentence) == JAPANESE:
        return sum(1 for sign in sentence if sign.isalnum()) < MIN_JAPANESE_LETTERS
    return len(_WORD.findall(sentence)) < MIN_ENGLISH_WORDS


DEPTH = 5  # seeds of a person that are looked at


def part_shares(
    owned: pd.DataFrame, people: NDArray[np.int64], needed: NeedParts, snapshot: Snapshot
) -> pd.DataFrame:
    """Return for each person and part the share of the candidates who come no nearer to it.

    One row a person (index: `people`, ascending researcher rows), one column a part, values in
    (0, 1]. A person is as near to a part as the nearest sentence of the best seeds.
    """
    persons = owned["researcher_row"].to_numpy(np.int64)
    looked_at = np.flatnonzero((owned["place"].to_numpy() < DEPTH) & np.isin(persons, people))
    passages, persons = owned["passage_row"].to_numpy(np.int64)[looked_at], persons[looked_at]
    rows, counts = sentences_of(passages, snapshot)
    vectors = np.asarray(snapshot.sentence_vectors[rows], dtype=np.float32)
    found, starts = np.unique(np.repeat(persons, counts), return_index=True)
    nearest = np.maximum.reduceat(vectors @ needed.vectors.T, starts, axis=0)
    return pd.DataFrame(nearest, index=found).rank(pct=True, method="max")
