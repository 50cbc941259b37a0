"""Which organisations a viewer may know to be in the catalogue: others are answered like unknown ones.

What is told must not depend on needs that are hidden: a company is known by needs and NDAs that are seen, by
a profile or by people who work there, never because somebody else's need stands behind it.
"""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, or_, select

from catalogue.database.member_models import Membership
from catalogue.database.models import Organisation, Researcher, StoredNeed
from catalogue.database.outbound_models import CompanyProfile
from catalogue.database.record_models import OrganisationKey
from catalogue.database.viewer import CHIEF, Viewer
from office.access.rules import FIND_COMPANIES, SEE_COMPANIES, SEE_MEMBERS, may, visible_needs
from office.companies.finding import find_company, home_ids
from office.companies.holding import NDAS

MEMBERSHIPS = cast(Table, Membership.__table__)
PROFILES = cast(Table, CompanyProfile.__table__)


def seen_ndas(viewer: Viewer) -> Select[Any]:
    """Return the query for the NDAs that a viewer sees: with companies, and for needs that they see."""
    joined = select(NDAS).outerjoin(StoredNeed, StoredNeed.need_id == NDAS.c.need_id)
    is_shown = (StoredNeed.withdrawn_at.is_(None)) & visible_needs(viewer)
    return joined.where(or_(NDAS.c.need_id == "", StoredNeed.need_id.is_not(None) & is_shown))


def sees_organisation(connection: Connection, viewer: Viewer, organisation_id: str) -> bool:
    """Return whether a viewer may know that the catalogue has the organisation of a present id."""
    own = select(Organisation.organisation_id).where(
        Organisation.organisation_id == organisation_id
    )
    if connection.execute(own).first() is None:
        return False
    if viewer.role == CHIEF or organisation_id in viewer.companies:
        return True
    return any(
        connection.execute(query.limit(1)).first()
        for query in _ways_to_know(connection, viewer, organisation_id)
    )


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


def _ways_to_know(
    connection: Connection, viewer: Viewer, organisation_id: str
) -> list[Select[Any]]:
    needs = select(StoredNeed.need_id).where(
        StoredNeed.organisation_id == organisation_id,
        StoredNeed.withdrawn_at.is_(None),
        visible_needs(viewer),
    )
    people = select(Researcher.researcher_id).where(Researcher.organisation_id == organisation_id)
    ways = [needs, people]
    if may(viewer, SEE_COMPANIES):
        homes = home_ids(connection, organisation_id)
        ways.append(seen_ndas(viewer).where(NDAS.c.organisation_id.in_(homes)))
    if may(viewer, SEE_MEMBERS):  # as the office's list of companies has members
        homes = home_ids(connection, organisation_id)
        members = select(MEMBERSHIPS.c.membership_id).where(MEMBERSHIPS.c.withdrawn_at.is_(None))
        ways.append(members.where(MEMBERSHIPS.c.organisation_id.in_(homes)))
    if may(viewer, FIND_COMPANIES):
        keys = select(OrganisationKey.key).where(OrganisationKey.organisation_id == organisation_id)
        known = PROFILES.c.organisation_key.in_(keys)
        ways.append(select(PROFILES.c.profile_id).where(known, PROFILES.c.withdrawn_at.is_(None)))
    return ways
