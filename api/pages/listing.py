"""A match list as a page shows it: sorted, one page of it, and who was picked to be compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.search_form import INDUSTRY, NAME, NEWEST, RANK, Asked
from enmusubi.errors import InputError
from matcher.records import Match

LIST_LENGTH = 100  # how many people a list has at most, over all of its pages
COMPARED = range(2, 5)  # how many people stand side by side


@dataclass(frozen=True)
class Listed:
    """One page of a list: its matches, its number, and how many people and pages there are."""

    matches: tuple[Match, ...]
    page: int
    pages: int
    total: int
    first: int  # place of the first match in the sorted list, from 1


def wanted(asked: Asked) -> int:
    """Return how many matches must be known to show the page that was asked for."""
    if asked.sort != RANK:
        return LIST_LENGTH
    return min(asked.page * asked.top, LIST_LENGTH)


def list_page(matches: Sequence[Match], found: int, asked: Asked, language: str) -> Listed:
    """Return the page that was asked for, or the last one where there are not so many."""
    total = min(max(found, len(matches)), LIST_LENGTH)
    pages = max(1, -(-total // asked.top))
    page = min(asked.page, pages)
    first = (page - 1) * asked.top
    shown = in_order(matches, asked.sort, language)[first : first + asked.top]
    return Listed(tuple(shown), page, pages, total, first + 1)


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


Key = Callable[[Match], Any]


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
