"""The routes of researchers and their seeds."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import Field

from api.dependencies import (
    OF_RESEARCHER,
    RESEARCHER,
    SEED,
    CurrentViewer,
    Line,
    PageQuery,
    ResearcherId,
    SeedId,
    Services,
    link_next,
    problems,
)
from api.routing import include
from api.v1.json_bodies import Router
from api.v1.schemas.people import (
    ResearcherDetailOut,
    ResearcherOut,
    ResearchersOut,
    SeedKind,
    SeedOut,
    SeedsOut,
)
from office.access.access_log import note_seeds
from office.access.scoped import reading_as
from office.researchers import ResearcherFilter, researcher_of, researcher_page
from office.seeds import SeedFilter, seed_of, seeds_page


class ResearcherQuery(PageQuery):
    """Which researchers are listed: parts of names in either script, without regard to case."""

    name: Line = Field("", examples=["森"])
    institution: Line = Field("", examples=["Hoshigano"])
    department: Line = Field("", examples=["材料"])


class SeedQuery(PageQuery):
    """Which seeds of a researcher are listed."""

    kind: SeedKind | None = None
    since: int | None = Field(None, ge=1800, le=2200, description="Earliest year.")
    until: int | None = Field(None, ge=1800, le=2200, description="Latest year.")


def build_router(services: Services) -> Router:
    """Return the routes of researchers and of seeds."""
    both = Router()
    include(both, _researchers_router(services))
    include(both, _seed_router(services))
    return both


def _researchers_router(services: Services) -> Router:
    router = Router(tags=["researchers"])
    _add_list(router, services)
    _add_seeds(router, services)

    @router.get(RESEARCHER, operation_id="readResearcher", responses=problems(404))
    def read(viewer: CurrentViewer, researcher_id: ResearcherId) -> ResearcherDetailOut:
        """Return a researcher, by the id they have now or had before they were joined."""
        with reading_as(services.catalogue, viewer) as connection:
            return ResearcherDetailOut.seen(researcher_of(connection, viewer, researcher_id))

    return router


def _add_list(router: Router, services: Services) -> None:
    @router.get("/v1/researchers", operation_id="listResearchers", responses=problems())
    def list_researchers(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[ResearcherQuery, Query()],
    ) -> ResearchersOut:
        """List researchers by id."""
        named = ResearcherFilter(wanted.name, wanted.institution, wanted.department)
        with reading_as(services.catalogue, viewer) as connection:
            page = researcher_page(
                connection, viewer, named, after=wanted.cursor, limit=wanted.limit
            )
        link_next(request, response, page.after)
        found = [ResearcherOut.of(card) for card in page.items]
        return ResearchersOut(items=found, next_cursor=page.after)


def _add_seeds(router: Router, services: Services) -> None:
    @router.get(f"{OF_RESEARCHER}/seeds", operation_id="listSeeds", responses=problems(404))
    def list_seeds(
        viewer: CurrentViewer,
        researcher_id: ResearcherId,
        request: Request,
        response: Response,
        wanted: Annotated[SeedQuery, Query()],
    ) -> SeedsOut:
        """List the seeds of a researcher that you may see, the newest first."""
        with reading_as(services.catalogue, viewer) as connection:
            person = researcher_of(connection, viewer, researcher_id).card.researcher_id
            named = SeedFilter(person, wanted.kind or "", wanted.since, wanted.until)
            page = seeds_page(connection, viewer, named, after=wanted.cursor, limit=wanted.limit)
        note_seeds(services.catalogue, viewer, [seed.seed_id for seed in page.items], "seeds")
        link_next(request, response, page.after)
        return SeedsOut(items=[SeedOut.of(seed) for seed in page.items], next_cursor=page.after)


def _seed_router(services: Services) -> Router:
    """Return the route of a single seed; a researcher's seeds are listed with the researcher."""
    router = Router(tags=["seeds"])

    @router.get(SEED, operation_id="readSeed", responses=problems(404))
    def read(viewer: CurrentViewer, seed_id: SeedId) -> SeedOut:
        """Return a seed: confidential ones to few, and to those who are named on them."""
        with reading_as(services.catalogue, viewer) as connection:
            seed = seed_of(connection, viewer, seed_id)
        note_seeds(services.catalogue, viewer, [seed.seed_id], "seed")
        return SeedOut.of(seed)

    return router
