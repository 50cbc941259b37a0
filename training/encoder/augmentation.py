"""Shows the encoder a text in a different cut each time: some sentences, with or without the title.

A need is short and rarely has the words of a seed's title; whoever learns from whole texts only
learns to look at titles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from matcher.passages import split_sentences

SHORT_TITLE_SHARE = 0.15
LONG_TITLE_SHARE = 0.6
ONE_SENTENCE_SHARE = 0.25
MAX_SHORT_SENTENCES = 6
WHOLE_SHARE = 0.5
_STOPS = ("。", "．", ".", "！", "？", "!", "?")


@dataclass(frozen=True)
class Text:
    """A seed or a need to train on, already without names and addresses."""

    title: str
    body: str
    language: str

    def key(self) -> str:
        """Return what tells texts apart: two with the same title say nothing of one another."""
        return (self.title or self.body[:200]).casefold()


def crop_short(text: Text, rng: Random) -> str:
    """Return one to six neighbouring sentences, seldom with the title: what a need looks like."""
    spans = split_sentences(text.body)
    count = 1
    if rng.random() >= ONE_SENTENCE_SHARE:
        count = rng.randint(min(2, len(spans)), max(2, min(len(spans), MAX_SHORT_SENTENCES)))
    first = rng.randint(0, max(0, len(spans) - count))
    with_title = rng.random() < SHORT_TITLE_SHARE
    return _joined(text, spans[first : first + count], with_title=with_title)


def crop_long(text: Text, rng: Random) -> str:
    """Return the text from its beginning or from one of its sentences on, often with the title."""
    spans = split_sentences(text.body)
    whole = rng.random() < WHOLE_SHARE
    first = 0 if whole else rng.randint(0, max(0, len(spans) - 3))
    return _joined(text, spans[first:], with_title=rng.random() < LONG_TITLE_SHARE)


def join_translations(pieces: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return several (Japanese, English) pieces as one: sentences in a row, terms as a list."""
    japanese, english = ([piece[side].strip() for piece in pieces] for side in (0, 1))
    sentences = all(text.endswith(_STOPS) for text in (*japanese, *english))
    if sentences:
        return "".join(japanese), " ".join(english)
    return "、".join(japanese), ", ".join(english)


def _joined(text: Text, spans: Sequence[tuple[int, int]], *, with_title: bool) -> str:
    body = text.body[spans[0][0] : spans[-1][1]] if spans else ""
    if not body:
        return text.title
    return f"{text.title}\n{body}" if with_title and text.title else body
