"""The pages of the other directions: needs that a researcher fits, and dormant needs with news."""

from typing import Annotated, Any

from fastapi import Form, Request, Response

from api.dependencies import CurrentViewer, Services
from api.middleware.rate_limits import SEARCHES
from api.pages.rendering import need_path, render, see_other
from api.routing import LazyRouter
from matcher.explaining.summary import best_evidence, key_phrase
from matcher.explaining.words import percentage, strength_word
from office.access.access_log import note_naming, note_seeds
from office.access.rules import FIND_COMPANIES, SEE_NEEDS, SEE_RESEARCHERS, require
from office.access.scoped import reading_as, writing_as
from office.needs.kinds import set_kind
from office.outbound.dormant import dormant_news, take_note
from office.people import names_of
from office.researchers import researcher_of
from office.ways_in import DORMANT

NeedText = Annotated[str, Form(max_length=200)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes; that of a researcher's needs stands before the researcher's own."""
    router = LazyRouter(include_in_schema=False)
    _add_dormant(router, services)
    _add_fitting(router, services)
    _add_kind(router, services)
    return router


def _add_fitting(router: LazyRouter, services: Services) -> None:
    @router.get("/researchers/{researcher_id:path}/needs", dependencies=SEARCHES)
    async def fitting(request: Request, viewer: CurrentViewer, researcher_id: str) -> Response:
        require(viewer, SEE_RESEARCHERS)
        require(viewer, SEE_NEEDS)
        found = await services.fitting.find(viewer, researcher_id)
        with reading_as(services.catalogue, viewer) as connection:
            person = researcher_of(connection, viewer, researcher_id)
        return render(
            request,
            viewer,
            "researcher_needs.html",
            person=person,
            found=found,
            percentage=percentage,
            strength_word=strength_word,
            best_evidence=best_evidence,
            key_phrase=key_phrase,
        )


def _add_dormant(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.get("/dormant")
    def dormant(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, FIND_COMPANIES)
        with reading_as(catalogue, viewer) as connection:
            news = dormant_news(connection, viewer)
            names = names_of(connection, {one.manager for one in news} - {""})
        note_naming(catalogue, viewer, {one.need_id for one in news}, DORMANT.code)
        seeds = {seed.seed_id for one in news for _, _, of in one.people for seed in of}
        note_seeds(catalogue, viewer, seeds, DORMANT.code)
        context: dict[str, Any] = {"news": news, "names": names, "percentage": percentage}
        return render(request, viewer, "dormant.html", **context)

    @router.post("/dormant/noted")
    def noted(viewer: CurrentViewer, need_id: NeedText) -> Response:
        require(viewer, FIND_COMPANIES)
        with writing_as(catalogue, viewer) as connection:
            take_note(connection, viewer, need_id)
        return see_other("/dormant", "done")


def _add_kind(router: LazyRouter, services: Services) -> None:
    @router.post("/needs/{need_id:path}/kind")
    def kind(
        viewer: CurrentViewer, need_id: str, kind: Annotated[str, Form(max_length=20)] = ""
    ) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            set_kind(connection, viewer, need_id, kind)
        return see_other(need_path(need_id), "saved")
