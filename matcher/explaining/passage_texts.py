"""Reads passages of an index version sentence by sentence: which of them may be shown, and what they tell.

None of it depends on a need, so what was read of the passages looked at last is kept for the next one. Of
most of them nothing is shown: their texts are read only where somebody asks for them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from matcher.explaining.telling import IS_SHORT, about, losses_of, said_by
from matcher.passages import Span
from matcher.snapshot import Snapshot

KEPT = 8192  # passages; about 3 KB each
TEXT = "text"  # the field of sentences that are not of a title
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PassageText:
    """A passage and its sentences, which stand at `sentences` among those of the version.

    `speaking` are the places of those that may be shown, `says_little` that all of these are short; `telling`
    is what each of the speaking says of the work whatever is asked. The rest is read when it is asked for.
    """

    sentences: slice
    speaking: IntArray
    says_little: bool
    telling: FloatArray
    row: int
    snapshot: Snapshot

    @property
    def language(self) -> str:
        """The passage's language."""
        return self.snapshot.language_of_passage[self.row]

    @cached_property
    def text(self) -> str:
        """The whole text."""
        return self.snapshot.passages.texts("text")[self.row]

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The sentences' places in the text."""
        return _spans(self.snapshot, self.sentences)

    @cached_property
    def sources(self) -> list[int]:
        """The sentences' places in their fields of the seed."""
        places: list[int] = self.snapshot.sentences.numbers("source")[self.sentences].tolist()
        return places

    @cached_property
    def fields(self) -> list[str]:
        """The fields of the seed that the sentences are from."""
        written = self.snapshot.sentences.categories("field")
        return [written.names[code] for code in written.codes[self.sentences].tolist()]

    @cached_property
    def body(self) -> str:
        """The text without a title line, unless the title is all there is."""
        return (
            self.text[self.spans[self.fields.index(TEXT)][0] :]
            if TEXT in self.fields
            else self.text
        )


class PassageTexts:
    """Reads passages of one snapshot by row; safe to use from several threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.get: Callable[[int], PassageText] = lru_cache(KEPT)(self._read)

    def _read(self, row: int) -> PassageText:
        snapshot = self._snapshot
        sentences = slice(*snapshot.sentence_borders[row : row + 2].tolist())
        said = self._said(row, sentences)
        written = snapshot.sentences.categories("field")
        in_text = written.codes[sentences] == written.code_of(TEXT)
        is_short = said & IS_SHORT != 0
        speaking = _speaking(is_short, in_text)
        vectors = np.asarray(snapshot.sentence_vectors[sentences], dtype=np.float32)
        telling = about(vectors, ~in_text) - losses_of(said)
        return PassageText(
            sentences=sentences,
            speaking=speaking,
            says_little=bool(is_short.all()),
            telling=telling[speaking],
            row=row,
            snapshot=snapshot,
        )

    def _said(self, row: int, sentences: slice) -> NDArray[np.uint8]:
        """Return what `said_by` makes of the sentences; of an older version, which hasn't kept it, anew."""
        table = self._snapshot.sentences
        if "says" in table:
            return table.numbers("says")[sentences]
        text = self._snapshot.passages.texts("text")[row]
        return said_by([text[start:end] for start, end in _spans(self._snapshot, sentences)])


def _spans(snapshot: Snapshot, sentences: slice) -> tuple[Span, ...]:
    starts, ends = (snapshot.sentences.numbers(n)[sentences].tolist() for n in ("start", "end"))
    return tuple(zip(starts, ends, strict=True))


def _speaking(is_short: NDArray[np.bool_], in_text: NDArray[np.bool_]) -> IntArray:
    """Return the places of the sentences that may be shown.

    Those that say more than a few words, the title beside those of the text; without such those of the
    text, unless there is nothing else.
    """
    for chosen in (~is_short, in_text):
        if len(places := np.flatnonzero(chosen)):
            return places
    return np.arange(len(is_short))
