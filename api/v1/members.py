"""The routes of members: which there are, keeping one, changing it, withdrawing it."""

from dataclasses import replace
from typing import Annotated

from fastapi import Query, Request, Response

from api.dependencies import (
    CurrentViewer,
    Line,
    Number,
    PageQuery,
    Services,
    allowed,
    link_next,
    problems,
)
from api.v1.headers import NOT_MODIFIED, IfMatch, IfNoneMatch, check_match, etag, is_known
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from api.v1.schemas.members import MemberIn, MemberOut, MembersOut
from catalogue.database.viewer import Viewer
from office.access.rules import KEEP_MEMBERS, READ_MEMBERSHIPS
from office.access.scoped import reading_as, writing_as
from office.business_days import BusinessDays
from office.companies.visibility import find_seen_company
from office.members.kept import KeptMembership, membership_of, memberships_page
from office.members.memberships import (
    ADDED,
    change_membership,
    keep_membership,
    withdraw_membership,
)

MEMBERS = "/v1/members"
ONE = f"{MEMBERS}/{{membership_id}}"


class MemberQuery(PageQuery):
    """Which memberships are listed."""

    organisation_id: Line = ""
    holding: bool = False


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["companies"])
    _add_list(router, services)
    _add_one(router, services)
    return router


def _add_list(router: Router, services: Services) -> None:
    catalogue, days = services.catalogue, BusinessDays(services.settings.cases)

    @router.get(
        MEMBERS,
        operation_id="listMembers",
        responses=problems(),
        dependencies=allowed(READ_MEMBERSHIPS),
    )
    def members(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[MemberQuery, Query()],
    ) -> MembersOut:
        """List memberships, the newest record first; `holding` leaves those of today.

        A portal sees those of its companies, the office all.
        """
        today = days.today()
        with reading_as(catalogue, viewer) as connection:
            page = memberships_page(
                connection,
                viewer,
                organisation_id=wanted.organisation_id,
                today=today if wanted.holding else None,
                after=wanted.cursor,
                limit=wanted.limit,
            )
        link_next(request, response, page.after)
        items = [MemberOut.of(one, today) for one in page.items]
        return MembersOut(items=items, next_cursor=page.after)

    @router.post(
        MEMBERS,
        operation_id="keepMember",
        status_code=201,
        response_model=MemberOut,
        responses={
            **problems(404, 409, 413),
            200: {"description": "It was there; it says now what was sent."},
        },
        dependencies=allowed(KEEP_MEMBERS),
    )
    def keep(viewer: CurrentViewer, request: MemberIn, key: IdempotencyKey = None) -> Response:
        """Keep a company's membership: chief, project and legal managers."""

        def make() -> Creation:
            company = find_seen_company(connection, viewer, request.company)
            kept, done = keep_membership(
                connection, viewer, replace(request.draft(), company=company)
            )
            headers = {
                "ETag": etag(str(kept.version)),
                "Location": f"{MEMBERS}/{kept.membership_id}",
            }
            out = MemberOut.of(kept, days.today())
            return Creation(out, headers, status=201 if done == ADDED else 200)

        with writing_as(catalogue, viewer) as connection:
            still = lambda asked, body: membership_of(asked, viewer, body["membership_id"])  # noqa: E731
            return create_once(connection, viewer, key, (MEMBERS, request), make, still=still)


def _add_one(router: Router, services: Services) -> None:
    catalogue, days = services.catalogue, BusinessDays(services.settings.cases)

    def answer(response: Response, kept: KeptMembership) -> MemberOut:
        response.headers["ETag"] = etag(str(kept.version))
        return MemberOut.of(kept, days.today())

    def version(viewer: Viewer, membership_id: int, if_match: str | None) -> int:
        with reading_as(catalogue, viewer) as connection:
            kept = membership_of(connection, viewer, membership_id)
        check_match(if_match, str(kept.version))
        return kept.version

    @router.get(
        ONE,
        operation_id="readMember",
        response_model=MemberOut,
        responses={**problems(404), **NOT_MODIFIED},
        dependencies=allowed(READ_MEMBERSHIPS),
    )
    def read(
        viewer: CurrentViewer,
        membership_id: Number,
        response: Response,
        if_none_match: IfNoneMatch = None,
    ) -> MemberOut | Response:
        """Return a membership, and the ETag for a change; a portal one of its companies."""
        with reading_as(catalogue, viewer) as connection:
            kept = membership_of(connection, viewer, membership_id)
        if is_known(if_none_match, str(kept.version)):
            return Response(status_code=304, headers={"ETag": etag(str(kept.version))})
        return answer(response, kept)

    @router.put(
        ONE,
        operation_id="changeMember",
        responses=problems(404, 409, 412, 413, 428),
        dependencies=allowed(KEEP_MEMBERS),
    )
    def change(
        viewer: CurrentViewer,
        membership_id: Number,
        request: MemberIn,
        response: Response,
        if_match: IfMatch = None,
    ) -> MemberOut:
        """Say anew all that a membership says; it stays with its company."""
        expected = version(viewer, membership_id, if_match)
        with writing_as(catalogue, viewer) as connection:
            kept = change_membership(
                connection, viewer, membership_id, request.draft(), expected_version=expected
            )
        return answer(response, kept)

    @router.post(
        f"{ONE}/withdraw",
        operation_id="withdrawMember",
        responses=problems(404, 409),
        dependencies=allowed(KEEP_MEMBERS),
    )
    def withdraw(viewer: CurrentViewer, membership_id: Number, response: Response) -> MemberOut:
        """Take a membership back: the company's users see nothing from now on."""
        with writing_as(catalogue, viewer) as connection:
            return answer(response, withdraw_membership(connection, viewer, membership_id))
