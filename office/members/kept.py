"""Memberships as they are kept: read by the office, and by a company's portal those of its company.

Knows nothing of how they are changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, or_, select

from catalogue.database.member_models import Membership
from catalogue.database.viewer import PORTAL, Viewer
from enmusubi.errors import UnknownIdError
from enmusubi.messages import N_
from office.access.keyset_pages import Page, rows_behind
from office.access.rules import READ_MEMBERSHIPS, require, visible_memberships
from office.companies.finding import home_ids, present_ids

MEMBERSHIPS = cast(Table, Membership.__table__)
UNKNOWN_MEMBERSHIP = N_("No membership has that number.")
HOLDS, ENDED, LATER, WITHDRAWN = "holds", "ended", "later", "withdrawn"
_MOST = 2**63 - 1


@dataclass(frozen=True)
class KeptMembership:
    """A membership as it is kept; `organisation_id` is the company's id of now.

    Portals are told `public_id` as its number: it tells no count.
    """

    membership_id: int
    public_id: int
    organisation_id: str
    kind: str
    since: date
    until: date | None
    contacts: str = field(repr=False)
    terms: str = field(repr=False)
    recorded_by: str
    recorded_at: datetime
    withdrawn_at: datetime | None
    version: int

    def state(self, today: date) -> str:
        """Return what it is on a day: holds, ended, later (not begun yet) or withdrawn."""
        if self.withdrawn_at:
            return WITHDRAWN
        if self.since > today:
            return LATER
        return ENDED if self.until and self.until < today else HOLDS


def holds_on(day: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `membership` rows for those that hold on a day."""
    return (
        MEMBERSHIPS.c.withdrawn_at.is_(None),
        MEMBERSHIPS.c.since <= day,
        or_(MEMBERSHIPS.c.until.is_(None), MEMBERSHIPS.c.until >= day),
    )


def is_member(connection: Connection, organisation_id: str, today: date) -> bool:
    """Return whether a company is a member on a day; `connection` is the service's own."""
    return holding_membership(connection, organisation_id, today) is not None


def holding_membership(
    connection: Connection, organisation_id: str, today: date
) -> KeptMembership | None:
    """Return a company's membership that holds on a day; `connection` is the service's own."""
    query = select(MEMBERSHIPS).where(
        MEMBERSHIPS.c.organisation_id.in_(home_ids(connection, organisation_id)), *holds_on(today)
    )
    row = connection.execute(query.limit(1)).mappings().first()
    return _all_kept(connection, [row])[0] if row else None


def membership_of(connection: Connection, viewer: Viewer, membership_id: int) -> KeptMembership:
    """Return one that the viewer sees, by the number by which they know it.

    Raises ForbiddenError and UnknownIdError.
    """
    require(viewer, READ_MEMBERSHIPS)
    is_portal = viewer.role == PORTAL
    number = MEMBERSHIPS.c.public_id if is_portal else MEMBERSHIPS.c.membership_id
    chosen = number == min(membership_id, _MOST)
    query = select(MEMBERSHIPS).where(chosen, visible_memberships(viewer))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError(UNKNOWN_MEMBERSHIP)
    return _told(viewer, _all_kept(connection, [row]))[0]


def memberships_page(
    connection: Connection,
    viewer: Viewer,
    *,
    organisation_id: str = "",
    today: date | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[KeptMembership]:
    """Return memberships that the viewer sees, the newest record first: of a company, of a day, or all.

    Raises ForbiddenError, and InputError for the cursor and the limit.
    """
    require(viewer, READ_MEMBERSHIPS)
    query = select(MEMBERSHIPS).where(visible_memberships(viewer))
    if organisation_id:
        homes = home_ids(connection, organisation_id)
        query = query.where(MEMBERSHIPS.c.organisation_id.in_(homes))
    if today:
        query = query.where(*holds_on(today))
    number, opaque = MEMBERSHIPS.c.membership_id, MEMBERSHIPS.c.public_id
    rows, cursor = rows_behind(connection, query, number, opaque, after=after, limit=limit)
    return Page(_told(viewer, _all_kept(connection, rows)), cursor)


def _told(viewer: Viewer, found: Iterable[KeptMembership]) -> tuple[KeptMembership, ...]:
    """Return memberships as the viewer is told them: to a portal nobody of the office is named."""
    if viewer.role != PORTAL:
        return tuple(found)
    return tuple(replace(one, membership_id=one.public_id, recorded_by="") for one in found)


def _all_kept(connection: Connection, rows: Iterable[Any]) -> list[KeptMembership]:
    found = list(rows)
    now = present_ids(connection, {row["organisation_id"] for row in found})
    kept = []
    for row in found:
        values = {name: row[name] for name in KeptMembership.__dataclass_fields__}
        company = values["organisation_id"]
        kept.append(KeptMembership(**{**values, "organisation_id": now.get(company, company)}))
    return kept
