"""The routes of NDAs with companies: which there are, recording one, withdrawing it."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.dependencies import (
    CurrentViewer,
    Line,
    Number,
    PageQuery,
    Services,
    link_next,
    problems,
)
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from api.v1.schemas.ndas import NdaIn, NdaOut, NdasOut
from office.access.access_log import note_naming
from office.access.rules import SEE_COMPANIES, require
from office.access.scoped import reading_as, writing_as
from office.companies.ndas import ADDED, nda_of, ndas_page, record_nda, withdraw_nda

NDAS = "/v1/ndas"


class NdaQuery(PageQuery):
    """Which NDAs are listed."""

    organisation_id: Line = ""


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["companies"])
    catalogue = services.catalogue

    @router.get(NDAS, operation_id="listNdas", responses=problems())
    def ndas(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[NdaQuery, Query()],
    ) -> NdasOut:
        """List NDAs, the newest first; those for one need are of needs that you see. For the office."""
        with reading_as(catalogue, viewer) as connection:
            page = ndas_page(
                connection,
                viewer,
                organisation_id=wanted.organisation_id,
                after=wanted.cursor,
                limit=wanted.limit,
            )
        note_naming(catalogue, viewer, {one.need_id for one in page.items}, "nda")
        link_next(request, response, page.after)
        return NdasOut(items=[NdaOut.of(one) for one in page.items], next_cursor=page.after)

    @router.post(
        NDAS,
        operation_id="recordNda",
        status_code=201,
        response_model=NdaOut,
        responses={
            **problems(404, 409, 413),
            200: {"description": "It was there; its end and remark are those sent."},
        },
    )
    def record(viewer: CurrentViewer, request: NdaIn, key: IdempotencyKey = None) -> Response:
        """Record an NDA. Chief and legal managers record any, a need's manager those for the need."""
        require(viewer, SEE_COMPANIES)

        def make() -> Creation:
            kept, done = record_nda(connection, viewer, request.draft())
            return Creation(NdaOut.of(kept), status=201 if done == ADDED else 200)

        with writing_as(catalogue, viewer) as connection:
            still = lambda connection, body: nda_of(connection, viewer, body["nda_id"])  # noqa: E731
            return create_once(connection, viewer, key, ("ndas", request), make, still=still)

    @router.post(
        f"{NDAS}/{{nda_id}}/withdraw", operation_id="withdrawNda", responses=problems(404, 409)
    )
    def withdraw(viewer: CurrentViewer, nda_id: Number) -> NdaOut:
        """Take an NDA back: it holds no more from now on."""
        with writing_as(catalogue, viewer) as connection:
            return NdaOut.of(withdraw_nda(connection, viewer, nda_id))

    return router
