"""The search form: what a viewer asked for, its fields, read, checked and turned into filters.

One form carries all of it from answer to answer, so that no text of a need stands in an address.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from enmusubi.errors import InputError
from matcher.records import COMPETITIVE, NON_COMPETITIVE, SEED_KINDS, Filters
from matcher.spreading import LEVELS
from office.needs.reading import SeenNeed
from office.search_conditions import Conditions

RANK, NEWEST, INDUSTRY, NAME = "rank", "newest", "industry", "name"
SORTS = (RANK, NEWEST, INDUSTRY, NAME)
AREAS = ("", COMPETITIVE, NON_COMPETITIVE)
TOP_CHOICES = (5, 10, 20, 50)
MAX_TOP = 100
MAX_CHARS = 200
SET = "set"  # the button of a facet: `set` has the value `kind=paper`
SHOWN_IN = "shown_in"  # the button that shows the same in the other language
CHECKING = "checking"  # in an address: the text comes from a file and is still to be checked
UNASKED = "unasked"  # in an address: the form was only filled in, and nothing is matched
NO_FILTER = "none"  # what `set` has to let go of all filters


@dataclass(frozen=True)
class SearchForm:
    """The form as it was filled in; a stored need stands by its id, and its text is not carried."""

    need: str = field(default="", repr=False)
    need_id: str = ""
    area: str = ""
    institution: str = ""
    department: str = ""
    position: str = ""
    kind: str = ""
    field_code: str = ""
    domain: str = ""
    language: str = ""
    since: str = ""
    until: str = ""
    sort: str = RANK
    spread: str = ""  # a level of `matcher.spreading`; empty: what is usual for the need
    top: int = 10
    more: str = ""  # what `refining` reads: a mark a line
    less: str = ""
    terms: str = field(default="", repr=False)  # words that were added, one a line
    reworded: str = field(default="", repr=False)  # another wording of a stored need
    page: int = 1

    @classmethod
    def of(cls, conditions: Conditions, *, text: str, need_id: str) -> "SearchForm":
        """Return the form that asks so, the first of several values in each filter.

        `text` is a need, or another wording of a stored one. Marks are for `refining` to say.
        """
        filters = conditions.filters
        return cls(
            need="" if need_id else text,
            reworded=text if need_id else "",
            need_id=need_id,
            area=conditions.area,
            sort=conditions.sort if conditions.sort in SORTS else RANK,
            spread=conditions.spread if conditions.spread in LEVELS else "",
            top=conditions.top or cls.top,
            institution=_first(filters.institutions),
            department=_first(filters.departments),
            position=_first(filters.positions),
            kind=_first(filters.kinds),
            field_code=_first(filters.fields),
            domain=_first(filters.domains),
            language=_first(filters.languages),
            since=_first((filters.since,)),
            until=_first((filters.until,)),
        )

    @property
    def is_filtered(self) -> bool:
        """Whether any filter was filled in."""
        return self.filters() != Filters()

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that were filled in, by the names of their fields."""
        values = {name: str(getattr(self, name)) for name in CARRIED if name in FILTER_NAMES}
        return {name: value for name, value in values.items() if value}

    def asked_text(self, need: SeenNeed | None) -> str:
        """Return the text that is matched: another wording, or the stored need's, or what was typed."""
        return self.reworded or (need.text if need else self.need)

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
            domains=_one(self.domain),
        )

    def carried(self) -> dict[str, str]:
        """Return the fields that another form takes along; the page of the list is not one."""
        values = {name: str(getattr(self, name)) for name in CARRIED}
        return {name: value for name, value in values.items() if value}


CARRIED = tuple(f.name for f in fields(SearchForm) if f.name != "page")
REFINING = ("more", "less", "terms", "reworded")
TEXTS = frozenset({"need", "terms", "reworded"})  # of a need: never in an address
FILTER_NAMES = frozenset(CARRIED) - {"need", "need_id", "area", "sort", "spread", "top", *REFINING}
_ALLOWED: Mapping[str, Collection[str]] = {
    "sort": SORTS,
    "spread": ("", *LEVELS),
    "area": AREAS,
    "kind": ("", *SEED_KINDS),
    "language": ("", "ja", "en"),
}
_LENGTHS = {"since": 4, "until": 4, "more": 8_000, "less": 8_000, "terms": 4_000}
_OF_ANY_LENGTH = frozenset({"need", "reworded"})  # the matcher says how long they may be


def read_search_form(form: Mapping[str, Any]) -> SearchForm:
    """Return what a form or an address asks for; raises InputError that names the field."""
    given = {name: form[name] for name in (*CARRIED, "page") if isinstance(form.get(name), str)}
    values: dict[str, Any] = {
        name: text if name in _OF_ANY_LENGTH else text.strip() for name, text in given.items()
    }
    for name, value in _chosen(form).items():
        values[name] = value
    for name in ("top", "page"):
        if name in values:
            values[name] = _number(name, values[name])
    for name, value in values.items():
        _check(name, value)
    return SearchForm(**values)


def _chosen(form: Mapping[str, Any]) -> dict[str, str]:
    """Return what the button of a facet sets; choosing a year lets go of the last one."""
    name, _, value = str(form.get(SET) or "").partition("=")
    if not name:
        return {}
    if name == NO_FILTER:
        return dict.fromkeys(FILTER_NAMES, "")
    if name not in FILTER_NAMES:
        raise InputError("no such filter.", of_field="set")
    return {name: value, "until": ""} if name == "since" else {name: value}


def _check(name: str, value: str | int) -> None:
    limit = _LENGTHS.get(name, MAX_CHARS)
    if name not in _OF_ANY_LENGTH and len(str(value)) > limit:
        raise InputError(
            "%(count)s characters, at most %(most)s are read.",
            of_field=name,
            count=len(str(value)),
            most=limit,
        )
    if name in _ALLOWED and value not in _ALLOWED[name]:
        raise InputError(
            "expected one of %(choices)s.",
            of_field=name,
            choices=", ".join(filter(None, _ALLOWED[name])),
        )


def _number(name: str, text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not 1 <= number <= MAX_TOP:
        raise InputError("expected a whole number from 1 to %(last)s.", of_field=name, last=MAX_TOP)
    return number


def page_number(text: str) -> int:
    """Return the number of a list's page; raises InputError."""
    return _number("page", text)


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _first(values: Sequence[str | int | None]) -> str:
    return "" if not values or values[0] is None else str(values[0])


def _year(value: str) -> int | None:
    return int(value) if value.isdecimal() else None
