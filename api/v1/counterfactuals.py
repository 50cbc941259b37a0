"""The route of what would change a person's place in the list of a stored need."""

from datetime import UTC, datetime
from typing import Annotated

import anyio
from fastapi import Query

from api.dependencies import OF_NEED, AnId, CurrentViewer, NeedId, Services, problems
from api.middleware.rate_limits import SEARCHES
from api.v1.json_bodies import Router
from api.v1.schemas.counterfactuals import CounterfactualsOut
from office.access.access_log import note_reading
from office.access.rules import ASK, SEE_NEEDS, require
from office.counterfactuals import what_would_change
from office.matching import stored_need

PersonId = Annotated[AnId, Query(description="A researcher's id.", examples=["R-01"])]


def build_router(services: Services) -> Router:
    """Return the route."""
    router = Router(tags=["matches"])

    @router.get(
        f"{OF_NEED}/what-would-change",
        operation_id="whatWouldChange",
        responses=problems(400, 404, 503),
        dependencies=SEARCHES,
    )
    async def changes(
        viewer: CurrentViewer, need_id: NeedId, researcher_id: PersonId
    ) -> CounterfactualsOut:
        """Return what would bring a researcher into the first ten of a need's list, up, down or out.

        The list is made anew for 10 to 16 changes, which takes some seconds. Nothing is stored.
        """
        require(viewer, SEE_NEEDS)
        require(viewer, ASK)
        need = await anyio.to_thread.run_sync(stored_need, services.catalogue, viewer, need_id)
        found = await what_would_change(
            services.matching, viewer, need, researcher_id, year=datetime.now(UTC).year
        )
        await anyio.to_thread.run_sync(
            note_reading, services.catalogue, viewer, need, "counterfactual"
        )
        return CounterfactualsOut.of(need_id, found)

    return router
