"""The pages of consortia: needs of several companies that ask for the same thing, and who could serve all."""

from fastapi import Request, Response

from api.dependencies import CurrentViewer, Services
from api.languages import language_of
from api.middleware.rate_limits import SEARCHES
from api.pages.rendering import render
from api.routing import LazyRouter
from matcher.domains.taxonomy import load_taxonomy
from matcher.explaining.words import percentage
from office.access.rules import SEE_CONSORTIA, require
from office.screening.company_ties import COMPETITOR

NAMED = 3  # researchers in the agenda


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)

    @router.get("/consortia", dependencies=SEARCHES)
    async def consortia(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, SEE_CONSORTIA)
        found = await services.consortia.find(viewer)
        return render(request, viewer, "consortia.html", found=found)

    @router.get("/consortia/{need_id:path}", dependencies=SEARCHES)
    async def consortium(request: Request, viewer: CurrentViewer, need_id: str) -> Response:
        require(viewer, SEE_CONSORTIA)
        group = await services.consortia.find_one(viewer, need_id)
        served = await services.consortia.serve(viewer, group)
        meetings = await services.consortia.meetings(viewer, group)
        language, fields = language_of(request), load_taxonomy().by_id
        return render(
            request,
            viewer,
            "consortium.html",
            group=group,
            served=served,
            fields=[fields[key].name(language) for key in served.fields if key in fields],
            names=[person.researcher.name(language) for person in served.people[:NAMED]],
            percentage=percentage,
            meetings=meetings,
            competitors=[one for one in meetings if one.relation == COMPETITOR],
            field_name=lambda key: fields[key].name(language) if key in fields else "",
        )

    return router
