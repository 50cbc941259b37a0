"""What would change a person's place in a need's list: the smallest changes, each verified by running it.

Changes are tried one at a time and the whole list is made anew with each: a part of the need is dropped,
a suggested term added, a seed of the person withdrawn, recent work alone read. Where no single one brings
a person into the first ranks, those that help most are put together. Nothing is stored, no list recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from catalogue.database.viewer import Viewer
from enmusubi.errors import UnknownIdError
from enmusubi.language import clean_text
from enmusubi.messages import N_
from matcher.answer import Answer
from matcher.queries import MIN_LETTERS
from matcher.records import Evidence, Match, MatchList, Need, NeedPart, Refinement, ResearcherCard
from office.matching import ALL, Question, ServedMatching, Withdrawal
from office.needs.reading import SeenNeed
from office.ways_in import COUNTERFACTUAL

FIRST_RANKS = 10  # where a person is seen
SEARCHED = 100  # ranks that are looked at
MOST_PARTS, MOST_TERMS, MOST_SEEDS = 6, 6, 3
MOST_TOGETHER = 3
RECENT_YEARS = 10
DROPPED, ADDED, WITHDRAWN, RECENT = "dropped", "added", "withdrawn", "recent"
BROUGHT_IN, TAKEN_OUT, UP, DOWN, SAME = "in", "out", "up", "down", "same"
UNKNOWN_PERSON = N_("That researcher is in no list of this need with any of the changes.")


@dataclass(frozen=True)
class Change:
    """One thing that is changed: the kind says which of the others is set; `since` is a year."""

    kind: str
    part: NeedPart | None = field(default=None, repr=False)
    term: str = field(default="", repr=False)
    language: str = ""  # of the term
    seed: Evidence | None = None
    since: int | None = None


@dataclass(frozen=True)
class ListPlace:
    """A person's rank among the first SEARCHED, the probability and its word; None: not among them."""

    rank: int | None = None
    probability: float | None = None
    strength: str = ""

    @property
    def is_first(self) -> bool:
        """Whether the rank is one of the first."""
        return self.rank is not None and self.rank <= FIRST_RANKS


@dataclass(frozen=True)
class Effect:
    """Changes that were made together, and the place that the person had with them."""

    changes: tuple[Change, ...]
    place: ListPlace
    before: ListPlace

    @property
    def gain(self) -> int:
        """Ranks won, negative for ranks lost; who is not among the first SEARCHED stands behind them."""
        return (self.before.rank or SEARCHED + 1) - (self.place.rank or SEARCHED + 1)

    @property
    def verdict(self) -> str:
        """in, out (of the first ranks), up, down or same."""
        if self.place.is_first != self.before.is_first:
            return BROUGHT_IN if self.place.is_first else TAKEN_OUT
        return UP if self.gain > 0 else DOWN if self.gain < 0 else SAME


@dataclass(frozen=True)
class Counterfactuals:
    """A person's place in a need's list, and what each change does to it, the largest gain first.

    `together` is the fewest changes that bring the person into the first ranks, None where one change
    does, or where none do.
    """

    researcher: ResearcherCard
    before: ListPlace
    effects: tuple[Effect, ...]
    together: Effect | None = None


@dataclass(frozen=True)
class _Case:
    """What is asked again and again: for whom, which need, about whom."""

    viewer: Viewer
    need: Need
    researcher_id: str


async def what_would_change(
    matching: ServedMatching, viewer: Viewer, need: SeenNeed, researcher_id: str, *, year: int
) -> Counterfactuals:
    """Return what would bring a person in, up or out; `year` is the present one.

    Raises UnknownIdError for a person whom neither the list nor a changed one has, and what matching raises.
    """
    case = _Case(viewer, need.as_need(), researcher_id)
    answer = await matching.answer_for(viewer, _question(case, ()))
    found = _match_of(answer.matches, researcher_id)
    before, card = _place(found), found.researcher if found else None
    effects = []
    for change in _changes(answer, found, case.need, year):
        place, seen = await _run(matching, case, (change,))
        card = card or seen
        effects.append(Effect((change,), place, before))
    if card is None:
        raise UnknownIdError(UNKNOWN_PERSON)
    ordered = tuple(sorted(effects, key=lambda effect: -effect.gain))
    together = await _together(matching, case, ordered, before)
    return Counterfactuals(card, before, ordered, together)


async def _together(
    matching: ServedMatching, case: _Case, effects: Sequence[Effect], before: ListPlace
) -> Effect | None:
    """Return the fewest of the changes that help, the best first, that bring the person in together."""
    if before.is_first or any(effect.place.is_first for effect in effects):
        return None
    helping = [effect.changes[0] for effect in effects if effect.gain > 0]
    for count in range(2, min(MOST_TOGETHER, len(helping)) + 1):
        place, _ = await _run(matching, case, tuple(helping[:count]))
        if place.is_first:
            return Effect(tuple(helping[:count]), place, before)
    return None


async def _run(
    matching: ServedMatching, case: _Case, changes: tuple[Change, ...]
) -> tuple[ListPlace, ResearcherCard | None]:
    matches = await matching.match_for(case.viewer, _question(case, changes), COUNTERFACTUAL)
    found = _match_of(matches, case.researcher_id)
    return _place(found), found.researcher if found else None


def _question(case: _Case, changes: Sequence[Change]) -> Question:
    """Return what is asked with these changes; a dropped part is cut out of the text that is matched."""
    dropped = [change.part for change in changes if change.part]
    terms = tuple(change.term for change in changes if change.term)
    since = next((change.since for change in changes if change.since), None)
    seeds = tuple(change.seed.seed_id for change in changes if change.seed)
    need = replace(without_parts(case.need, dropped), refinement=Refinement(terms=terms))
    return Question(
        need,
        SEARCHED,
        replace(ALL, since=since),
        is_varied=True,
        withdrawal=Withdrawal(case.researcher_id, seeds) if seeds else None,
    )


def without_parts(need: Need, parts: Sequence[NeedPart]) -> Need:
    """Return the need without parts, whose places are those in its title, a line end and its text."""
    title, text = clean_text(need.title), clean_text(need.text)
    offset = len(title) + 1 if title else 0
    for part in sorted(parts, key=lambda one: -one.start):
        if part.start < offset:
            title = ""
        else:
            text = text[: part.start - offset] + text[part.end - offset :]
    return replace(need, title=title, text=text)


def _changes(answer: Answer, found: Match | None, need: Need, year: int) -> list[Change]:
    shown = found or next(iter(answer.matches.matches), None)
    parts = [one.part for one in shown.parts] if shown else []
    able = [part for part in parts if _has_letters(without_parts(need, [part]))]
    dropped = [Change(DROPPED, part=part) for part in able[:MOST_PARTS]] if len(parts) > 1 else []
    added = [
        Change(ADDED, term=one.term, language=one.language) for one in answer.suggested[:MOST_TERMS]
    ]
    withdrawn = [
        Change(WITHDRAWN, seed=seed) for seed in (found.evidence[:MOST_SEEDS] if found else ())
    ]
    return [*dropped, *added, *withdrawn, Change(RECENT, since=year - RECENT_YEARS)]


def _has_letters(need: Need) -> bool:
    return sum(map(str.isalnum, need.text)) >= MIN_LETTERS


def _match_of(matches: MatchList, researcher_id: str) -> Match | None:
    return next((m for m in matches.matches if m.researcher.researcher_id == researcher_id), None)


def _place(found: Match | None) -> ListPlace:
    return ListPlace(found.rank, found.probability, found.strength) if found else ListPlace()
