"""What the page looks like for what was asked and found; knows no routes."""

import re
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from enmusubi.api.pages.languages import LANGUAGES
from enmusubi.api.pages.rendering import advice_of
from enmusubi.api.pages.texts import N_
from enmusubi.api.problems import status_of
from enmusubi.matcher.errors import EmptyNeedError, EnmusubiError, TooBusyError, UnreadableFileError
from enmusubi.matcher.explaining import words
from enmusubi.matcher.explaining.contributions import grouped
from enmusubi.matcher.language import clean_text
from enmusubi.matcher.records import SEED_KINDS, Evidence, Filters, Match, MatchList

SHORT_NEED_CHARS = {"ja": 25, "en": 60}
CONTEXT_CHARS = {"ja": 110, "en": 220}  # shown on either side of the sentence
TOP_CHOICES = (5, 10, 20, 50)
ADVICE = {  # by the error's kind; others by the status
    EmptyNeedError: N_("Write the need in a sentence or two, or choose a file."),
    UnreadableFileError: N_("Check the file's kind and size, or paste its text."),
    TooBusyError: N_("Many people are searching. Try again in a few seconds."),
}
_SENTENCE_END = re.compile(r"[。！？]|[.!?]\s")
_BLANK = re.compile(r"\s")


@dataclass(frozen=True)
class Asked:
    """What the form held, to be shown again beside the list."""

    need: str = field(default="", repr=False)
    institution: str = ""
    department: str = ""
    position: str = ""
    kind: str = ""
    field_code: str = ""
    language: str = ""
    since: str = ""
    until: str = ""
    top: int = 10

    @property
    def is_filtered(self) -> bool:
        """Whether any filter was filled in."""
        return self.filters() != Filters()

    def filters(self) -> Filters:
        """Return the matcher's filters; a year that is no number is left out."""
        return Filters(
            institutions=_one(self.institution),
            departments=_one(self.department),
            positions=_one(self.position),
            kinds=_one(self.kind),
            fields=_one(self.field_code),
            languages=_one(self.language),
            since=_year(self.since),
            until=_year(self.until),
        )


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _year(value: str) -> int | None:
    return int(value) if value.isdecimal() else None


@dataclass(frozen=True)
class Notice:
    """Why there is no list: the status, what to do (in English), and the cause."""

    status: int
    advice: str
    detail: str

    @classmethod
    def of(cls, error: EnmusubiError) -> "Notice":
        """Return the notice of an error of the matcher."""
        status = status_of(error)
        return cls(status, ADVICE.get(type(error), advice_of(status)), str(error))


def ask_context(
    asked: Asked, *, matches: MatchList | None = None, notice: Notice | None = None
) -> dict[str, Any]:
    """Return what `ask.html` shows: the form as it was filled in, and the list or the notice."""
    return {
        "asked": asked,
        "kinds": SEED_KINDS,
        "text_languages": LANGUAGES,
        "tops": sorted({*TOP_CHOICES, asked.top}),
        "matches": matches,
        "whole": clean_text(asked.need),
        "short": matches is not None and len(asked.need) < SHORT_NEED_CHARS[matches.language],
        "notice": notice,
        **SHOWN,
    }


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
