"""The routes of saved searches: the list with its news, running one again, and changing it.

The text of a search is shown to its owner and goes into no address.
"""

from typing import Annotated, Any

import anyio
from fastapi import Form, Request, Response

from api.dependencies import CurrentViewer, Number, Services
from api.languages import language_of
from api.middleware.rate_limits import SEARCHES
from api.pages.ask_page import SORT_LABELS, ask_context
from api.pages.refining import with_refinement
from api.pages.rendering import render, see_other
from api.pages.search_form import SearchForm
from api.pages.searching import result_for, stored_need
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import UnknownIdError
from matcher.domains.taxonomy import load_taxonomy
from matcher.explaining.standing import fits_nobody
from matcher.records import Refinement
from office.access.access_log import note_naming, note_seeds
from office.access.rules import SAVE_SEARCH, require
from office.access.scoped import reading_as
from office.alerts import note_looked
from office.people import cards_of
from office.saved_searches import (
    delete_search,
    rename_search,
    search_of,
    searches_of,
    set_alert,
)
from office.search_conditions import without_lost
from office.seeds import named_seeds

SHOWN_NEWS = 5  # names beside a search


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    catalogue = services.catalogue

    @router.get("/searches")
    def searches(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, SAVE_SEARCH)
        mine = searches_of(catalogue, viewer)
        note_naming(catalogue, viewer, {s.need_id for s in mine if s.need_visible}, "searches")
        marks = [mark for s in mine for mark in s.refinement.marks]
        people = {p for s in mine for p in s.news[:SHOWN_NEWS]}
        with reading_as(catalogue, viewer) as connection:
            cards = cards_of(connection, people | {m.researcher_id for m in marks} - {""})
            seeds = named_seeds(connection, viewer, (mark.seed_id for mark in marks))
        note_seeds(catalogue, viewer, seeds, "searches")
        shown: dict[str, Any] = {
            "searches": mine,
            "cards": cards,
            "seeds": seeds,
            "sorts": SORT_LABELS,
            "shown": SHOWN_NEWS,
            "fields": load_taxonomy().by_id,
            "fits_nobody": fits_nobody,
        }
        return render(request, viewer, "searches.html", **shown)

    @router.post("/searches/{search_id}/run", dependencies=SEARCHES)
    async def run(request: Request, viewer: CurrentViewer, search_id: Number) -> Response:
        search = await anyio.to_thread.run_sync(search_of, catalogue, viewer, search_id)
        form = SearchForm.of(search.conditions, text=search.text, need_id=search.need_id)
        need = await anyio.to_thread.run_sync(stored_need, services, viewer, form)
        asked = search.refinement
        while True:
            form = with_refinement(form, asked)
            try:
                result = await result_for(services, viewer, form, need, language_of(request))
                break
            except UnknownIdError as error:
                asked = await anyio.to_thread.run_sync(still_known, viewer, asked, error)
        matches = result.answer.matches
        await anyio.to_thread.run_sync(note_looked, catalogue, viewer, search_id, matches)
        context = ask_context(form, result=result, need=need)
        return render(request, viewer, "ask.html", **context)

    def still_known(viewer: Viewer, asked: Refinement, error: UnknownIdError) -> Refinement:
        with reading_as(catalogue, viewer) as connection:
            return without_lost(connection, asked, error)

    _add_changes(router, services)
    return router


def _add_changes(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.post("/searches/{search_id}/rename")
    def rename(
        viewer: CurrentViewer, search_id: Number, name: Annotated[str, Form(max_length=1000)] = ""
    ) -> Response:
        rename_search(catalogue, viewer, search_id, name)
        return see_other("/searches", "saved")

    @router.post("/searches/{search_id}/alert")
    def alert(
        viewer: CurrentViewer, search_id: Number, on: Annotated[str, Form(max_length=5)] = ""
    ) -> Response:
        set_alert(catalogue, viewer, search_id, on == "yes")
        return see_other("/searches", "saved")

    @router.post("/searches/{search_id}/delete")
    def delete(viewer: CurrentViewer, search_id: Number) -> Response:
        delete_search(catalogue, viewer, search_id)
        return see_other("/searches", "removed")
