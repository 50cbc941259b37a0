"""What the pages around a match list show: the answer, what was understood, and what was kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.languages import LANGUAGES
from api.pages.links import need_path, researcher_path
from api.pages.listing import Listed
from api.pages.match_view import SHOWN, Notice
from api.pages.search_form import TOP_CHOICES, Asked
from api.pages.words import AREA_LABELS, REASON_LABELS
from enmusubi.language import clean_text
from enmusubi.messages import N_
from matcher.answer import Answer
from matcher.domains.taxonomy import load_taxonomy
from matcher.explaining.words import percentage
from matcher.records import SEED_KINDS
from office.needs.reading import SeenNeed

SHORT_NEED_CHARS = {"ja": 25, "en": 60}
SORT_LABELS = {
    "rank": N_("Rank"),
    "newest": N_("Newest evidence"),
    "industry": N_("Work with companies"),
    "name": N_("Name"),
}
FACET_LABELS = {
    "institution": N_("Institution"),
    "department": N_("Department"),
    "domain": N_("Fields"),
    "kind": N_("Kind of evidence"),
    "since": N_("Year"),
    "language": N_("Language of evidence"),
}
SHORT = N_("The need is short, so the list may be rough. Add the use and the conditions.")
VAGUE = N_(
    "No field of research could be told from the need, so the list may be rough. "
    "Name the material, the technique or the use."
)


@dataclass(frozen=True)
class Kept:
    """What the viewer keeps of a list's people: the shortlist and the judgements, by researcher."""

    shortlisted: frozenset[str] = frozenset()
    judged: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """An answered question: the answer, the page of its list, what was kept, the stored need."""

    answer: Answer
    listed: Listed
    kept: Kept
    need: SeenNeed | None = None


def ask_context(
    asked: Asked,
    *,
    result: Result | None = None,
    need: SeenNeed | None = None,
    notice: Notice | None = None,
) -> dict[str, Any]:
    """Return what `ask.html` shows: the form as it was filled in, and the list or the notice."""
    return {
        "asked": asked,
        "need": need,
        "result": result,
        "notice": notice,
        "hints": hints(asked, result.answer, need) if result else [],
        "whole": clean_text(need.text if need else asked.need),
        "kinds": SEED_KINDS,
        "text_languages": LANGUAGES,
        "tops": sorted({*TOP_CHOICES, asked.top}),
        "taxonomy": load_taxonomy(),
        "fields": {field.id: field for field in load_taxonomy().fields},
        "sorts": SORT_LABELS,
        "facet_labels": FACET_LABELS,
        "area_labels": AREA_LABELS,
        "reason_labels": REASON_LABELS,
        "percentage": percentage,
        "need_path": need_path,
        "researcher_path": researcher_path,
        **SHOWN,
    }


def hints(asked: Asked, answer: Answer, need: SeenNeed | None) -> list[str]:
    """Return what could be said better of a need, in English; one hint at most."""
    text = need.text if need else asked.need
    if len(clean_text(text)) < SHORT_NEED_CHARS[answer.understood.language]:
        return [SHORT]
    return [] if answer.understood.fields else [VAGUE]
