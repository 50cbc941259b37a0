"""The routes of standing in for a colleague, and of handing over all that somebody manages."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.dependencies import (
    CurrentViewer,
    Number,
    PageQuery,
    Services,
    allowed,
    link_next,
    problems,
)
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from api.v1.schemas.members import (
    DelegationIn,
    DelegationOut,
    DelegationsOut,
    HandOverIn,
    HandOverOut,
    HandOversOut,
)
from office.access.rules import DELEGATE, HAND_OVER
from office.business_days import BusinessDays
from office.delegations.delegations import (
    delegation_of,
    delegations_page,
    end_delegation,
    make_delegation,
)
from office.delegations.handing_over import hand_over, hand_overs, undo

DELEGATIONS, HAND_OVERS = "/v1/delegations", "/v1/hand-overs"


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["cases"])
    _add_delegations(router, services)
    _add_hand_overs(router, services)
    return router


def _add_delegations(router: Router, services: Services) -> None:
    catalogue, settings = services.catalogue, services.settings
    days = BusinessDays(settings.cases)

    @router.get(
        DELEGATIONS,
        operation_id="listDelegations",
        responses=problems(),
        dependencies=allowed(DELEGATE),
    )
    def delegations(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[PageQuery, Query()],
    ) -> DelegationsOut:
        """List the delegations that concern you, the chief all, the newest first."""
        with catalogue.reading() as connection:
            page = delegations_page(connection, viewer, after=wanted.cursor, limit=wanted.limit)
        link_next(request, response, page.after)
        items = [DelegationOut.of(one, days.today()) for one in page.items]
        return DelegationsOut(items=items, next_cursor=page.after)

    @router.post(
        DELEGATIONS,
        operation_id="delegate",
        status_code=201,
        response_model=DelegationOut,
        responses=problems(409, 413),
        dependencies=allowed(DELEGATE),
    )
    def delegate(
        viewer: CurrentViewer, request: DelegationIn, key: IdempotencyKey = None
    ) -> Response:
        """Let a colleague stand in for the decisions of a role; it hands on no sight of what is hidden."""

        def make() -> Creation:
            draft = request.draft(viewer.viewer_id)
            kept = make_delegation(connection, viewer, draft, days.today(), mail=settings.mail)
            return Creation(DelegationOut.of(kept, days.today()))

        with catalogue.writing() as connection:
            still = lambda asked, body: delegation_of(asked, viewer, body["delegation_id"])  # noqa: E731
            return create_once(connection, viewer, key, (DELEGATIONS, request), make, still=still)

    @router.post(
        f"{DELEGATIONS}/{{delegation_id}}/end",
        operation_id="endDelegation",
        responses=problems(404, 409),
        dependencies=allowed(DELEGATE),
    )
    def end(viewer: CurrentViewer, delegation_id: Number) -> DelegationOut:
        """End a delegation from now on: who is away, who stands in, and the chief."""
        with catalogue.writing() as connection:
            return DelegationOut.of(end_delegation(connection, viewer, delegation_id), days.today())


def _add_hand_overs(router: Router, services: Services) -> None:
    catalogue = services.catalogue

    @router.get(
        HAND_OVERS,
        operation_id="listHandOvers",
        responses=problems(),
        dependencies=allowed(HAND_OVER),
    )
    def listed(viewer: CurrentViewer) -> HandOversOut:
        """List the newest hand-overs: your own, the chief and the administrator all."""
        return HandOversOut(items=[HandOverOut.of(one) for one in hand_overs(catalogue, viewer)])

    @router.post(
        HAND_OVERS,
        operation_id="handOver",
        status_code=201,
        responses=problems(404, 409, 413),
        dependencies=allowed(HAND_OVER),
    )
    def give(viewer: CurrentViewer, request: HandOverIn) -> HandOverOut:
        """Hand over all that somebody manages in one step. A second time there is nothing left (409)."""
        giver = request.from_user or viewer.viewer_id
        return HandOverOut.of(hand_over(catalogue, viewer, giver, request.to_user))

    @router.post(
        f"{HAND_OVERS}/{{number}}/undo",
        operation_id="undoHandOver",
        responses=problems(404, 409),
        dependencies=allowed(HAND_OVER),
    )
    def back(viewer: CurrentViewer, number: Number) -> HandOverOut:
        """Give back what was handed over and is still where it went."""
        return HandOverOut.of(undo(catalogue, viewer, number)[0])
