"""Made-up needs in which their author marked what identifies the company, and how well marks find it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from enmusubi.translation import translations
from matcher.veiling.cues import KnownNames
from matcher.veiling.marking import LookUp, MarkedNeed, TellingMark, find_marks
from office.veil.names import without_legal_form

SAMPLES = Path(__file__).parents[1] / "samples" / "veil_needs.json"
_SPAN = re.compile(r"⟦(\w+):([^⟧]*)⟧")
ALL = "all"


@dataclass(frozen=True)
class TellingSpan:
    """What identifies the company: from where to where, and of which kind."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class AnnotatedNeed:
    """A need without its marks, and what they said; `part` is dev or test."""

    part: str
    language: str
    company: str
    text: str = field(repr=False)
    spans: tuple[TellingSpan, ...]


@dataclass
class Found:
    """How many spans there are and were found, how many marks there are and meet a span."""

    spans: int = 0
    covered: int = 0
    marks: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """The share of spans that are marked, as whatever; 1 where there are none."""
        return self.covered / self.spans if self.spans else 1.0

    @property
    def precision(self) -> float:
        """The share of marks that meet a span, of whatever kind; 1 where there are none."""
        return self.right / self.marks if self.marks else 1.0


def annotated_needs(part: str = "") -> list[AnnotatedNeed]:
    """Return the needs of a part, dev or test, or all."""
    rows = json.loads(SAMPLES.read_text("utf-8"))["needs"]
    return [_read(row) for row in rows if part in {"", row["set"]}]


def _read(row: dict[str, str]) -> AnnotatedNeed:
    text, spans, last = "", [], 0
    for found in _SPAN.finditer(row["text"]):
        text += row["text"][last : found.start()]
        spans.append(TellingSpan(len(text), len(text) + len(found[2]), found[1]))
        text += found[2]
        last = found.end()
    text += row["text"][last:]
    return AnnotatedNeed(row["set"], row["language"], row["company"], text, tuple(spans))


def marks_of(need: AnnotatedNeed, look_up: LookUp) -> tuple[TellingMark, ...]:
    """Return the marks of a need whose company the catalogue knows, and no other company."""
    own = tuple({need.company, without_legal_form(need.company)})
    say = translations(need.language).say
    marked = MarkedNeed({"text": need.text}, need.language, KnownNames(own), "", say)
    return find_marks(marked, look_up)


def score(
    needs: Sequence[AnnotatedNeed], found: Sequence[Sequence[TellingMark]], *, ticked: bool
) -> dict[str, Found]:
    """Return by kind, and for ALL, what marks find; `ticked`: those proposed to be veiled alone.

    A span is found where marks lie on half of its letters at least, of whatever kind; it counts for its own
    kind, a mark for the kind that it is called.
    """
    scores: defaultdict[str, Found] = defaultdict(Found)
    for need, marks in zip(needs, found, strict=True):
        placed = list(_placed(marks, ticked=ticked))
        for span in need.spans:
            letters = set(range(span.start, span.end))
            hidden = letters & {at for start, end, _ in placed for at in range(start, end)}
            for kind in (span.kind, ALL):
                scores[kind].spans += 1
                scores[kind].covered += 2 * len(hidden) >= len(letters)
        for start, end, called in placed:
            is_right = any(start < span.end and span.start < end for span in need.spans)
            for kind in (called, ALL):
                scores[kind].marks += 1
                scores[kind].right += is_right
    return dict(scores)


def _placed(marks: Sequence[TellingMark], *, ticked: bool) -> Iterator[tuple[int, int, str]]:
    for mark in marks:
        if mark.is_proposed or not ticked:
            for _, start, end in mark.places:
                yield start, end, mark.kind
