"""A match list as pages show it: its order, one page of it, excerpts and bars, and the form around it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from api.languages import LANGUAGES
from api.pages.conditions import LABELS as CONDITION_LABELS
from api.pages.conditions import conditions_of
from api.pages.need_upload import ReadFile, rows_of
from api.pages.refining import mark_token, person_token, sentence_token
from api.pages.rendering import advice_of
from api.pages.search_form import (
    INDUSTRY,
    NAME,
    NEWEST,
    RANK,
    REFINING,
    TOP_CHOICES,
    SearchForm,
)
from api.problems import status_of, without_folders
from catalogue.importers.need_files import ENDINGS
from enmusubi.errors import (
    EmptyNeedError,
    EnmusubiError,
    InputError,
    TooBusyError,
    UnreadableFileError,
)
from enmusubi.language import clean_text
from enmusubi.messages import N_, Message
from enmusubi.settings import Settings
from matcher.answer import Answer
from matcher.domains.taxonomy import load_taxonomy
from matcher.explaining import summary, words
from matcher.explaining.explanation import grouped
from matcher.explaining.standing import UNLIKELY, standing
from matcher.explaining.words import percentage
from matcher.records import SEED_KINDS, Evidence, Match
from office.list_changes import ListChange
from office.needs.reading import SeenNeed
from office.notes import Note

LIST_LENGTH = 100  # how many people a list has at most, over all of its pages
MOST_BARS = 5  # what speaks less is hardly a reason
COMPARED = range(2, 5)  # how many people stand side by side


CONTEXT_CHARS = {"ja": 110, "en": 220}  # shown on either side of the sentence
ADVICE = {  # by the error's kind; others by the status
    EmptyNeedError: N_("Write the need in a sentence or two, or choose a file."),
    UnreadableFileError: N_("Check the file's kind and size, or paste its text."),
    TooBusyError: N_("Many people are searching. Try again in a few seconds."),
}
_SENTENCE_END = re.compile(r"[。！？]|[.!?]\s")
_BLANK = re.compile(r"\s")


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
Key = Callable[[Match], Any]


@dataclass(frozen=True)
class ListPage:
    """One page of a list: its matches, its number, and how many people and pages there are."""

    matches: tuple[Match, ...]
    page: int
    pages: int
    total: int
    first: int  # place of the first match in the sorted list, from 1


@dataclass(frozen=True)
class ViewerMarks:
    """What is kept of a list's people: the viewer's shortlist, judgements and notes, by researcher."""

    shortlisted: frozenset[str] = frozenset()
    judged: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: Mapping[str, Sequence[Note]] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """Another wording of the need, and what it would change."""

    wording: str = field(repr=False)
    change: ListChange


@dataclass(frozen=True)
class Result:
    """An answered question: the answer, the page of its list, what was kept, the stored need, a trial."""

    answer: Answer
    listed: ListPage
    marks: ViewerMarks
    need: SeenNeed | None = None
    trial: Trial | None = None


def wanted(search: SearchForm) -> int:
    """Return how many matches must be known to show the page that was asked for."""
    if search.sort != RANK:
        return LIST_LENGTH
    return min(search.page * search.top, LIST_LENGTH)


def list_page(matches: Sequence[Match], found: int, search: SearchForm, language: str) -> ListPage:
    """Return the page that was asked for, or the last one where there are not so many."""
    total = min(max(found, len(matches)), LIST_LENGTH)
    pages = max(1, -(-total // search.top))
    page = min(search.page, pages)
    first = (page - 1) * search.top
    shown = in_order(matches, search.sort, language)[first : first + search.top]
    return ListPage(tuple(shown), page, pages, total, first + 1)


def in_order(matches: Sequence[Match], sort: str, language: str) -> list[Match]:
    """Return the matches in an order; equals keep the order of their ranks."""
    return sorted(matches, key=_KEYS[sort](language))


def pick(matches: Sequence[Match], researcher_ids: Sequence[str]) -> list[Match]:
    """Return the matches of those picked, by rank; raises InputError unless two to four are there."""
    picked = [match for match in matches if match.researcher.researcher_id in researcher_ids]
    if len(picked) not in COMPARED:
        raise InputError(
            "%(count)s researchers of this list were picked, expected %(first)s to %(last)s.",
            count=len(picked),
            first=COMPARED.start,
            last=COMPARED.stop - 1,
        )
    return sorted(picked, key=lambda match: match.rank)


def _by_rank(language: str) -> Key:
    return lambda match: match.rank


def _by_newest(language: str) -> Key:
    return lambda match: (-max((e.year or 0 for e in match.evidence), default=0), match.rank)


def _by_industry(language: str) -> Key:
    def key(match: Match) -> tuple[int, int, int]:
        person = match.researcher
        return -person.industry_seeds, -(person.industry_last_year or 0), match.rank

    return key


def _by_name(language: str) -> Key:
    return lambda match: (match.researcher.name(language).casefold(), match.rank)


_KEYS = {RANK: _by_rank, NEWEST: _by_newest, INDUSTRY: _by_industry, NAME: _by_name}


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
    "objection_text": words.objection_text,
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
    return {
        "search": search,
        "need": need,
        "result": result,
        "notice": notice,
        "read": read,
        "endings": ENDINGS,
        "need_rows": rows_of(search.need),
        "hints": hints(search, result.answer, need) if result else [],
        "need_body": search.reworded or (need.text if need else search.need),
        "refining": REFINING,
        "conditions": conditions_of(search, need, result.answer) if result else (),
        "condition_labels": CONDITION_LABELS,
        "need_text": clean_text(search.reworded or (need.text if need else search.need)),
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
    text = need.text if need else search.need
    if len(clean_text(text)) < SHORT_NEED_CHARS[answer.understood.language]:
        return [SHORT]
    return [] if answer.understood.fields else [VAGUE]
