"""The routes of released lists: what the office gives to a company, and takes back."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import anyio
from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.dependencies import (
    OF_NEED,
    AnId,
    CurrentViewer,
    NeedId,
    NextCursor,
    Number,
    PageQuery,
    Services,
    link_next,
    problems,
)
from api.v1.idempotency import Creation, IdempotencyKey, RequestContent, create_once, stored_answer
from api.v1.json_bodies import Router
from api.v1.schemas.matches import FiltersIn, MatchListOut
from catalogue.database.viewer import Viewer
from office.access.access_log import note_naming
from office.access.scoped import reading_as, writing_as
from office.needs.given_lists import (
    CONCERNS,
    MAX_CHOSEN_FROM,
    FrozenList,
    ReleaseChoice,
    check_confirmed,
    check_listed,
    list_to_release,
    releasable_need,
)
from office.needs.releases import (
    Released,
    ask_before_release,
    read_release,
    release_list,
    release_of,
    releases_page,
    revoke_release,
)

Concern = Literal["fits_nobody", "weak_people", "no_public_evidence", "no_portal"]
RELEASES = f"{OF_NEED}/releases"
ONE = "/v1/releases/{release_id}"


def build_router(services: Services) -> Router:
    """Return the routes of released lists."""
    router = Router(tags=["releases"])
    _add_release(router, services)
    _add_reading(router, services)
    _add_revocation(router, services)
    return router


def _add_release(router: Router, services: Services) -> None:
    @router.post(
        RELEASES,
        operation_id="releaseList",
        status_code=201,
        response_model=ReleaseOut,
        responses=problems(404, 409, 413),
    )
    async def release(
        viewer: CurrentViewer, need_id: NeedId, request: ReleaseIn, key: IdempotencyKey = None
    ) -> Response:
        """Give a need's company its list as it is now: public seeds alone, frozen. Portals are told
        by their webhooks. What screening stops (409) waits for those who clear it."""
        content: RequestContent = (f"{need_id}/releases", request)
        if before := await anyio.to_thread.run_sync(released_before, viewer, key, content, need_id):
            return before
        frozen = await list_to_release(services.matching, viewer, need_id, request.choice())
        if request.confirmed is None:
            check_listed(frozen)
        else:
            check_confirmed(frozen, request.confirmed)

        def keep() -> Response:
            ask_before_release(services.catalogue, viewer, frozen)
            with writing_as(services.catalogue, viewer) as connection:
                return create_once(
                    connection,
                    viewer,
                    key,
                    content,
                    lambda: _made(connection, viewer, frozen),
                    still=partial(_still, viewer),
                )

        return await anyio.to_thread.run_sync(keep)

    def released_before(
        viewer: Viewer, key: str | None, content: RequestContent, need_id: str
    ) -> Response | None:
        with reading_as(services.catalogue, viewer) as connection:
            releasable_need(connection, viewer, need_id)  # first: the viewer may not any more
        still = partial(_still, viewer)
        return stored_answer(services.catalogue, viewer, key, content, still=still)


def _still(viewer: Viewer, connection: Connection, body: Mapping[str, Any]) -> Released:
    return release_of(connection, viewer, body["release_id"])


def _made(connection: Connection, viewer: Viewer, frozen: FrozenList) -> Creation:
    released = release_list(connection, viewer, frozen)
    return Creation(ReleaseOut.of(released), {"Location": f"/v1/releases/{released.release_id}"})


def _add_reading(router: Router, services: Services) -> None:
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
        return ReleaseOut.of(read_release(services.catalogue, viewer, release_id))


def _add_revocation(router: Router, services: Services) -> None:
    @router.post(f"{ONE}/revoke", operation_id="revokeRelease", responses=problems(404, 409))
    def revoke(viewer: CurrentViewer, release_id: Number) -> ReleaseSummaryOut:
        """Take a released list back: portals do not see it any more."""
        with writing_as(services.catalogue, viewer) as connection:
            revoked = revoke_release(connection, viewer, release_id)
        return ReleaseSummaryOut.summary(revoked)


class ReleaseIn(BaseModel):
    """Which part of a need's list is given to the company."""

    model_config = ConfigDict(extra="forbid")

    top: int = Field(
        10, ge=1, le=100, strict=True, description="Give the best so many.", examples=[5]
    )
    researcher_ids: list[AnId] | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="Give these in place of the best, in the order of the list; each must be among "
        f"its first {MAX_CHOSEN_FROM:,}.",
    )
    filters: FiltersIn = Field(default_factory=FiltersIn)
    confirmed: list[Concern] | None = Field(
        None,
        max_length=len(CONCERNS),
        description="What you accept of the list. With it, even empty, a list is refused that has "
        "something else to be considered: fits_nobody (nobody in it is likely to fit), weak_people, "
        "no_public_evidence (chosen people whom the list has not got are then given by name), "
        "no_portal (of the company). Without it, nothing of that holds a list back, and chosen "
        "people must be on it.",
        examples=[["weak_people"]],
    )

    def choice(self) -> ReleaseChoice:
        """Return what is to be released."""
        return ReleaseChoice(self.top, self.researcher_ids or (), self.filters.record())


class ReleaseSummaryOut(BaseModel):
    """A released list without what it holds."""

    release_id: int
    need_id: str
    released_at: datetime
    released_by: str = Field(description="Login of who released it; portals are not told.")
    revoked_at: datetime | None = Field(description="When it was taken back; null: it stands.")

    @classmethod
    def summary(cls, released: Released) -> "ReleaseSummaryOut":
        """Return the answer for a list among others."""
        return cls.model_validate(released, from_attributes=True)


class ReleaseOut(ReleaseSummaryOut):
    """A match list as it was when it was released: of public seeds, its texts in the need's
    language."""

    content: MatchListOut

    @classmethod
    def of(cls, released: Released) -> "ReleaseOut":
        """Return the answer for a released list."""
        content = MatchListOut.model_validate_json(released.content)
        return cls.model_validate({**vars(released), "content": content})


class ReleasesOut(BaseModel):
    """Released lists, the newest first."""

    items: list[ReleaseSummaryOut]
    next_cursor: NextCursor
