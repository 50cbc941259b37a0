"""The routes of guests: IP and legal managers who are asked in to a need that few may see."""

from fastapi import APIRouter

from enmusubi.api.guard import CurrentViewer
from enmusubi.api.services import Services
from enmusubi.api.v1.parameters import NeedId, UserId, problems
from enmusubi.api.v1.paths import OF_NEED
from enmusubi.api.v1.shapes.needs import GuestOut, GuestsOut
from enmusubi.matcher.access.guests import guest_list, invite, uninvite
from enmusubi.matcher.access.noting import note_naming
from enmusubi.matcher.access.rules import INVITE, require
from enmusubi.matcher.access.scoped import reading_as, writing_as

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
