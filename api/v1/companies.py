"""The routes of the other directions: companies for a technology, their profiles, needs for a researcher."""

from typing import Annotated

import anyio
from fastapi import Query, Request, Response
from pydantic import Field

from api.dependencies import (
    OF_NEED,
    OF_RESEARCHER,
    CurrentViewer,
    Line,
    NeedId,
    Number,
    PageQuery,
    ResearcherId,
    Services,
    link_next,
    problems,
)
from api.middleware.rate_limits import SEARCHES
from api.v1.json_bodies import Router
from api.v1.schemas.companies import (
    CompaniesOut,
    FittingNeedOut,
    FittingNeedsOut,
    NeedKindIn,
    NeedKindOut,
    ProfileOut,
    ProfilesOut,
    TechnologyIn,
)
from office.access.access_log import note_reading
from office.access.rules import FIND_COMPANIES, SEE_NEEDS, SEE_RESEARCHERS, SET_KIND, require
from office.access.scoped import reading_as, writing_as
from office.needs.kinds import set_kind, set_kind_of
from office.needs.reading import need_of
from office.outbound.profiles import profile_of, profiles_page


class ProfileQuery(PageQuery):
    """Which profiles are listed."""

    name: Line = Field("", description="Part of the name in either language.")


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["companies"])
    _add_search(router, services)
    _add_profiles(router, services)
    _add_kind(router, services)
    return router


def _add_search(router: Router, services: Services) -> None:
    @router.post(
        "/v1/companies/search",
        operation_id="findCompanies",
        responses=problems(404, 413),
        dependencies=SEARCHES,
    )
    async def search(viewer: CurrentViewer, asked: TechnologyIn) -> CompaniesOut:
        """Find companies for a technology by needs that you see, profiles and earlier work.

        For the office alone.
        """
        require(viewer, FIND_COMPANIES)
        return CompaniesOut.of(await services.companies.find(viewer, asked.record()))

    @router.get(
        f"{OF_RESEARCHER}/needs",
        operation_id="needsOfResearcher",
        responses=problems(404),
        dependencies=SEARCHES,
    )
    async def fitting(viewer: CurrentViewer, researcher_id: ResearcherId) -> FittingNeedsOut:
        """List the open needs, of those that you see, that a researcher is likely to fit."""
        require(viewer, SEE_RESEARCHERS)
        require(viewer, SEE_NEEDS)
        found = await services.fitting.find(viewer, researcher_id)
        needs = [FittingNeedOut.of(one) for one in found.needs]
        return FittingNeedsOut(
            needs=needs, compared=found.compared, lists_reordered=found.lists_reordered
        )


def _add_profiles(router: Router, services: Services) -> None:
    @router.get("/v1/company-profiles", operation_id="listCompanyProfiles", responses=problems())
    def companies(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[ProfileQuery, Query()],
    ) -> ProfilesOut:
        """List company profiles. For the office."""
        require(viewer, FIND_COMPANIES)
        with reading_as(services.catalogue, viewer) as connection:
            page = profiles_page(
                connection, viewer, name=wanted.name, after=wanted.cursor, limit=wanted.limit
            )
        link_next(request, response, page.after)
        shown = [ProfileOut.of(one) for one in page.items]
        return ProfilesOut(profiles=shown, next_cursor=page.after)

    @router.get(
        "/v1/company-profiles/{profile_id}",
        operation_id="readCompanyProfile",
        responses=problems(404),
    )
    def company(viewer: CurrentViewer, profile_id: Number) -> ProfileOut:
        """Return a company's profile. For the office."""
        require(viewer, FIND_COMPANIES)
        with reading_as(services.catalogue, viewer) as connection:
            return ProfileOut.of(profile_of(connection, viewer, profile_id))


def _add_kind(router: Router, services: Services) -> None:
    @router.get(f"{OF_NEED}/kind", operation_id="readNeedKind", responses=problems(404))
    def kind(viewer: CurrentViewer, need_id: NeedId) -> NeedKindOut:
        """Return which kind of need it was set to be. For the office."""
        require(viewer, SET_KIND)
        with reading_as(services.catalogue, viewer) as connection:
            need = need_of(connection, viewer, need_id)
            found = NeedKindOut(kind=set_kind_of(connection, need_id))
        note_reading(services.catalogue, viewer, need, "kind")
        return found

    @router.put(f"{OF_NEED}/kind", operation_id="setNeedKind", responses=problems(404, 413))
    async def change(viewer: CurrentViewer, need_id: NeedId, said: NeedKindIn) -> NeedKindOut:
        """Set which kind of need it is: its manager and the chief."""

        def written() -> None:
            with writing_as(services.catalogue, viewer) as connection:
                set_kind(connection, viewer, need_id, said.kind)

        await anyio.to_thread.run_sync(written)
        return NeedKindOut(kind=said.kind)
