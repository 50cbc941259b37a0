"""What the page that asks shows: the form as it was filled in, and the list, a notice or a read file."""

from dataclasses import dataclass
from typing import Any

from api.languages import LANGUAGES
from api.pages.conditions import LABELS as CONDITION_LABELS
from api.pages.conditions import conditions_of
from api.pages.excerpts import contribution_bars, highlight
from api.pages.match_list import Result
from api.pages.need_upload import ReadFile, rows_of
from api.pages.refining import mark_token, person_token, sentence_token
from api.pages.rendering import advice_of
from api.pages.search_form import REFINING, TOP_CHOICES, SearchForm
from api.problems import status_of, without_folders
from catalogue.importers.need_files import ENDINGS
from enmusubi.errors import EmptyNeedError, EnmusubiError, TooBusyError, UnreadableFileError
from enmusubi.language import clean_text, detect_language
from enmusubi.messages import N_, Message
from enmusubi.settings import Settings
from matcher.answer import Answer
from matcher.domains.taxonomy import load_taxonomy
from matcher.explaining import summary, words
from matcher.explaining.standing import UNLIKELY, standing
from matcher.explaining.words import percentage
from matcher.records import SEED_KINDS
from office.needs.reading import SeenNeed

ADVICE = {  # by the error's kind; others by the status
    EmptyNeedError: N_("Write the need in a sentence or two, or choose a file."),
    UnreadableFileError: N_("Check the file's kind and size, or paste its text."),
    TooBusyError: N_("Many people are searching. Try again in a few seconds."),
}
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
FILTER_LABELS = {
    **FACET_LABELS,
    "since": N_("Since (year)"),
    "until": N_("Until (year)"),
    "position": N_("Position"),
    "field_code": N_("Field code"),
}
SHORT = N_("The need is short, so the list may be rough. Add the use and the conditions.")
VAGUE = N_(
    "No field of research could be told from the need, so the list may be rough. "
    "Name the material, the technique or the use."
)


@dataclass(frozen=True)
class Notice:
    """Why there is no list: the status, what to do (in English), and the cause."""

    status: int
    advice: str
    detail: Message

    @classmethod
    def of(cls, error: EnmusubiError, settings: Settings) -> "Notice":
        """Return the notice of an error of the matcher."""
        status, detail = status_of(error), without_folders(error.message, settings)
        return cls(status, ADVICE.get(type(error), advice_of(status)), detail)


SHOWN = {  # what the templates call
    "person_token": person_token,
    "sentence_token": sentence_token,
    "mark_token": mark_token,
    "highlight": highlight,
    "strength_word": words.strength_word,
    "strength_words": words.STRENGTHS,
    "steps": summary.steps,
    "best_evidence": summary.best_evidence,
    "key_phrase": summary.key_phrase,
    "expected_suitable": summary.expected_suitable,
    "shared_objections": summary.shared_objections,
    "flag_text": words.flag_text,
    "objection_phrase": words.objection_phrase,
    "shortened": words.shortened,
    "contribution_bars": contribution_bars,
    "standing": standing,
    "unlikely_heading": UNLIKELY,
}


def ask_context(
    search: SearchForm,
    *,
    result: Result | None = None,
    need: SeenNeed | None = None,
    notice: Notice | None = None,
    read: ReadFile | None = None,
    opened: str = "",
) -> dict[str, Any]:
    """Return what `ask.html` shows: the form as it was filled in, and the list, the notice or the file.

    `opened` is the researcher whose row stands open.
    """
    asked = search.asked_text(need)
    return {
        "search": search,
        "need": need,
        "result": result,
        "notice": notice,
        "read": read,
        "endings": ENDINGS,
        "need_rows": rows_of(search.need),
        "hints": hints(search, result.answer, need) if result else [],
        "need_body": asked,
        "refining": REFINING,
        "conditions": conditions_of(search, need, result.answer) if result else (),
        "condition_labels": CONDITION_LABELS,
        "need_text": clean_text(asked),
        "need_language": detect_language(asked),
        "kinds": SEED_KINDS,
        "text_languages": LANGUAGES,
        "tops": sorted({*TOP_CHOICES, search.top}),
        "taxonomy": load_taxonomy(),
        "fields": load_taxonomy().by_id,
        "sorts": SORT_LABELS,
        "facet_labels": FACET_LABELS,
        "filter_labels": FILTER_LABELS,
        "percentage": percentage,
        "opened": opened,
        **SHOWN,
    }


def hints(search: SearchForm, answer: Answer, need: SeenNeed | None) -> list[str]:
    """Return what could be said better of a need, in English; one hint at most."""
    if len(clean_text(search.asked_text(need))) < SHORT_NEED_CHARS[answer.understood.language]:
        return [SHORT]
    return [] if answer.understood.fields else [VAGUE]
