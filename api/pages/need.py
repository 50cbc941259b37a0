"""The routes of a need's page: reading it, closing it, and guests."""

from typing import Annotated, Any

from fastapi import Form, Request, Response
from sqlalchemy import Connection

from api.dependencies import CurrentViewer, Services
from api.middleware.form_deduplication import FormToken
from api.pages.case_texts import STATE_LABELS as CASE_STATE_LABELS
from api.pages.companies import nda_on
from api.pages.inquiries import inquiries_on
from api.pages.rendering import need_path, render, see_other
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from office.access.access_log import note_reading
from office.access.rules import (
    INQUIRE,
    INVITE,
    JUDGE,
    NOTE,
    RELEASE,
    SEE_COMPANIES,
    SEE_NEEDS,
    SHORTLIST,
    WORK_ON_CASES,
    may,
    require,
)
from office.access.scoped import reading_as, writing_as
from office.cases.kept import cases_of_need
from office.needs.editing import close_need, reopen_need
from office.needs.judging import standing_judgements
from office.needs.kinds import set_kind_of
from office.needs.participants import guest_list, invitable, invite, uninvite
from office.needs.reading import SeenNeed, need_of
from office.needs.releases import released_people, releases_page
from office.notes import notes_of
from office.people import cards_of, names_of
from office.shortlists import ShortlistEntry, shortlist

UserId = Annotated[str, Form(max_length=200)]
Version = Annotated[str, Form(max_length=200)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes; the need's own page comes last, for ids may have slashes."""
    router = LazyRouter(include_in_schema=False)
    _add_status(router, services)
    _add_guests(router, services)
    _add_page(router, services)
    return router


def _add_status(router: LazyRouter, services: Services) -> None:
    @router.post("/needs/{need_id:path}/close")
    def close(viewer: CurrentViewer, need_id: str, version: Version = "") -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            close_need(connection, viewer, need_id, expected_version=version or None)
        return see_other(need_path(need_id), "closed")

    @router.post("/needs/{need_id:path}/reopen")
    def reopen(viewer: CurrentViewer, need_id: str, version: Version = "") -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            reopen_need(connection, viewer, need_id, expected_version=version or None)
        return see_other(need_path(need_id), "reopened")


def _add_guests(router: LazyRouter, services: Services) -> None:
    @router.post("/needs/{need_id:path}/guests")
    def ask_in(
        viewer: CurrentViewer, need_id: str, user_id: UserId, form_token: FormToken = ""
    ) -> Response:
        def add() -> None:
            with writing_as(services.catalogue, viewer) as connection:
                invite(connection, viewer, need_id, user_id, mail=services.settings.mail)

        services.form_deduplicator.run_once(viewer, form_token, ("guest", need_id, user_id), add)
        return see_other(need_path(need_id), "asked-in")

    @router.post("/needs/{need_id:path}/guests/remove")
    def ask_out(viewer: CurrentViewer, need_id: str, user_id: UserId) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            uninvite(connection, viewer, need_id, user_id)
        return see_other(need_path(need_id), "removed")


def _kept_for(services: Services, viewer: Viewer, need_id: str) -> list[ShortlistEntry]:
    if not may(viewer, SHORTLIST):
        return []
    return shortlist(services.catalogue, viewer, need_id)


def _add_page(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.get("/needs/{need_id:path}")
    def need_page(request: Request, viewer: CurrentViewer, need_id: str) -> Response:
        require(viewer, SEE_NEEDS)
        with reading_as(catalogue, viewer) as connection:
            need = need_of(connection, viewer, need_id)
            set_kind = set_kind_of(connection, need_id)
            shared = {**_guests(connection, viewer, need), **_work(connection, viewer, need)}
            if may(viewer, SEE_COMPANIES):
                shared |= nda_on(connection, need)
            if may(viewer, INQUIRE):
                shared |= inquiries_on(connection, viewer, need, services)
            if may(viewer, WORK_ON_CASES):
                shared["cases"] = cases_of_need(connection, viewer, need_id)
                shared["case_state_labels"] = CASE_STATE_LABELS
        note_reading(catalogue, viewer, need, "page")
        own: dict[str, Any] = {
            "kept": _kept_for(services, viewer, need_id),
            "notes": notes_of(catalogue, viewer, need_id=need_id) if may(viewer, NOTE) else [],
        }
        return render(request, viewer, "need.html", need=need, need_kind=set_kind, **shared, **own)


def _guests(connection: Connection, viewer: Viewer, need: SeenNeed) -> dict[str, Any]:
    """Return who was asked in and who could be; nothing of an open need."""
    if not (need.facts.is_closed and may(viewer, INVITE)):
        return {"guests": (), "invitable": ()}
    guests = guest_list(connection, viewer, need.need_id)
    there = {guest.user_id for guest in guests}
    people = invitable(connection, viewer) if need.may_change else ()
    return {"guests": guests, "invitable": [p for p in people if p.user_id not in there]}


def _work(connection: Connection, viewer: Viewer, need: SeenNeed) -> dict[str, Any]:
    """Return the judgements and the lists that were released, as far as the role reads them."""
    judged = standing_judgements(connection, viewer, need.need_id) if may(viewer, JUDGE) else []
    released = releases_page(connection, viewer, need.need_id).items if may(viewer, RELEASE) else ()
    people = {need.manager, *(r["judged_by"] for r in judged), *(r.released_by for r in released)}
    given = {one.release_id: released_people(one) for one in released}
    shown = {row["researcher_id"] for row in judged}.union(*given.values())
    return {
        "judged": judged[::-1],
        "released": released,
        "given": given,
        "cards": cards_of(connection, shown),
        "names": names_of(connection, people),
    }
