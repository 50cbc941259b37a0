"""The route of a single seed; a researcher's seeds are listed with the researcher."""

from fastapi import APIRouter

from api.authentication import CurrentViewer
from api.parameters import SeedId, problems
from api.services import Services
from api.v1.paths import SEED
from api.v1.schemas.people import SeedOut
from office.access.access_log import note_seeds
from office.access.scoped import reading_as
from office.research import seed_of


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
