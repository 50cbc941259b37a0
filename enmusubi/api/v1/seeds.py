"""The route of a single seed; a researcher's seeds are listed with the researcher."""

from fastapi import APIRouter

from enmusubi.api.guard import CurrentViewer
from enmusubi.api.services import Services
from enmusubi.api.v1.parameters import SeedId, problems
from enmusubi.api.v1.paths import SEED
from enmusubi.api.v1.shapes.people import SeedOut
from enmusubi.matcher.access.noting import note_seeds
from enmusubi.matcher.access.research import seed_of
from enmusubi.matcher.access.scoped import reading_as


def build_router(services: Services) -> APIRouter:
    """Return the route of a seed."""
    router = APIRouter(tags=["seeds"])

    @router.get(SEED, operation_id="readSeed", responses=problems(404))
    def read(viewer: CurrentViewer, seed_id: SeedId) -> SeedOut:
        """Return a seed: confidential ones to few, and to those who are named on them."""
        with reading_as(services.catalogue, viewer) as connection:
            seed = seed_of(connection, viewer, seed_id)
        note_seeds(services.catalogue, viewer, [seed.seed_id], "seed")
        return SeedOut.of(seed)

    return router
