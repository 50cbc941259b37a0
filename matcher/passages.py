"""Cuts seeds and needs into passages that the encoder can read, at sentence borders.

Every passage knows its sentences and where in the seed they stand, so that evidence can name the
sentence. Knows nothing of models: the caller passes a function that finds tokens.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as settled

Span = tuple[int, int]
TokenSpans = Callable[[str], list[Span]]

MAX_TITLE_TOKENS = 96
OVERLAP_TOKENS = 64
MIN_BODY_TOKENS = 32
MAX_SENTENCE_CHARS = 600  # a "sentence" without any stop is cut, so that evidence stays readable

_BORDER = re.compile(
    r"[。．！？!?]+[」』）)\]”\"']*\s*"  # Japanese stops, and !? in either language
    r"|(?<=[a-z0-9)\]%”\"'])\.[)\]”\"']*\s+(?=[\"“'(\[]?[A-Z0-9])"  # English full stop
    r"|(?<!\s)(?=\s*\n)\s*+(?![a-z])"  # a line end, unless the line was only wrapped
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|al|approx|Fig|Figs|Eq|Eqs|Ref|Refs|Dr|Prof|Mr|Ms|Mrs|No|Vol|pp|"
    r"St|Inc|Ltd|Co|Corp|Dept|U\.S|[A-Z]))$"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence's place in its passage's text, and in the seed's title or text.

    `says` is what it tells of the work (see `explaining.telling`), -1 until that was found.
    """

    start: int
    end: int
    field: str  # "title" or "text"
    source_start: int
    says: int = settled(default=-1, compare=False)


@dataclass(frozen=True)
class Passage:
    """What the encoder reads: a title line, if any, and part of the text."""

    text: str
    sentences: tuple[Sentence, ...]

    def sentence_texts(self) -> list[str]:
        """Return the sentences as they stand in the passage, in order."""
        return [self.text[sentence.start : sentence.end] for sentence in self.sentences]


def split_sentences(text: str) -> list[Span]:
    """Return the (start, end) of every sentence, in order, blanks trimmed, none empty.

    Knows 。．！？, closing brackets after a stop, English abbreviations, decimals and line ends.
    """
    spans: list[Span] = []
    start = 0
    for border in _BORDER.finditer(text):
        full_stop = border.group().startswith(".")
        if full_stop and _ABBREVIATION.search(text, start, border.start()):
            continue
        _append_trimmed(spans, text, start, border.end())
        start = border.end()
    _append_trimmed(spans, text, start, len(text))
    return spans


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    for cut in range(start, end, MAX_SENTENCE_CHARS):
        spans.append((cut, min(cut + MAX_SENTENCE_CHARS, end)))


def split_passages(
    title: str, text: str, token_spans: TokenSpans, *, max_tokens: int
) -> list[Passage]:
    """Return the passages of one seed or need, in order; at least one unless both are blank.

    Each holds the title and as many sentences as fit into `max_tokens`; from one passage to the
    next, up to 64 tokens are repeated, so that a thought which crosses the border stays whole.
    """
    title = _shortened(title.strip(), token_spans)
    title_tokens = len(token_spans(title)) + 1 if title else 0
    room = max(max_tokens - title_tokens, MIN_BODY_TOKENS)
    spans, sizes = _sentences_that_fit(text, token_spans, room)
    if not spans:
        return [_build_passage(title, text, [])] if title else []
    return [_build_passage(title, text, spans[a:b]) for a, b in _windows(sizes, room)]


def _shortened(title: str, token_spans: TokenSpans) -> str:
    tokens = token_spans(title) if title else []
    return title[: tokens[MAX_TITLE_TOKENS][0]] if len(tokens) > MAX_TITLE_TOKENS else title


def _sentences_that_fit(
    text: str, token_spans: TokenSpans, room: int
) -> tuple[list[Span], list[int]]:
    """Return sentence spans and their sizes in tokens; none is larger than `room`."""
    starts = _visible_starts(text, token_spans)
    spans: list[Span] = []
    sizes: list[int] = []
    for start, end in split_sentences(text):
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        for cut in range(first, max(last, first + 1), room):
            piece_start = start if cut == first else starts[cut]
            piece_end = end if cut + room >= last else starts[cut + room]
            spans.append((piece_start, piece_end))
            sizes.append(min(room, max(last - cut, 1)))
    return spans, sizes


def _visible_starts(text: str, token_spans: TokenSpans) -> list[int]:
    """Return where each token begins, past the blanks that SentencePiece counts to its token."""
    starts = []
    for start, end in token_spans(text):
        blanks = len(text[start:end]) - len(text[start:end].lstrip())
        starts.append(start + blanks)
    return starts


def _windows(sizes: Sequence[int], room: int) -> list[Span]:
    """Return half-open ranges of sentences that cover all, each at most `room` tokens."""
    windows: list[Span] = []
    begin = 0
    while True:
        end, used = begin, 0
        while end < len(sizes) and (end == begin or used + sizes[end] <= room):
            used += sizes[end]
            end += 1
        windows.append((begin, end))
        if end == len(sizes):
            return windows
        begin = _step_back(sizes, begin, end, room)


def _step_back(sizes: Sequence[int], begin: int, end: int, room: int) -> int:
    overlap, start = 0, end
    while start - 1 > begin and overlap + sizes[start - 1] <= OVERLAP_TOKENS:
        overlap += sizes[start - 1]
        if overlap + sizes[end] > room:
            break
        start -= 1
    return start


def _build_passage(title: str, text: str, spans: Sequence[Span]) -> Passage:
    body_start = spans[0][0] if spans else 0
    body = text[body_start : spans[-1][1]] if spans else ""
    sentences = [Sentence(0, len(title), "title", 0)] if title else []
    lead = f"{title}\n" if title and body else title
    shift = len(lead) - body_start
    sentences += [Sentence(start + shift, end + shift, "text", start) for start, end in spans]
    return Passage(lead + body, tuple(sentences))
