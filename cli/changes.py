"""What would change a person's place in a need's list, on a terminal."""

from typing import TYPE_CHECKING

from cli.tables import Heading, print_table
from cli.telling import language, tell, told, write
from enmusubi.messages import Message
from matcher.explaining.words import STRENGTHS, percentage
from office.counterfactuals import (
    ADDED,
    BROUGHT_IN,
    DOWN,
    DROPPED,
    SAME,
    TAKEN_OUT,
    UP,
    WITHDRAWN,
    Change,
    Counterfactuals,
    Effect,
    ListPlace,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADINGS = (Message("what is changed"), Message("place then"), Message("effect"))
EFFECTS: "Mapping[str, Message]" = {
    BROUGHT_IN: Message("into the first ten"),
    TAKEN_OUT: Message("out of the first ten"),
    UP: Message("up"),
    DOWN: Message("down"),
    SAME: Message("same rank"),
}


def print_changes(found: Counterfactuals) -> None:
    """Print the place today, what each change does to it, and which bring the person in together."""
    name = found.researcher.name(language())
    tell(Message("%(name)s, today: %(place)s", {"name": name, "place": _place(found.before)}))
    rows = [(_said(one.changes[0]), told(_place(one.place)), _effect(one)) for one in found.effects]
    print_table([Heading(heading) for heading in HEADINGS], rows)
    if found.together:
        place = {"place": _place(found.together.place)}
        tell(Message("The fewest changes that bring them into the first ten: %(place)s", place))
        for change in found.together.changes:
            write(_said(change), indent=2)
    elif not found.before.is_first and not any(one.place.is_first for one in found.effects):
        tell(Message("None of these changes, alone or together, brings them into the first ten."))


def _place(place: ListPlace) -> Message:
    if place.rank is None:
        return Message("not among the first hundred")
    rank = Message("rank %(rank)s", {"rank": place.rank})
    if place.probability is None:
        return rank
    spoken = language()
    fit = f"{STRENGTHS[spoken][place.strength]} {percentage(place.probability, spoken)}"
    return Message("%(rank)s (%(fit)s)", {"rank": rank, "fit": fit})


def _effect(effect: Effect) -> str:
    word = told(EFFECTS[effect.verdict])
    is_counted = effect.gain and effect.place.rank and effect.before.rank
    return f"{word} ({effect.gain:+d})" if is_counted else word


def _said(change: Change) -> str:
    if change.kind == DROPPED and change.part:
        return told(Message("without this part: %(text)s", {"text": change.part.text}))
    if change.kind == ADDED:
        return told(Message("with this word added: %(term)s", {"term": change.term}))
    if change.kind == WITHDRAWN and change.seed:
        return told(Message("without this work: %(title)s", {"title": change.seed.title}))
    return told(Message("with work since %(year)s alone", {"year": change.since}))
