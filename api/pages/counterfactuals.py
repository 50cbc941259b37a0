"""The page of what would change a person's place in the list of a need that is stored."""

from datetime import UTC, datetime
from typing import Annotated

import anyio
from fastapi import Query, Request, Response

from api.dependencies import CurrentViewer, Services
from api.middleware.rate_limits import SEARCHES
from api.pages.rendering import render
from api.routing import LazyRouter
from matcher.explaining.words import STRENGTHS, percentage
from office.access.access_log import note_reading
from office.access.rules import ASK, SEE_NEEDS, require
from office.counterfactuals import what_would_change
from office.matching import stored_need

PersonId = Annotated[str, Query(max_length=300)]


def build_router(services: Services) -> LazyRouter:
    """Return the route."""
    router = LazyRouter(include_in_schema=False)

    @router.get("/needs/{need_id:path}/what-would-change", dependencies=SEARCHES)
    async def page(
        request: Request, viewer: CurrentViewer, need_id: str, researcher: PersonId
    ) -> Response:
        require(viewer, SEE_NEEDS)
        require(viewer, ASK)
        need = await anyio.to_thread.run_sync(stored_need, services.catalogue, viewer, need_id)
        found = await what_would_change(
            services.matching, viewer, need, researcher, year=datetime.now(UTC).year
        )
        await anyio.to_thread.run_sync(
            note_reading, services.catalogue, viewer, need, "counterfactual"
        )
        return render(
            request,
            viewer,
            "what_would_change.html",
            need=need,
            found=found,
            percentage=percentage,
            strength_words=STRENGTHS,
        )

    return router
