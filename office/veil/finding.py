"""What of a need could be veiled, and what each veil costs its list: for who may change the need.

A cost is measured by running the list again with the mark's first proposal in its place, and once more with
all proposals that identify the most. Nothing is stored, and no list is recorded as the need's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import anyio

from catalogue.database.viewer import Viewer
from enmusubi.errors import IndexUnusableError
from enmusubi.translation import translations
from matcher.domains.taxonomy import load_taxonomy
from matcher.queries import is_matchable
from matcher.records import MatchList, Need
from matcher.veiling.cues import KnownNames
from matcher.veiling.marking import (
    A_COMPANY,
    A_COMPANY_OF,
    MarkedNeed,
    TellingMark,
    find_marks,
    replaced,
)
from matcher.veiling.rarity import Rarity
from office.access.rules import VEIL, require
from office.access.scoped import reading_as
from office.matching import Question, ServedMatching
from office.needs.reading import SeenNeed
from office.veil.kept import FIELDS
from office.veil.names import known_names
from office.ways_in import VEIL as VEIL_WAY

FIRST_RANKS, SEARCHED = 10, 50
MOST_PRICED = 12  # marks whose cost is measured, those that identify the most
MATCHED = ("title", "text")  # the fields that a list is made of
UNKNOWN_RARITY = Rarity(passages=0, of=0, pieces=1)  # below what marks a term


@dataclass(frozen=True)
class Cost:
    """What a veil costs the list: of the first ten `kept` stay, and they lose `places` on average.

    Who is not among the first SEARCHED any more counts as just behind them; who rises, as unmoved.
    """

    kept: int
    of: int
    places: float


@dataclass(frozen=True)
class VeilProposal:
    """A need's marks, what veiling each costs (None: not in what is matched, or not measured), and all.

    `company` is what could stand for the company's name. Without an index nothing is measured, and terms
    are not looked up (`has_index`).
    """

    marks: tuple[TellingMark, ...]
    costs: tuple[Cost | None, ...]
    together: Cost | None
    company: str
    has_index: bool = True


async def propose_veil(matching: ServedMatching, viewer: Viewer, need: SeenNeed) -> VeilProposal:
    """Return what could be veiled of a need; raises ForbiddenError and what matching raises.

    Where no index can be used, names and quantities are marked all the same: a secret can wait for none.
    """
    require(viewer, VEIL)
    known = await anyio.to_thread.run_sync(_known, matching, viewer, need)
    try:
        before = await _run(matching, viewer, need, {})
    except IndexUnusableError:
        return await anyio.to_thread.run_sync(_without_index, marked_need(need, known, ()))
    marked = marked_need(need, known, before.fields)
    marks = await matching.gate.run(
        lambda: find_marks(
            marked, lambda terms: matching.live.get().rarities(terms, marked.language)
        )
    )
    costs = [await _cost(matching, viewer, need, [mark], before) for mark in marks[:MOST_PRICED]]
    proposed = [mark for mark in marks if mark.is_proposed]
    together = await _cost(matching, viewer, need, proposed, before)
    padded = (*costs, *[None] * (len(marks) - len(costs)))
    return VeilProposal(marks, padded, together, company_instead(marked))


async def price(
    matching: ServedMatching, viewer: Viewer, need: SeenNeed, title: str, text: str
) -> Cost | None:
    """Return what a veiled title and text cost the list; None where they, or all, cannot be matched."""
    require(viewer, VEIL)
    veiled = replace(need.as_need(), title=title, text=text)
    if not is_matchable(veiled, max_chars=matching.settings.need.max_chars):
        return None
    try:
        before = await _run(matching, viewer, need, {})
        return compared(before, await _match(matching, viewer, veiled))
    except IndexUnusableError:
        return None


def _without_index(marked: MarkedNeed) -> VeilProposal:
    marks = find_marks(marked, lambda terms: [UNKNOWN_RARITY] * len(terms))
    return VeilProposal(marks, (None,) * len(marks), None, company_instead(marked), has_index=False)


def fields_of(need: SeenNeed) -> dict[str, str]:
    """Return the fields that a veil says anew."""
    return {name: getattr(need, name) for name in FIELDS}


def marked_need(need: SeenNeed, known: KnownNames, field_ids: Sequence[str]) -> MarkedNeed:
    """Return what the marks of a need are found by; `field_ids` are its likely fields of research."""
    language = need.lang if need.lang in {"ja", "en"} else "ja"
    names = {one.id: (one.name_ja, one.name_en) for one in load_taxonomy().fields}
    named = [names[one][language == "en"] for one in field_ids[:1] if one in names]
    return MarkedNeed(
        fields_of(need), language, known, named[0] if named else "", translations(language).say
    )


def company_instead(need: MarkedNeed) -> str:
    """Return what could stand for the company's name."""
    if need.field_name:
        return need.say(A_COMPANY_OF, field=need.field_name)
    return need.say(A_COMPANY)


def compared(before: MatchList, after: MatchList) -> Cost:
    """Return what the second list costs against the first."""
    ranks = {match.researcher.researcher_id: match.rank for match in after.matches}
    first = before.matches[:FIRST_RANKS]
    now = [ranks.get(match.researcher.researcher_id, SEARCHED + 1) for match in first]
    lost = [max(0, rank - match.rank) for rank, match in zip(now, first, strict=True)]
    kept = sum(rank <= FIRST_RANKS for rank in now)
    return Cost(kept, len(first), round(sum(lost) / len(lost), 1) if lost else 0.0)


def _known(matching: ServedMatching, viewer: Viewer, need: SeenNeed) -> KnownNames:
    with reading_as(matching.catalogue, viewer) as connection:
        return known_names(connection, need.organisation_id, need.company)


async def _cost(
    matching: ServedMatching,
    viewer: Viewer,
    need: SeenNeed,
    marks: Sequence[TellingMark],
    before: MatchList,
) -> Cost | None:
    """Return what the first proposals of marks cost; None where none of them is in what is matched."""
    acting = [mark for mark in marks if any(name in MATCHED for name, _, _ in mark.places)]
    if not acting:
        return None
    instead = {mark.said: mark.proposals[0] for mark in acting}
    return compared(before, await _run(matching, viewer, need, instead))


async def _run(
    matching: ServedMatching, viewer: Viewer, need: SeenNeed, instead: Mapping[str, str]
) -> MatchList:
    asked = need.as_need()
    title, text = replaced(asked.title, instead), replaced(asked.text, instead)
    return await _match(matching, viewer, replace(asked, title=title, text=text))


async def _match(matching: ServedMatching, viewer: Viewer, need: Need) -> MatchList:
    return await matching.match_for(viewer, Question(need, SEARCHED, is_varied=True), VEIL_WAY)
