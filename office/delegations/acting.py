"""What a stand-in does in the place of somebody who is away: what that role may, as far as both see it.

Nobody hands on more than they have: of a need or case that the absent person may not see, nobody decides
anything in their place, whatever they see themselves.
"""

from dataclasses import replace

from sqlalchemy import Connection, select

from catalogue.database.case_models import OfficeCase
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import StandIn, Viewer
from office.access.rules import PERMISSIONS, may, require, visible_cases, visible_needs
from office.delegations.standing_in import absent, decided_for


def on_case(connection: Connection, viewer: Viewer, case_id: int) -> Viewer:
    """Return a viewer with those alone whom they stand in for who may see the case themselves."""
    joined = select(OfficeCase.case_id).outerjoin(
        StoredNeed, StoredNeed.need_id == OfficeCase.need_id
    )
    seen = tuple(
        one
        for one in viewer.stands_in
        if connection.execute(
            joined.where(OfficeCase.case_id == case_id, visible_cases(absent(one)))
        ).first()
    )
    return replace(viewer, stands_in=seen)


def on_need(connection: Connection, viewer: Viewer, need_id: str) -> Viewer:
    """Return a viewer with those alone whom they stand in for who may see the need themselves."""
    query = select(StoredNeed.need_id).where(StoredNeed.need_id == need_id)
    seen = tuple(
        one
        for one in viewer.stands_in
        if connection.execute(query.where(visible_needs(absent(one)))).first()
    )
    return replace(viewer, stands_in=seen)


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
