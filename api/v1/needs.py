"""The routes of needs: list, create, read, change, close and reopen, and the guests of a need."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Body, Query, Request, Response
from sqlalchemy import Connection

from api.dependencies import NEED as PATH
from api.dependencies import (
    OF_NEED,
    CurrentViewer,
    NeedId,
    Services,
    UserId,
    allowed,
    link_next,
    problems,
)
from api.routing import include
from api.v1.headers import (
    NOT_MODIFIED,
    IfMatch,
    IfNoneMatch,
    OptionalIfMatch,
    check_match,
    etag,
    is_known,
)
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from api.v1.schemas.needs import (
    NEED_EXAMPLES,
    GuestOut,
    GuestsOut,
    NeedIn,
    NeedListQuery,
    NeedOut,
    NeedPatch,
    NeedsOut,
)
from catalogue.database.viewer import Viewer
from enmusubi.errors import ForbiddenError
from office.access.access_log import note_listing, note_naming, note_reading
from office.access.rules import CREATE_NEEDS, INVITE, require
from office.access.scoped import reading_as, writing_as
from office.needs.editing import change_need, changeable_need, close_need, create_need, reopen_need
from office.needs.participants import guest_list, invite, uninvite
from office.needs.reading import SeenNeed, need_of, needs_page

GUESTS = f"{OF_NEED}/guests"
GUEST = f"{GUESTS}/{{user_id}}"
_STATUS_SET = problems(404, 412)


def build_router(services: Services) -> Router:
    """Return the routes of needs and of their guests."""
    both = Router()
    include(both, _guests_router(services))
    include(both, _needs_router(services))
    return both


def _needs_router(services: Services) -> Router:
    router = Router(tags=["needs"])
    _add_list(router, services)
    _add_creation(router, services)
    _add_status(router, services)
    _add_reading(router, services)
    _add_change(router, services)
    return router


def _add_list(router: Router, services: Services) -> None:
    @router.get("/v1/needs", operation_id="listNeeds", responses=problems())
    def list_needs(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[NeedListQuery, Query()],
    ) -> NeedsOut:
        """List the needs that you may see, the newest first."""
        with reading_as(services.catalogue, viewer) as connection:
            page = needs_page(
                connection, viewer, wanted.filter(), after=wanted.cursor, limit=wanted.limit
            )
        note_listing(services.catalogue, viewer, page.items, "needs")
        link_next(request, response, page.after)
        return NeedsOut(
            items=[NeedOut.of(need, viewer) for need in page.items], next_cursor=page.after
        )


def _add_creation(router: Router, services: Services) -> None:
    limits = {"max_chars": services.settings.need.max_chars}

    @router.post(
        "/v1/needs",
        operation_id="createNeed",
        status_code=201,
        response_model=NeedOut,
        dependencies=allowed(CREATE_NEEDS),
        responses=problems(413),
    )
    def create(
        viewer: CurrentViewer,
        request: Annotated[NeedIn, Body(openapi_examples=NEED_EXAMPLES)],
        key: IdempotencyKey = None,
    ) -> Response:
        """Create a need. Send an Idempotency-Key, so that it is safe to send the request again."""
        with writing_as(services.catalogue, viewer) as connection:

            def make() -> Creation:
                fields = request.model_dump(exclude_unset=True)
                need = create_need(connection, viewer, fields, **limits)
                return Creation(NeedOut.of(need, viewer), _headers(need))

            still = partial(_still, viewer)
            return create_once(connection, viewer, key, ("/v1/needs", request), make, still=still)


def _still(viewer: Viewer, connection: Connection, body: Mapping[str, Any]) -> None:
    if need_of(connection, viewer, body["need_id"]).is_veiled:
        raise ForbiddenError("What was answered then may not be shown to you any more.")


def _add_status(router: Router, services: Services) -> None:
    @router.post(f"{OF_NEED}/close", operation_id="closeNeed", responses=_STATUS_SET)
    def close(
        viewer: CurrentViewer, need_id: NeedId, response: Response, if_match: OptionalIfMatch = None
    ) -> NeedOut:
        """Close a need, so that no night matches it any more; a closed one stays as it is."""
        return set_status(viewer, need_id, response, if_match, close_need)

    @router.post(f"{OF_NEED}/reopen", operation_id="reopenNeed", responses=_STATUS_SET)
    def reopen(
        viewer: CurrentViewer, need_id: NeedId, response: Response, if_match: OptionalIfMatch = None
    ) -> NeedOut:
        """Open a closed need again; an open one stays as it is."""
        return set_status(viewer, need_id, response, if_match, reopen_need)

    def set_status(
        viewer: Viewer,
        need_id: str,
        response: Response,
        if_match: str | None,
        work: Callable[[Connection, Viewer, str], SeenNeed],
    ) -> NeedOut:
        with writing_as(services.catalogue, viewer) as connection:
            need = changeable_need(connection, viewer, need_id)
            if if_match is not None:
                check_match(if_match, need.version)
            need = work(connection, viewer, need_id)
        response.headers["ETag"] = etag(need.version)
        return NeedOut.of(need, viewer)


def _add_reading(router: Router, services: Services) -> None:
    @router.get(
        PATH,
        operation_id="readNeed",
        response_model=NeedOut,
        responses=problems(404) | NOT_MODIFIED,
    )
    def read(viewer: CurrentViewer, need_id: NeedId, if_none_match: IfNoneMatch = None) -> Response:
        """Return a need, with the ETag that a change of it must name."""
        with reading_as(services.catalogue, viewer) as connection:
            need = need_of(connection, viewer, need_id)
        note_reading(services.catalogue, viewer, need, "need")
        headers = {"ETag": etag(need.version)}
        if is_known(if_none_match, need.version):
            return Response(status_code=304, headers=headers)
        body = NeedOut.of(need, viewer).model_dump_json()
        return Response(body, headers=headers, media_type="application/json")


def _add_change(router: Router, services: Services) -> None:
    max_chars = services.settings.need.max_chars

    @router.patch(PATH, operation_id="changeNeed", responses=problems(404, 412, 413, 428))
    def change(
        viewer: CurrentViewer,
        need_id: NeedId,
        request: NeedPatch,
        response: Response,
        if_match: IfMatch = None,
    ) -> NeedOut:
        """Change the fields that are named; If-Match says which version they are changed in."""
        fields = request.model_dump(exclude_unset=True)
        with writing_as(services.catalogue, viewer) as connection:
            need = changeable_need(connection, viewer, need_id)
            check_match(if_match, need.version)
            need = change_need(connection, viewer, need_id, fields, max_chars=max_chars)
        response.headers["ETag"] = etag(need.version)
        return NeedOut.of(need, viewer)


def _headers(need: SeenNeed) -> dict[str, str]:
    return {"Location": f"/v1/needs/{quote(need.need_id, safe='')}", "ETag": etag(need.version)}


def _guests_router(services: Services) -> Router:
    """Return the routes of a need's guests: IP and legal managers who are asked in."""
    router = Router(tags=["guests"])
    catalogue, mail = services.catalogue, services.settings.mail

    @router.get(GUESTS, operation_id="listGuests", responses=problems(404))
    def list_guests(viewer: CurrentViewer, need_id: NeedId) -> GuestsOut:
        """List who was asked in to a need; there are few, so that they come in one answer."""
        with reading_as(catalogue, viewer) as connection:
            found = guest_list(connection, viewer, need_id)
        note_naming(catalogue, viewer, [need_id], "guests")
        return GuestsOut(items=[GuestOut.of(guest) for guest in found])

    @router.put(GUEST, operation_id="inviteGuest", responses=problems(404, 409))
    def put(viewer: CurrentViewer, need_id: NeedId, user_id: UserId) -> GuestOut:
        """Ask an IP or legal manager in; whoever was asked in already stays so."""
        require(viewer, INVITE)
        with writing_as(catalogue, viewer) as connection:
            known = {guest.user_id: guest for guest in guest_list(connection, viewer, need_id)}
            if user_id not in known:
                invite(connection, viewer, need_id, user_id, mail=mail)
                invited = guest_list(connection, viewer, need_id)
                known = {guest.user_id: guest for guest in invited}
            return GuestOut.of(known[user_id])

    @router.delete(
        GUEST, operation_id="uninviteGuest", status_code=204, responses=problems(404, 409)
    )
    def delete(viewer: CurrentViewer, need_id: NeedId, user_id: UserId) -> None:
        """Take an invitation back: from then on this person does not see the need."""
        with writing_as(catalogue, viewer) as connection:
            uninvite(connection, viewer, need_id, user_id)

    return router
