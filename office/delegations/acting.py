"""What a stand-in does in the place of somebody who is away: what that role may, as far as they see it."""

from dataclasses import replace

from catalogue.database.viewer import StandIn, Viewer
from office.access.rules import PERMISSIONS, may, require
from office.delegations.standing_in import decided_for


def in_place_of(viewer: Viewer, action: str, *, not_of: str = "") -> StandIn | None:
    """Return in whose place the viewer may do something, None in their own right, or not at all.

    `not_of` is somebody in whose place nobody does it: they may not themselves.
    """
    others = tuple(one for one in viewer.stands_in if one.user_id != not_of)
    return decided_for(replace(viewer, stands_in=others), PERMISSIONS[action])


def may_or_stands_in(viewer: Viewer, action: str, *, not_of: str = "") -> bool:
    """Return whether the viewer's role may do something, or that of somebody for whom they stand in."""
    return may(viewer, action) or in_place_of(viewer, action, not_of=not_of) is not None


def require_or_stand_in(viewer: Viewer, action: str, *, not_of: str = "") -> StandIn | None:
    """Return in whose place the viewer does something; raises ForbiddenError where they may not at all."""
    away = in_place_of(viewer, action, not_of=not_of)
    if away is None:
        require(viewer, action)
    return away
