"""The routes of guests: IP and legal managers who are asked in to a need that few may see."""

from fastapi import APIRouter

from api.authentication import CurrentViewer
from api.parameters import NeedId, UserId, problems
from api.services import Services
from api.v1.paths import OF_NEED
from api.v1.schemas.needs import GuestOut, GuestsOut
from office.access.access_log import note_naming
from office.access.rules import INVITE, require
from office.access.scoped import reading_as, writing_as
from office.needs.guests import guest_list, invite, uninvite

ALL = f"{OF_NEED}/guests"
ONE = f"{ALL}/{{user_id}}"


def build_router(services: Services) -> APIRouter:
    """Return the routes of guests."""
    router = APIRouter(tags=["guests"])
    catalogue = services.catalogue

    @router.get(ALL, operation_id="listGuests", responses=problems(404))
    def list_guests(viewer: CurrentViewer, need_id: NeedId) -> GuestsOut:
        """List who was asked in to a need; there are few, so that they come in one answer."""
        with reading_as(catalogue, viewer) as connection:
            found = guest_list(connection, viewer, need_id)
        note_naming(catalogue, viewer, [need_id], "guests")
        return GuestsOut(items=[GuestOut.of(guest) for guest in found])

    @router.put(ONE, operation_id="inviteGuest", responses=problems(404, 409))
    def put(viewer: CurrentViewer, need_id: NeedId, user_id: UserId) -> GuestOut:
        """Ask an IP or legal manager in; whoever was asked in already stays so."""
        require(viewer, INVITE)
        with writing_as(catalogue, viewer) as connection:
            known = {guest.user_id: guest for guest in guest_list(connection, viewer, need_id)}
            if user_id not in known:
                invite(connection, viewer, need_id, user_id)
                invited = guest_list(connection, viewer, need_id)
                known = {guest.user_id: guest for guest in invited}
            return GuestOut.of(known[user_id])

    @router.delete(ONE, operation_id="uninviteGuest", status_code=204, responses=problems(404, 409))
    def delete(viewer: CurrentViewer, need_id: NeedId, user_id: UserId) -> None:
        """Take an invitation back: from then on this person does not see the need."""
        with writing_as(catalogue, viewer) as connection:
            uninvite(connection, viewer, need_id, user_id)

    return router
