"""The routes of released lists: what the office gives to a company, and takes back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import anyio
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from api.authentication import CurrentViewer
from api.matching import find_public_matches
from api.parameters import NeedId, Number, PageQuery, link_next, problems
from api.services import Services
from api.v1.idempotency import Asked, IdempotencyKey, Made, created_once, given_before
from api.v1.paths import OF_NEED
from api.v1.schemas.matches import MAX_TOP, MatchListOut
from api.v1.schemas.releases import ReleaseIn, ReleaseOut, ReleasesOut, ReleaseSummaryOut
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from matcher.records import MatchList, Need
from office.access import audit
from office.access.access_log import note_naming
from office.access.scoped import reading_as, writing_as
from office.needs.releases import (
    RELEASE_KIND,
    Released,
    releasable_need,
    release_list,
    release_of,
    releases_page,
    revoke_release,
)
from office.webhooks.webhooks import LIST_RELEASED, LIST_REVOKED, enqueue_event

RELEASES = f"{OF_NEED}/releases"
ONE = "/v1/releases/{release_id}"


def build_router(services: Services) -> APIRouter:
    """Return the routes of released lists."""
    router = APIRouter(tags=["releases"])
    _add_release(router, services)
    _add_reading(router, services)
    _add_revocation(router, services)
    return router


def _add_release(router: APIRouter, services: Services) -> None:
    @router.post(
        RELEASES,
        operation_id="releaseList",
        status_code=201,
        response_model=ReleaseOut,
        responses=problems(404, 413),
    )
    async def release(
        viewer: CurrentViewer, need_id: NeedId, request: ReleaseIn, key: IdempotencyKey = None
    ) -> Response:
        """Give a need's company its list as it is now: public seeds alone, frozen. Portals are told
        by their webhooks."""
        asked: Asked = (f"{need_id}/releases", request)
        if before := await anyio.to_thread.run_sync(released_before, viewer, key, asked, need_id):
            return before
        content = await list_to_release(services, viewer, need_id, request)

        def keep() -> Response:
            with writing_as(services.catalogue, viewer) as connection:
                return created_once(
                    connection, viewer, key, asked, lambda: _made(connection, viewer, content)
                )

        return await anyio.to_thread.run_sync(keep)

    def released_before(
        viewer: Viewer, key: str | None, asked: Asked, need_id: str
    ) -> Response | None:
        _need(services, viewer, need_id)  # who may not release it any more is told so
        return given_before(services.catalogue, viewer, key, asked)


async def list_to_release(
    services: Services, viewer: Viewer, need_id: str, request: ReleaseIn
) -> MatchListOut:
    """Return the list as it would be given to the need's company: of public seeds alone.

    Raises what `releasable_need` and the matcher raise, and InputError for people not on the list.
    """
    need = await anyio.to_thread.run_sync(_need, services, viewer, need_id)
    return await _content(services, need, request)


def _need(services: Services, viewer: Viewer, need_id: str) -> Need:
    with reading_as(services.catalogue, viewer) as connection:
        return releasable_need(connection, viewer, need_id).as_need()


async def _content(services: Services, need: Need, request: ReleaseIn) -> MatchListOut:
    chosen = request.researcher_ids
    top = MAX_TOP if chosen else request.top
    found = await find_public_matches(services, need, top=top, filters=request.filters.record())
    kept = only(found, chosen) if chosen else found
    return MatchListOut.of(kept, found.language)


def only(found: MatchList, researcher_ids: Sequence[str]) -> MatchList:
    """Return a list of the chosen researchers alone, ranked anew, so that no gap tells of others.

    Raises InputError where the list has not got them all.
    """
    wanted = set(researcher_ids)
    kept = [match for match in found.matches if match.researcher.researcher_id in wanted]
    if len(kept) < len(wanted):
        missing = len(wanted) - len(kept)
        raise InputError(
            "researcher_ids: %(missing)s of %(count)s are not on the need's list, "
            "expected all. Match the need again to see who is.",
            missing=missing,
            count=len(wanted),
        )
    ranked = (replace(match, rank=rank) for rank, match in enumerate(kept, start=1))
    return replace(found, matches=tuple(ranked))


def give(connection: Connection, viewer: Viewer, content: MatchListOut) -> Released:
    """Release a list to the need's company and tell its webhooks."""
    people, need_id = len(content.matches), content.need_id
    frozen = content.model_dump_json()
    released = release_list(connection, viewer, need_id, frozen, people=people)
    enqueue_event(connection, LIST_RELEASED, need_id, _told(released))
    return released


def take_back(connection: Connection, viewer: Viewer, release_id: int) -> Released:
    """Revoke a released list and tell the company's webhooks."""
    revoked = revoke_release(connection, viewer, release_id)
    enqueue_event(connection, LIST_REVOKED, revoked.need_id, _told(revoked))
    return revoked


def _made(connection: Connection, viewer: Viewer, content: MatchListOut) -> Made:
    released = give(connection, viewer, content)
    return Made(ReleaseOut.of(released), {"Location": f"/v1/releases/{released.release_id}"})


def _told(released: Released) -> dict[str, str | int]:
    link = f"/v1/releases/{released.release_id}"
    return {"release_id": released.release_id, "link": link}


def _add_reading(router: APIRouter, services: Services) -> None:
    @router.get(RELEASES, operation_id="listReleases", responses=problems(404))
    def list_releases(
        viewer: CurrentViewer,
        need_id: NeedId,
        request: Request,
        response: Response,
        wanted: Annotated[PageQuery, Query()],
    ) -> ReleasesOut:
        """List the lists that were released of a need, the newest first. Portals see those that
        stand."""
        with reading_as(services.catalogue, viewer) as connection:
            page = releases_page(
                connection, viewer, need_id, after=wanted.cursor, limit=wanted.limit
            )
        note_naming(services.catalogue, viewer, [need_id], "releases")
        link_next(request, response, page.after)
        found = [ReleaseSummaryOut.summary(released) for released in page.items]
        return ReleasesOut(items=found, next_cursor=page.after)

    @router.get(ONE, operation_id="readRelease", responses=problems(404))
    def read(viewer: CurrentViewer, release_id: Number) -> ReleaseOut:
        """Return a released list as it was when it was released."""
        with reading_as(services.catalogue, viewer) as connection:
            released = release_of(connection, viewer, release_id)
        audit.note(services.catalogue, viewer, "read", RELEASE_KIND, str(released.release_id))
        return ReleaseOut.of(released)


def _add_revocation(router: APIRouter, services: Services) -> None:
    @router.post(f"{ONE}/revoke", operation_id="revokeRelease", responses=problems(404, 409))
    def revoke(viewer: CurrentViewer, release_id: Number) -> ReleaseSummaryOut:
        """Take a released list back: portals do not see it any more."""
        with writing_as(services.catalogue, viewer) as connection:
            revoked = take_back(connection, viewer, release_id)
        return ReleaseSummaryOut.summary(revoked)
