"""One person of a list in detail: the excerpt around the sentence that carries, and bars of what counts."""

import re
from dataclasses import dataclass

from markupsafe import Markup

from matcher.explaining import words
from matcher.explaining.explanation import grouped
from matcher.records import Evidence, Match

MOST_BARS = 5  # what speaks less is hardly a reason
CONTEXT_CHARS = {"ja": 110, "en": 220}  # shown on either side of the sentence
_SENTENCE_END = re.compile(r"[。！？]|[.!?]\s")
_BLANK = re.compile(r"\s")


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
class ContributionBar:
    """A group of features as a bar: its label, and its length in per cent of the longest."""

    label: str
    per_cent: int
    speaks_for: bool


def contribution_bars(match: Match, language: str) -> list[ContributionBar]:
    """Return what made a person's score, the largest first: MOST_BARS at most, all to be seen."""
    groups = grouped(match.contributions)
    longest = max((abs(total) for _, total in groups), default=0.0)
    bars = [
        ContributionBar(
            words.GROUP_LABELS[language][group], round(100 * abs(total) / longest), total > 0
        )
        for group, total in groups
        if total
    ]
    return [bar for bar in bars if bar.per_cent > 0][:MOST_BARS]


def _tail(text: str, max_chars: int) -> str:
    """Return the end of a text, from the start of a sentence or word where there is one."""
    if len(text) <= max_chars:
        return text
    marks = text[-max_chars:]
    border = _SENTENCE_END.search(marks, 0, max_chars - 1) or _BLANK.search(marks)
    return "… " + (marks[border.end() :] if border else marks)


def _head(text: str, max_chars: int) -> str:
    """Return the start of a text, up to the end of a sentence or word where there is one."""
    if len(text) <= max_chars:
        return text
    marks = text[:max_chars]
    borders = list(_SENTENCE_END.finditer(marks)) or list(_BLANK.finditer(marks))
    return (marks[: borders[-1].end()].rstrip() if borders else marks) + " …"
