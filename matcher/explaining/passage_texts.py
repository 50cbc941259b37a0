"""The passages of an index version as they are shown: their sentences, and which may speak.

None of it depends on a need, so what was read of the passages shown last is kept for the next.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matcher.explaining.need_parts import is_short
from matcher.snapshot import Snapshot

KEPT = 8192  # passages; about 3 KB each
TEXT = "text"  # the field of sentences that are not of a title


@dataclass(frozen=True, eq=False)
class PassageText:
    """A passage and its sentences.

    `spans` are the sentences' places in `text`, `fields` and `sources` say for each the field of the
    seed that it is from, and its place there. `speaking` are the sentences that may be shown,
    `says_little` that all of these are short; `body` is the text without a title line, unless the
    title is all there is.
    """

    language: str
    text: str
    body: str
    spans: tuple[tuple[int, int], ...]
    fields: tuple[str, ...]
    sources: tuple[int, ...]
    first_sentence: int
    speaking: NDArray[np.int64]
    says_little: bool


class PassageTexts:
    """Reads passages of one snapshot by row; safe to use from several threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        passages = snapshot.passages
        self._columns = {name: passages[name].array for name in passages.columns}
        self.get = lru_cache(KEPT)(self._read)

    def _read(self, row: int) -> PassageText:
        column = {name: values[row] for name, values in self._columns.items()}
        text = str(column["text"])
        starts, ends = column["sentence_starts"], column["sentence_ends"]
        spans = tuple((int(start), int(end)) for start, end in zip(starts, ends, strict=True))
        fields = tuple(str(field) for field in column["sentence_fields"])
        speaking, says_little = _speaking(text, spans, fields)
        return PassageText(
            language=str(column["lang"]),
            text=text,
            body=text[spans[fields.index(TEXT)][0] :] if TEXT in fields else text,
            spans=spans,
            fields=fields,
            sources=tuple(int(source) for source in column["sentence_sources"]),
            first_sentence=int(column["first_sentence"]),
            speaking=speaking,
            says_little=says_little,
        )


def _speaking(
    text: str, spans: tuple[tuple[int, int], ...], fields: tuple[str, ...]
) -> tuple[NDArray[np.int64], bool]:
    """Return the places of the sentences that may be shown, and whether all of them are short.

    Sentences of the text before the title, and either only where it says more than a few words,
    unless there is nothing else.
    """
    short = np.array([is_short(text[start:end]) for start, end in spans], dtype=bool)
    in_text = np.array([field == TEXT for field in fields], dtype=bool)
    for chosen in (in_text & ~short, ~short, in_text):
        if chosen.any():
            return np.flatnonzero(chosen), bool(short[chosen].all())
    return np.arange(len(short)), True
