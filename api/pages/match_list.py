"""A match list as pages show it: its order, one page of it, and what was kept of its people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.pages.search_form import INDUSTRY, NAME, NEWEST, RANK, SearchForm
from enmusubi.errors import InputError
from matcher.answer import Answer
from matcher.records import Match
from office.list_changes import ListChange
from office.needs.reading import SeenNeed
from office.notes import Note
from office.screening.list_screening import NOTHING_FOUND, ListScreening

LIST_LENGTH = 100  # how many people a list has at most, over all of its pages
COMPARED = range(2, 5)  # how many people stand side by side
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
    """An answered question: the answer, the page of its list, what was kept, the stored need, a trial.

    `screening` is of the people of that page; `busy_last` says that it moved some behind equals.
    """

    answer: Answer
    listed: ListPage
    marks: ViewerMarks
    need: SeenNeed | None = None
    trial: Trial | None = None
    screening: ListScreening = NOTHING_FOUND
    busy_last: bool = False


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
