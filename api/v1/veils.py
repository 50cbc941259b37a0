"""The routes of a need's veil: what could be veiled, and the decision."""

import anyio

from api.dependencies import OF_NEED, CurrentViewer, NeedId, Services, problems
from api.middleware.rate_limits import SEARCHES
from api.v1.headers import IfMatch, check_match
from api.v1.json_bodies import Router
from api.v1.schemas.veils import ProposalOut, VeilIn, VeilOut
from catalogue.database.viewer import Viewer
from enmusubi.errors import UnknownIdError
from office.access.access_log import note_reading
from office.access.rules import VEIL, require
from office.access.scoped import reading_as, writing_as
from office.matching import stored_need
from office.needs.reading import need_of
from office.veil.deciding import NO_VEIL, check_may_veil, decide_veil, revoke_veil, veil_of
from office.veil.finding import propose_veil

ONE = f"{OF_NEED}/veil"


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["veil"])
    _add_reading(router, services)
    _add_decision(router, services)
    return router


def _add_reading(router: Router, services: Services) -> None:
    @router.get(ONE, operation_id="readVeil", responses=problems(404))
    def read(viewer: CurrentViewer, need_id: NeedId) -> VeilOut:
        """Return a need's veil with what was decided on; 404 where it has none."""
        require(viewer, VEIL)
        return _standing(services, viewer, need_id)

    @router.get(
        f"{ONE}/marks",
        operation_id="proposeVeil",
        responses=problems(404, 503),
        dependencies=SEARCHES,
    )
    async def propose(viewer: CurrentViewer, need_id: NeedId) -> ProposalOut:
        """Return what in a need tells whose it is, what could stand instead, and what each costs.

        The list is made anew for a dozen marks, which takes some seconds. Nothing is stored.
        """
        require(viewer, VEIL)
        need = await anyio.to_thread.run_sync(stored_need, services.catalogue, viewer, need_id)
        check_may_veil(viewer, need)
        found = await propose_veil(services.matching, viewer, need)
        await anyio.to_thread.run_sync(note_reading, services.catalogue, viewer, need, "veil")
        return ProposalOut.of(found)


def _add_decision(router: Router, services: Services) -> None:
    @router.put(ONE, operation_id="decideVeil", responses=problems(404, 412, 413, 428))
    def decide(
        viewer: CurrentViewer, need_id: NeedId, request: VeilIn, if_match: IfMatch = None
    ) -> VeilOut:
        """Decide on what outsiders are shown; If-Match names the version of the need it was made of.

        A text that says what is marked secret is refused.
        """
        require(viewer, VEIL)
        with writing_as(services.catalogue, viewer) as connection:
            need = need_of(connection, viewer, need_id)
            check_may_veil(viewer, need)
            check_match(if_match, need.version)
            draft = request.draft(need.version)
            most = services.settings.need.max_chars
            kept = decide_veil(connection, viewer, need_id, draft, max_chars=most)
        return VeilOut.of(kept)

    @router.delete(ONE, operation_id="revokeVeil", status_code=204, responses=problems(404, 409))
    def revoke(viewer: CurrentViewer, need_id: NeedId) -> None:
        """Take the veil back: outsiders are shown the need as it is."""
        with writing_as(services.catalogue, viewer) as connection:
            revoke_veil(connection, viewer, need_id)


def _standing(services: Services, viewer: Viewer, need_id: str) -> VeilOut:
    with reading_as(services.catalogue, viewer) as connection:
        need = need_of(connection, viewer, need_id)
        found = veil_of(connection, viewer, need)
    note_reading(services.catalogue, viewer, need, "veil")
    if found is None:
        raise UnknownIdError(NO_VEIL)
    return VeilOut.of(found)
