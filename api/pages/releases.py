"""The routes of released lists: looked at before a company sees them, released, read, taken out, revoked.

Releasing is in two steps: the list as the company will see it, then that very list. What was looked at is
known by its mark; a list that reads otherwise by then is shown again instead of being released.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import anyio
from fastapi import Form, Query, Request, Response
from sqlalchemy import Connection

from api.dependencies import CurrentViewer, Number, Services
from api.middleware.form_deduplication import FormToken
from api.middleware.rate_limits import SEARCHES
from api.pages.exports import file_response
from api.pages.rendering import need_path, render, see_other
from api.routing import LazyRouter
from catalogue.database.judgement_models import SUITABLE
from catalogue.database.viewer import Viewer
from enmusubi.errors import ReleaseStoppedError
from enmusubi.messages import N_
from matcher.explaining.standing import folded
from office.access.access_log import note_reading
from office.access.rules import JUDGE, RELEASE, SHORTLIST, may, require
from office.access.scoped import reading_as, writing_as
from office.cases.opening import MAX_PEOPLE
from office.exports import ReleaseEnding, export_release
from office.needs.given_lists import (
    FITS_NOBODY,
    NO_EVIDENCE,
    NO_PORTAL,
    WEAK_PEOPLE,
    FrozenList,
    ReleaseChoice,
    list_to_release,
    releasable_need,
)
from office.needs.judging import standing_judgements
from office.needs.reading import SeenNeed, need_of
from office.needs.releases import (
    ask_before_release,
    read_release,
    release_list,
    released_people,
    revoke_release,
)
from office.people import cards_of, names_of
from office.reports.given_list import GivenList, GivenPerson, read_given
from office.reports.one_page import LABELS
from office.screening.findings import Finding
from office.shortlists import shortlist

KEPT, SUITED, BEST = "shortlist", "suitable", "best"  # whom a list is made of
USUAL_TOP = 3
MAX_RELEASED = 100
LOOK = "look"  # the button that shows the list again
CHANGED = N_("The list has changed since you looked at it. Look at it again, then release it.")
UNCONFIRMED = N_("Tick what you accept below the list, then release it.")
STOPPED = N_(
    "Screening stops this release. Those who clear it were asked; it can be released then."
)
NOBODY_CHOSEN = N_("Nobody is chosen. Choose whom the company is to see.")
Word = Annotated[str, Form(max_length=20)]
Words = Annotated[list[str] | None, Form(max_length=20)]
People = Annotated[list[str] | None, Form(max_length=MAX_RELEASED)]


@dataclass(frozen=True)
class _Candidates:
    """Who can be released of a need: whom its viewer keeps, and who was judged suitable."""

    need: SeenNeed
    kept: tuple[str, ...]
    suitable: tuple[str, ...]

    def people(self, whom: str) -> tuple[str, ...]:
        """Return the ids of a choice; of the best of the list none are known before."""
        return {KEPT: self.kept, SUITED: self.suitable}.get(whom, ())

    @property
    def usual(self) -> str:
        """The choice that is made unless another one is asked for; none where nobody was chosen yet."""
        return KEPT if self.kept else SUITED if self.suitable else ""


@dataclass(frozen=True)
class _Look:
    """What was asked of the page: whom, the people of the last look, and what was ticked."""

    whom: str = ""
    top: int = USUAL_TOP
    people: Sequence[str] = ()
    confirmed: Sequence[str] = ()
    notice: str = ""
    status: int = 200


@dataclass(frozen=True)
class _Offer:
    """The list as it would be released, and what is to be ticked, each with the people it is about."""

    frozen: FrozenList
    given: GivenList
    concerns: Mapping[str, Sequence[GivenPerson]] = field(default_factory=dict)

    @property
    def screened(self) -> list[tuple[str, Sequence[Finding]]]:
        """What screening found, by the names of the people; empty stands for the need itself."""
        named = {"": ""} | {person.researcher_id: person.names[0] for person in self.given.people}
        found = self.frozen.findings
        return [(name, found[its_id]) for its_id, name in named.items() if found.get(its_id)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes; they come before those of the need's page, whose ids may have slashes."""
    router = LazyRouter(include_in_schema=False)
    _add_looking(router, services)
    _add_release(router, services)
    _add_reading(router, services)
    return router


def _add_looking(router: LazyRouter, services: Services) -> None:
    @router.get("/needs/{need_id:path}/release", dependencies=SEARCHES)
    async def look(
        request: Request,
        viewer: CurrentViewer,
        need_id: str,
        whom: Annotated[str, Query(max_length=20)] = "",
        top: Annotated[int, Query(ge=1, le=MAX_RELEASED)] = USUAL_TOP,
    ) -> Response:
        require(viewer, RELEASE)
        return await _shown(services, request, viewer, need_id, _Look(whom, top))


def _add_release(router: LazyRouter, services: Services) -> None:
    @router.post("/needs/{need_id:path}/releases", dependencies=SEARCHES)
    async def release(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        need_id: str,
        person: People = None,
        confirmed: Words = None,
        mark: Annotated[str, Form(max_length=100)] = "",
        whom: Word = "",
        do: Word = "",
        form_token: FormToken = "",
    ) -> Response:
        require(viewer, RELEASE)
        asked = _Look(whom, people=person or (), confirmed=confirmed or ())
        if mark and not asked.people:  # all were left out
            asked = _Look(whom, notice=NOBODY_CHOSEN, status=422)
        if do == LOOK or not asked.people:
            return await _shown(services, request, viewer, need_id, asked)
        offer = await _offer(services, viewer, need_id, ReleaseChoice(0, asked.people))
        if offer.frozen.mark != mark:
            again = _Look(whom, people=asked.people, notice=CHANGED, status=409)
            return await _shown(services, request, viewer, need_id, again)
        if offer.frozen.stops:
            stopped = await anyio.to_thread.run_sync(_asked, services, viewer, offer.frozen)
            again = _Look(
                whom, people=asked.people, confirmed=asked.confirmed, notice=stopped, status=409
            )
            return await _shown(services, request, viewer, need_id, again)
        if not set(offer.concerns) <= set(asked.confirmed):
            again = _Look(
                whom, people=asked.people, confirmed=asked.confirmed, notice=UNCONFIRMED, status=422
            )
            return await _shown(services, request, viewer, need_id, again)

        def keep() -> int:
            with writing_as(services.catalogue, viewer) as connection:
                return release_list(connection, viewer, offer.frozen).release_id

        sent = ("release", need_id, mark)
        once = services.form_deduplicator.run_once
        release_id = await anyio.to_thread.run_sync(once, viewer, form_token, sent, keep)
        return see_other(f"/releases/{release_id}", "released")


def _asked(services: Services, viewer: Viewer, frozen: FrozenList) -> str:
    """Ask those who clear what stops a list; returns what is said above it then."""
    try:
        ask_before_release(services.catalogue, viewer, frozen)
    except ReleaseStoppedError:
        return STOPPED
    return CHANGED  # it was cleared meanwhile


async def _shown(
    services: Services, request: Request, viewer: Viewer, need_id: str, asked: _Look
) -> Response:
    """Return the page with the list as the company will see it, as far as somebody is chosen."""
    there = await anyio.to_thread.run_sync(_candidates, services, viewer, need_id)
    whom = asked.whom if asked.whom in {KEPT, SUITED, BEST} else there.usual
    people = asked.people or there.people(whom)[:MAX_RELEASED]
    offer = None
    if people or whom == BEST:
        choice = ReleaseChoice(asked.top, people)
        offer = await _offer(services, viewer, need_id, choice)
    has_people = offer is not None and offer.given.people
    notice = asked.notice or ("" if has_people or not (asked.people or whom) else NOBODY_CHOSEN)
    status = asked.status if has_people or request.method == "GET" else 422
    await anyio.to_thread.run_sync(note_reading, services.catalogue, viewer, there.need, "release")
    context: dict[str, Any] = {
        "need": there.need,
        "counts": {KEPT: len(there.kept), SUITED: len(there.suitable)},
        "whom": whom,
        "top": asked.top,
        "offer": offer if has_people else None,
        "confirmed": asked.confirmed,
        "asking": notice,
        **given_words(offer.given.language if offer else ""),
        "codes": {
            "nobody": FITS_NOBODY, "weak": WEAK_PEOPLE, "evidence": NO_EVIDENCE, "portal": NO_PORTAL,
        },
    }  # fmt: skip
    return render(request, viewer, "release.html", status, **context)


def given_words(language: str) -> dict[str, Any]:
    """Return what a list is said with in its own language (`_given.html`)."""
    return {"said": LABELS.get(language, {}), "folded": folded}


async def _offer(services: Services, viewer: Viewer, need_id: str, choice: ReleaseChoice) -> _Offer:
    frozen = await list_to_release(services.matching, viewer, need_id, choice)
    given = read_given(frozen.content)
    about: dict[str, Sequence[GivenPerson]] = {
        WEAK_PEOPLE: given.unlikely,
        NO_EVIDENCE: [person for person in given.people if not person.works],
    }
    return _Offer(frozen, given, {code: about.get(code, ()) for code in frozen.concerns})


def _candidates(services: Services, viewer: Viewer, need_id: str) -> _Candidates:
    with reading_as(services.catalogue, viewer) as connection:
        need = releasable_need(connection, viewer, need_id)
        suitable = _suitable(connection, viewer, need_id)
    kept = shortlist(services.catalogue, viewer, need_id) if may(viewer, SHORTLIST) else []
    mine = (entry.researcher.researcher_id for entry in kept)
    return _Candidates(need, tuple(dict.fromkeys(mine)), suitable)


def _suitable(connection: Connection, viewer: Viewer, need_id: str) -> tuple[str, ...]:
    """Return the present ids of those who were judged suitable, as far as they are still there."""
    if not may(viewer, JUDGE):
        return ()
    rows = standing_judgements(connection, viewer, need_id)
    judged = [str(row["researcher_id"]) for row in rows if row["verdict"] == SUITABLE]
    cards = cards_of(connection, judged)
    return tuple(dict.fromkeys(cards[one].researcher_id for one in judged if one in cards))


def _add_reading(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.get("/releases/{release_id}")
    def released(request: Request, viewer: CurrentViewer, release_id: Number) -> Response:
        found = read_release(catalogue, viewer, release_id)
        with reading_as(catalogue, viewer) as connection:
            need = need_of(connection, viewer, found.need_id)
            names = names_of(connection, {found.released_by})
        shown: dict[str, Any] = {"released": found, "need": need, "names": names}
        note_reading(catalogue, viewer, need, "release")
        given = read_given(found.content)
        shown |= given_words(given.language)
        shown["people"] = released_people(found)[:MAX_PEOPLE]  # those that a case can begin with
        return render(request, viewer, "released.html", given=given, **shown)

    @router.get("/releases/{release_id}/export.{ending}", dependencies=SEARCHES)
    def export(viewer: CurrentViewer, release_id: Number, ending: ReleaseEnding) -> Response:
        return file_response(export_release(catalogue, viewer, release_id, ending))

    @router.post("/releases/{release_id}/revoke")
    def revoke(viewer: CurrentViewer, release_id: Number) -> Response:
        require(viewer, RELEASE)
        with writing_as(catalogue, viewer) as connection:
            revoked = revoke_release(connection, viewer, release_id)
        return see_other(need_path(revoked.need_id), "revoked")
