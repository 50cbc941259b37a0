"""The routes of the shortlist and of notes: what people keep of researchers."""

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Annotated

from fastapi import Form, Request, Response

from api.dependencies import CurrentViewer, Number, Services
from api.languages import language_of
from api.middleware.form_deduplication import FormToken
from api.middleware.rate_limits import SEARCHES
from api.pages.exports import file_response
from api.pages.rendering import need_path, render, researcher_path, see_other
from api.routing import LazyRouter
from office.access.access_log import note_naming
from office.access.rules import NOTE, SHORTLIST, require
from office.exports import TableEnding, export_shortlist
from office.notes import delete_note, write_note
from office.shortlists import (
    ShortlistEntry,
    add_to_shortlist,
    remove_from_shortlist,
    shortlist,
)

Id = Annotated[str, Form(max_length=500)]
Word = Annotated[str, Form(max_length=20)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_shortlist(router, services)
    _add_export(router, services)
    _add_keeping(router, services)
    _add_notes(router, services)
    return router


def _add_shortlist(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.get("/shortlist")
    def mine(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, SHORTLIST)
        entries = shortlist(catalogue, viewer)
        note_naming(catalogue, viewer, {entry.need_id for entry in entries}, "shortlist")
        return render(request, viewer, "shortlist.html", groups=by_need(entries))


def _add_export(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.get("/shortlist/export.{ending}", dependencies=SEARCHES)
    def export(request: Request, viewer: CurrentViewer, ending: TableEnding) -> Response:
        language = language_of(request)
        return file_response(export_shortlist(catalogue, viewer, ending=ending, language=language))


def _add_keeping(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.post("/shortlist")
    def add(
        viewer: CurrentViewer, researcher_id: Id, need_id: Id = "", back: Word = ""
    ) -> Response:
        add_to_shortlist(catalogue, viewer, researcher_id, need_id)
        return see_other(_way_back(back, need_id, researcher_id, "/shortlist"), "saved")

    @router.post("/shortlist/remove")
    def remove(
        viewer: CurrentViewer, researcher_id: Id, need_id: Id = "", back: Word = ""
    ) -> Response:
        remove_from_shortlist(catalogue, viewer, researcher_id, need_id)
        return see_other(_way_back(back, need_id, researcher_id, "/shortlist"), "removed")


def _add_notes(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.post("/notes")
    def write_down(  # noqa: PLR0917 - FastAPI passes them by name
        viewer: CurrentViewer,
        need_id: Id,
        researcher_id: Id,
        text: Annotated[str, Form(max_length=20_000)] = "",
        back: Word = "",
        form_token: FormToken = "",
    ) -> Response:
        require(viewer, NOTE)
        said = (need_id, researcher_id, text)
        write = partial(write_note, catalogue, viewer, *said)
        services.form_deduplicator.run_once(viewer, form_token, ("note", *said), write)
        return see_other(_way_back(back, need_id, researcher_id, need_path(need_id)), "saved")

    @router.post("/notes/{note_id}/delete")
    def delete(viewer: CurrentViewer, note_id: Number, back: Word = "") -> Response:
        note = delete_note(catalogue, viewer, note_id)
        away = _way_back(back, note.need_id, note.researcher_id, need_path(note.need_id))
        return see_other(away, "removed")


def by_need(entries: list[ShortlistEntry]) -> list[tuple[str, str, list[ShortlistEntry]]]:
    """Return the entries of each need with its id and title, as they are sorted."""
    found = []
    for need_id, group in groupby(entries, key=lambda entry: entry.need_id):
        members = list(group)
        found.append((need_id, members[0].need_title, members))
    return found


def _way_back(back: str, need_id: str, researcher_id: str, usual: str) -> str:
    """Return where a form leads: one of this service's pages by its name, never an address."""
    ways: dict[str, Callable[[], str]] = {
        "researcher": lambda: researcher_path(researcher_id),
        "need": lambda: need_path(need_id),
        "shortlist": lambda: "/shortlist",
    }
    return ways.get(back, lambda: usual)()
