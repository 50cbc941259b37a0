"""Which organisations a viewer may know to be in the catalogue: others are answered like unknown ones.

What is told must not depend on needs that are hidden: a company is known by needs and NDAs that are seen,
as a member or by people who work there, never because somebody else's need stands behind it. A profile makes
no company known: anybody of the office can write one for whatever name they wonder about.
"""

from collections.abc import Collection, Iterable
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, or_, select

from catalogue.database.member_models import Membership
from catalogue.database.models import Organisation, Researcher, StoredNeed
from catalogue.database.viewer import CHIEF, Viewer
from catalogue.records.source_records import chunks
from office.access.rules import SEE_COMPANIES, SEE_MEMBERS, may, visible_needs
from office.companies.finding import find_company, home_ids, homes_of_all
from office.companies.holding import NDAS

MEMBERSHIPS = cast(Table, Membership.__table__)


def seen_ndas(viewer: Viewer) -> Select[Any]:
    """Return the query for the NDAs that a viewer sees: with companies, and for needs that they see."""
    joined = select(NDAS).outerjoin(StoredNeed, StoredNeed.need_id == NDAS.c.need_id)
    is_shown = (StoredNeed.withdrawn_at.is_(None)) & visible_needs(viewer)
    return joined.where(or_(NDAS.c.need_id == "", StoredNeed.need_id.is_not(None) & is_shown))


def sees_organisation(connection: Connection, viewer: Viewer, organisation_id: str) -> bool:
    """Return whether a viewer may know that the catalogue has the organisation of a present id."""
    return bool(seen_among(connection, viewer, [organisation_id]))


def seen_among(connection: Connection, viewer: Viewer, asked: Iterable[str]) -> set[str]:
    """Return those present ids, of organisations of which a viewer may know that the catalogue has them."""
    seen: set[str] = set()
    for chunk in chunks(sorted(set(asked))):
        own = select(Organisation.organisation_id).where(Organisation.organisation_id.in_(chunk))
        there = set(connection.execute(own).scalars())
        if viewer.role == CHIEF:
            seen |= there
            continue
        seen |= there & viewer.companies
        homes = homes_of_all(connection, there - seen)
        for query in _ways_to_know(viewer, homes):
            seen |= {homes[home] for home in connection.execute(query.distinct()).scalars()}
    return seen


def is_hidden(connection: Connection, viewer: Viewer, organisation_id: str) -> bool:
    """Return whether the office has to do with an organisation, and nothing of it is the viewer's to know."""
    if sees_organisation(connection, viewer, organisation_id):
        return False
    homes = home_ids(connection, organisation_id)
    named = (StoredNeed.organisation_id, NDAS.c.organisation_id, MEMBERSHIPS.c.organisation_id)
    return any(
        connection.execute(select(column).where(column.in_(homes)).limit(1)).first()
        for column in named
    )


def find_seen_company(
    connection: Connection, viewer: Viewer, named: str, *, also: Collection[str] = ()
) -> str:
    """Return the id of an organisation as `find_company` does, of those alone that the viewer may know.

    `also` are ids that the viewer knows from elsewhere. Raises UnknownIdError for all others alike.
    """

    def is_seen(found: str) -> bool:
        return found in also or sees_organisation(connection, viewer, found)

    return find_company(connection, named, is_seen=is_seen)


def _ways_to_know(viewer: Viewer, homes: Collection[str]) -> list[Select[Any]]:
    """Return the queries for those of the organisations' ids that the viewer knows from something."""
    needs = select(StoredNeed.organisation_id).where(
        StoredNeed.organisation_id.in_(homes),
        StoredNeed.withdrawn_at.is_(None),
        visible_needs(viewer),
    )
    people = select(Researcher.organisation_id).where(Researcher.organisation_id.in_(homes))
    ways = [needs, people]
    if may(viewer, SEE_COMPANIES):
        ndas = seen_ndas(viewer).where(NDAS.c.organisation_id.in_(homes))
        ways.append(ndas.with_only_columns(NDAS.c.organisation_id))
    if may(viewer, SEE_MEMBERS):  # as the office's list of companies has members
        column = MEMBERSHIPS.c.organisation_id
        members = select(column).where(MEMBERSHIPS.c.withdrawn_at.is_(None))
        ways.append(members.where(column.in_(homes)))
    return ways
