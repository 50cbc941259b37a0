"""How parts of a match list are shown: excerpts, bars, words of strength; knows no routes."""

import re
from dataclasses import dataclass

from markupsafe import Markup

from api.pages.rendering import advice_of
from api.problems import status_of, without_folders
from enmusubi.errors import EmptyNeedError, EnmusubiError, TooBusyError, UnreadableFileError
from enmusubi.messages import N_
from enmusubi.settings import Settings
from matcher.explaining import words
from matcher.explaining.contributions import grouped
from matcher.records import Evidence, Match

CONTEXT_CHARS = {"ja": 110, "en": 220}  # shown on either side of the sentence
ADVICE = {  # by the error's kind; others by the status
    EmptyNeedError: N_("Write the need in a sentence or two, or choose a file."),
    UnreadableFileError: N_("Check the file's kind and size, or paste its text."),
    TooBusyError: N_("Many people are searching. Try again in a few seconds."),
}
_SENTENCE_END = re.compile(r"[。！？]|[.!?]\s")
_BLANK = re.compile(r"\s")


@dataclass(frozen=True)
class Notice:
    """Why there is no list: the status, what to do (in English), and the cause."""

    status: int
    advice: str
    detail: str

    @classmethod
    def of(cls, error: EnmusubiError, settings: Settings) -> "Notice":
        """Return the notice of an error of the matcher."""
        status, detail = status_of(error), without_folders(str(error), settings)
        return cls(status, ADVICE.get(type(error), advice_of(status)), detail)


def highlight(evidence: Evidence) -> Markup:
    """Return an excerpt of the passage as HTML, escaped, the carrying sentence in <mark>."""
    before, found, after = evidence.passage.partition(evidence.sentence)
    if not found:
        return Markup("<mark>{}</mark>").format(evidence.sentence)
    context = CONTEXT_CHARS.get(evidence.language, CONTEXT_CHARS["en"])
    return Markup("{}<mark>{}</mark>{}").format(
        _tail(before, context), found, _head(after, context)
    )


@dataclass(frozen=True)
class Bar:
    """A group of features as a bar: its label, and its length in per cent of the longest."""

    label: str
    per_cent: int
    speaks_for: bool


def contribution_bars(match: Match, language: str) -> list[Bar]:
    """Return what made a person's score, the largest first; bars that could not be seen are out."""
    groups = grouped(match.contributions)
    longest = max((abs(total) for _, total in groups), default=0.0)
    bars = [
        Bar(words.GROUP_LABELS[language][group], round(100 * abs(total) / longest), total > 0)
        for group, total in groups
        if total
    ]
    return [bar for bar in bars if bar.per_cent > 0]


def _tail(text: str, max_chars: int) -> str:
    """Return the end of a text, from the start of a sentence or word where there is one."""
    if len(text) <= max_chars:
        return text
    kept = text[-max_chars:]
    border = _SENTENCE_END.search(kept, 0, max_chars - 1) or _BLANK.search(kept)
    return "… " + (kept[border.end() :] if border else kept)


def _head(text: str, max_chars: int) -> str:
    """Return the start of a text, up to the end of a sentence or word where there is one."""
    if len(text) <= max_chars:
        return text
    kept = text[:max_chars]
    borders = list(_SENTENCE_END.finditer(kept)) or list(_BLANK.finditer(kept))
    return (kept[: borders[-1].end()].rstrip() if borders else kept) + " …"


SHOWN = {  # what the templates call
    "highlight": highlight,
    "strength": words.strength_text,
    "objection_text": words.objection_text,
    "shortened": words.shortened,
    "contribution_bars": contribution_bars,
    "fits_nobody": words.FITS_NOBODY,
}
