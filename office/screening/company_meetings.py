"""Where companies of several needs should not meet unprepared: competitors, and companies of one group.

For the office alone: what is found names companies to whoever sees all of their needs, and to nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from sqlalchemy import Connection, select

from catalogue.database.record_models import OrganisationKey
from office.needs.reading import SeenNeed
from office.screening.company_ties import COMPETITOR, GROUP_TIES, OWN, company_ties

ONE_GROUP = "group"  # parent, subsidiary or sister: they count as one voice


@dataclass(frozen=True)
class CompanyMeeting:
    """Two companies and how they meet: `competitor`, in a field or in all (empty), or `group`."""

    organisation_ids: tuple[str, str]
    names: tuple[str, str] = field(repr=False)
    relation: str
    field_id: str = ""


def company_meetings(
    connection: Connection, needs: Sequence[SeenNeed]
) -> tuple[CompanyMeeting, ...]:
    """Return how the companies of needs meet, competitors first; needs without a company are left out.

    `connection` is of `reading_as(viewer)`, of an office role, and the needs are such that the viewer sees.
    """
    names = {need.organisation_id: need.company for need in needs if need.organisation_id}
    keys = _keys(connection, list(names))
    found = []
    ties = {company: company_ties(connection, company) for company in names}
    for first, second in combinations(sorted(names), 2):
        told = [ties[first][key] for key in keys[second] if key in ties[first]]
        told += [ties[second][key] for key in keys[first] if key in ties[second]]
        pair, called = (first, second), (names[first], names[second])
        rivals = sorted({one.field_id for one in told if one.relation == COMPETITOR})
        if rivals:  # a pair that competes in all fields is told once
            found += [
                CompanyMeeting(pair, called, COMPETITOR, one)
                for one in ([""] if "" in rivals else rivals)
            ]
        elif any(one.relation in GROUP_TIES - {OWN} for one in told):
            found.append(CompanyMeeting(pair, called, ONE_GROUP))
    return tuple(sorted(found, key=lambda one: (one.relation != COMPETITOR, one.organisation_ids)))


def _keys(connection: Connection, companies: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {company: set() for company in companies}
    query = select(OrganisationKey.organisation_id, OrganisationKey.key).where(
        OrganisationKey.organisation_id.in_(sorted(found)), OrganisationKey.key.not_like("~%")
    )
    for company, key in connection.execute(query):
        found[str(company)].add(str(key))
    return found
