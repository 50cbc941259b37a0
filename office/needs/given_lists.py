"""The list that a need's company would be given: which people, in which words, and what speaks against it.

Made of public seeds alone, frozen as the document that portals read. Nothing is stored here: what is shown
before a release and what is released are made by the same function, and compared by `FrozenList.mark`.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import anyio
from pydantic import TypeAdapter
from pydantic_core import to_json
from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from enmusubi.errors import ForbiddenError, InputError
from enmusubi.language import clean_text
from enmusubi.messages import listed
from matcher.explaining.standing import all_unlikely, standing
from matcher.explaining.words import objection_text, strength_text
from matcher.records import Filters, Match, MatchList, Objection, ResearcherCard
from matcher.reranking.calibration import WEAK
from office.access.rules import RELEASE, SEE_SCREENING, changes_need, may, require
from office.access.scoped import reading_as
from office.accounts.machines import has_portal
from office.matching import ALL, Question, ServedMatching
from office.needs.reading import SeenNeed, need_of
from office.people import cards_of, ids_of
from office.screening.findings import Finding, Findings
from office.screening.rule_book import rule_book
from office.screening.screening import screen, stopping
from office.ways_in import RELEASE as RELEASE_WAY

# what is to be considered before a company sees a list, each for itself
WEAK_PEOPLE, NO_EVIDENCE = "weak_people", "no_public_evidence"
FITS_NOBODY, NO_PORTAL = "fits_nobody", "no_portal"
CONCERNS = (FITS_NOBODY, WEAK_PEOPLE, NO_EVIDENCE, NO_PORTAL)
MAX_CHOSEN_FROM = 1_000  # places of a list among which chosen researchers are
_LOOKED_THROUGH = (100, MAX_CHOSEN_FROM)  # the first places, and all where somebody is not there
_MATCH_LIST = TypeAdapter(MatchList)
_LIST_FIELDS = (
    "need_id", "language", "researchers_considered", "index_version", "model", "reranker",
    "fits_nobody",
)  # fmt: skip


@dataclass(frozen=True)
class ReleaseChoice:
    """Which part of a need's list is released: the best `top`, or the chosen researchers."""

    top: int = 10
    researcher_ids: Sequence[str] = ()
    filters: Filters = ALL


@dataclass(frozen=True)
class FrozenList:
    """A list as it would be released; `content` is the frozen document.

    `concerns` are what is to be considered before, of CONCERNS and in their order; `unlisted` is how many
    chosen people the need's list does not have: they are given by name, without evidence. `findings` are
    what screening found of them, as the one who releases may see it.
    """

    need_id: str
    people: int
    content: str = field(repr=False)
    concerns: tuple[str, ...] = ()
    unlisted: int = 0
    findings: Findings = field(default_factory=dict)

    @property
    def stops(self) -> tuple[Finding, ...]:
        """What screening found that stops the release as it is."""
        return tuple(stopping(self.findings))

    @property
    def mark(self) -> str:
        """A hash of what people read in the list: other people, evidence or words make another one.

        Numbers with a fraction are left out: their last digits depend on what is encoded together,
        and where they matter they are said in words as well.
        """
        read = _without_fractions(json.loads(self.content))
        return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class _Asked:
    """What was read for a release: the need, the chosen people by every id they had, the portal."""

    need: SeenNeed
    chosen: Mapping[str, ResearcherCard]  # by their present ids
    present: Mapping[str, str]  # the present id of each id that a chosen person had
    has_portal: bool


def releasable_need(connection: Connection, viewer: Viewer, need_id: str) -> SeenNeed:
    """Return a need of which the viewer may release lists; raises ForbiddenError, UnknownIdError."""
    require(viewer, RELEASE)
    need = need_of(connection, viewer, need_id)
    if not changes_need(viewer, need.facts):
        raise ForbiddenError("Only the need's manager and the chief release its lists.")
    return need


async def list_to_release(
    matching: ServedMatching, viewer: Viewer, need_id: str, choice: ReleaseChoice
) -> FrozenList:
    """Return the list as it would be given to the need's company: of public seeds alone.

    Chosen people whom the list has not got come last, without evidence (`unlisted`). Raises what
    `releasable_need` and the recommender raise, and InputError for ids that no researcher has.
    """

    def read() -> _Asked:
        with reading_as(matching.catalogue, viewer) as connection:
            return _asked(connection, viewer, need_id, choice)

    asked = await anyio.to_thread.run_sync(read)
    found = await _found(matching, viewer, asked, choice)
    kept, unlisted = found, 0
    if choice.researcher_ids:
        kept, unlisted = _only(found, asked)

    def screened() -> Findings:
        book = rule_book(matching.settings.screening)
        people = [match.researcher.researcher_id for match in kept.matches]
        with reading_as(matching.catalogue, viewer) as connection:
            return screen(connection, viewer, asked.need, people, book)

    return FrozenList(
        need_id,
        len(kept.matches),
        frozen_document(kept, found.language, asked.need.title),
        _concerns(kept, has_portal=asked.has_portal),
        unlisted,
        await anyio.to_thread.run_sync(screened) if may(viewer, SEE_SCREENING) else {},
    )


def check_listed(frozen: FrozenList) -> None:
    """Raise InputError where chosen people are not on the need's list."""
    if frozen.unlisted:
        raise _not_listed(frozen.unlisted, frozen.people)


def check_confirmed(frozen: FrozenList, confirmed: Collection[str]) -> None:
    """Raise InputError where the list has a concern that was not confirmed."""
    if left := [concern for concern in frozen.concerns if concern not in confirmed]:
        raise InputError(
            "not confirmed: %(concerns)s. Look at the list, then name what you accept.",
            of_field="confirmed",
            concerns=listed(left, " and "),
        )


def frozen_document(matches: MatchList, language: str, title: str = "") -> str:
    """Return the document of a list: the API's match list as JSON, its texts in `language`.

    `title` is the need's.

    `api.v1.schemas.matches.MatchListOut` reads it. Documents stand in databases for years and are
    compared by their bytes, so that fields, their order and the format of numbers stay.
    """
    exact = _MATCH_LIST.validate_python(asdict(matches))  # whole numbers become floats where due
    fields = {name: getattr(exact, name) for name in _LIST_FIELDS}
    fields["fair_exposure"] = exact.is_evened
    shown = [_frozen_match(match, language) for match in exact.matches]
    stands = standing(
        exact.matches, language, fits_nobody=exact.fits_nobody, title=clean_text(title)
    )
    said = {"need_title": title, "heading": stands.heading, "notice": stands.notice}
    return to_json({**fields, "matches": shown, **said}, inf_nan_mode="null").decode()


def _asked(connection: Connection, viewer: Viewer, need_id: str, choice: ReleaseChoice) -> _Asked:
    need = releasable_need(connection, viewer, need_id)
    cards = cards_of(connection, choice.researcher_ids)
    chosen = {card.researcher_id: card for card in cards.values()}
    present = {old: now for now in chosen for old in ids_of(connection, now)}
    present |= {one: one for one in choice.researcher_ids if one not in cards}
    return _Asked(need, chosen, present, has_portal(connection, need.organisation_id))


async def _found(
    matching: ServedMatching, viewer: Viewer, asked: _Asked, choice: ReleaseChoice
) -> MatchList:
    need = asked.need.as_need()
    if not choice.researcher_ids:
        question = Question(need, choice.top, choice.filters)
        return await matching.match_for(viewer, question, RELEASE_WAY)
    for top in _LOOKED_THROUGH:
        question = Question(need, top, choice.filters)
        found = await matching.match_for(viewer, question, RELEASE_WAY)
        if len(found.matches) < top or set(asked.present.values()) <= _people(found, asked):
            break
    return found


def _people(found: MatchList, asked: _Asked) -> set[str]:
    """Return the present ids of those chosen people whom a list has."""
    ids = (match.researcher.researcher_id for match in found.matches)
    return {asked.present[its_id] for its_id in ids if its_id in asked.present}


def _only(found: MatchList, asked: _Asked) -> tuple[MatchList, int]:
    """Return a list of the chosen people alone, and how many of them the list did not have.

    They are ranked anew, so that no gap tells of others; whom the list has not got comes last, with the
    least score of all and without probability, strength and evidence. Raises InputError for an id that
    neither the list nor the catalogue has.
    """
    kept = [match for match in found.matches if match.researcher.researcher_id in asked.present]
    missing = sorted(set(asked.present.values()) - _people(found, asked))
    if unknown := [its_id for its_id in missing if its_id not in asked.chosen]:
        raise _not_listed(len(unknown), len(set(asked.present.values())))
    least = min((match.score for match in kept), default=0.0)
    nothing = (Objection(NO_EVIDENCE),)
    named = [Match(0, asked.chosen[one], min(least, 0.0), (), against=nothing) for one in missing]
    ranked = tuple(replace(one, rank=rank) for rank, one in enumerate([*kept, *named], start=1))
    nobody = found.fits_nobody or all_unlikely(ranked)
    return replace(found, matches=ranked, fits_nobody=nobody), len(named)


def _not_listed(missing: int, count: int) -> InputError:
    return InputError(
        "%(missing)s of %(count)s are not on the need's list, expected all. Match the need "
        "again to see who is.",
        of_field="researcher_ids",
        missing=missing,
        count=count,
    )


def _concerns(kept: MatchList, *, has_portal: bool) -> tuple[str, ...]:
    there = {
        FITS_NOBODY: kept.fits_nobody and bool(kept.matches),
        WEAK_PEOPLE: any(match.strength == WEAK for match in kept.matches),
        NO_EVIDENCE: any(not match.evidence for match in kept.matches),
        NO_PORTAL: not has_portal,
    }
    return tuple(concern for concern in CONCERNS if there[concern])


def _frozen_match(match: Match, language: str) -> dict[str, Any]:
    return {
        "rank": match.rank,
        "score": match.score,
        "probability": match.probability,
        "strength": match.strength,
        "strength_text": strength_text(match, language),
        "researcher": asdict(match.researcher),
        "evidence": [asdict(evidence) for evidence in match.evidence],
        "against": [
            {**asdict(objection), "text": objection_text(objection, language)}
            for objection in match.against
        ],
        "contributions": [asdict(contribution) for contribution in match.contributions],
        "plain_rank": None,  # what is released stands in the plain order
    }


def _without_fractions(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_fractions(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_fractions(part) for part in value]
    return None if isinstance(value, float) else value
