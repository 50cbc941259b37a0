"""The conditions of a need on the page of its list: what each does there, and what a click would do."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from api.pages.search_form import INDUSTRY as BY_INDUSTRY
from api.pages.search_form import SearchForm
from enmusubi.messages import N_
from matcher.answer import DEPARTMENT, INSTITUTION, Answer
from matcher.conditions import (
    BUDGET,
    HORIZON,
    INDUSTRY,
    PLACE,
    SECRECY,
    SINCE,
    Condition,
    find_conditions,
)
from matcher.records import COMPETITIVE
from office.needs.reading import SeenNeed

AREA = "area"
LABELS = {
    AREA: N_("Area of the need"),
    PLACE: N_("Place"),
    SINCE: N_("Year"),
    INDUSTRY: N_("Work with companies"),
    BUDGET: N_("Budget"),
    HORIZON: N_("Time horizon"),
    SECRECY: N_("Secrecy"),
}
EFFECTS = {
    AREA: N_("Counted: people with a record of work with companies rank higher."),
    PLACE: N_("Not counted by itself; you can narrow the list to it."),
    SINCE: N_("Not counted by itself; you can narrow the list to it."),
    INDUSTRY: N_("Not counted in the ranks by itself; you can put the list in that order."),
    BUDGET: N_("Not counted: what the work would cost is not known. Ask at the first meeting."),
    HORIZON: N_("Not counted: who has time, and when, is not known. Ask at the first meeting."),
    SECRECY: N_(
        "Not counted in the ranks: it decides who sees the need. Agree on it before the first meeting."
    ),
}
UNKNOWN_PLACE = N_("Not counted: no institution or department of this list has that name.")


@dataclass(frozen=True)
class ShownCondition:
    """A condition, what it does, and what a click would set: a filter as `name=value`, or an order."""

    kind: str
    said: str = field(repr=False)
    effect: str
    sets: str = ""
    sorts: str = ""


def conditions_of(
    search: SearchForm, need: SeenNeed | None, answer: Answer
) -> tuple[ShownCondition, ...]:
    """Return the conditions of what is asked; those that are set already as filters are left out."""
    return tuple(_conditions(search, need, answer))


def _conditions(
    search: SearchForm, need: SeenNeed | None, answer: Answer
) -> Iterator[ShownCondition]:
    if answer.understood.area.area == COMPETITIVE:
        yield ShownCondition(AREA, "", EFFECTS[AREA])
    places = {name: facet for facet in (INSTITUTION, DEPARTMENT) for name in _names(answer, facet)}
    text = search.asked_text(need)
    if need:
        text = f"{need.title}\n{text}\n{need.constraints}"
    found = find_conditions(text, sorted(places, key=lambda name: (-len(name), name)))
    for one in (*found, *_declared(need, {one.kind for one in found})):
        shown = _shown(one, places)
        name, _, value = shown.sets.partition("=")
        is_set = bool(name) and value == getattr(search, name)
        if not is_set and not (shown.sorts and shown.sorts == search.sort):
            yield shown


def _names(answer: Answer, facet: str) -> Iterator[str]:
    for choice in answer.facets.get(facet, ()):
        yield from filter(None, (choice.value, choice.label_ja, choice.label_en))


def _declared(need: SeenNeed | None, found: set[str]) -> Iterator[Condition]:
    """Yield what a stored need has in fields of its own, unless its text says so, too."""
    if need is None:
        return
    if need.budget_jpy is not None and BUDGET not in found:
        yield Condition(BUDGET, f"¥{need.budget_jpy:,}")
    if need.horizon and HORIZON not in found:
        yield Condition(HORIZON, need.horizon)
    if need.facts.is_closed and SECRECY not in found:
        yield Condition(SECRECY, "")


def _shown(one: Condition, places: dict[str, str]) -> ShownCondition:
    if one.kind == PLACE and not one.value:
        return ShownCondition(one.kind, one.said, UNKNOWN_PLACE)
    sets = f"{places[one.value]}={one.value}" if one.kind == PLACE else ""
    sets = f"since={one.value}" if one.kind == SINCE else sets
    sorts = BY_INDUSTRY if one.kind == INDUSTRY else ""
    return ShownCondition(one.kind, one.said, EFFECTS[one.kind], sets, sorts)
