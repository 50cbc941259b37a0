"""The page of a seed: its abstract, the people who made it, and where it is published."""

from fastapi import Request, Response

from api.dependencies import CurrentViewer, Services
from api.pages.profile_view import fields_of
from api.pages.rendering import render
from api.routing import LazyRouter
from office.access.access_log import note_seeds
from office.access.rules import SEE_RESEARCHERS, require
from office.access.scoped import reading_as
from office.seeds import seed_of


def build_router(services: Services) -> LazyRouter:
    """Return the route."""
    router = LazyRouter(include_in_schema=False)

    @router.get("/seeds/{seed_id:path}")
    def seed_page(request: Request, viewer: CurrentViewer, seed_id: str) -> Response:
        require(viewer, SEE_RESEARCHERS)
        with reading_as(services.catalogue, viewer) as connection:
            seed = seed_of(connection, viewer, seed_id)
        note_seeds(services.catalogue, viewer, [seed.seed_id], "seed")
        fields = [field for field, _ in fields_of([seed.field_codes])]
        return render(request, viewer, "seed.html", seed=seed, fields=fields)

    return router
