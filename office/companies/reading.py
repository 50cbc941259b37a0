"""Companies as the office sees them: of needs that a viewer sees, with an NDA, or members."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, case, func, select

from catalogue.database.member_models import Membership
from catalogue.database.models import OPEN, Organisation, StoredNeed
from catalogue.database.viewer import Viewer
from enmusubi.errors import UnknownIdError
from enmusubi.language import ENGLISH
from office.access.rules import SEE_COMPANIES, require, visible_needs
from office.companies.finding import UNKNOWN_COMPANY, present_ids
from office.companies.ndas import KeptNda, companies_with_ndas


@dataclass(frozen=True)
class SeenCompany:
    """A company: how many of its open needs the viewer sees, and the NDAs that were not withdrawn."""

    organisation_id: str
    name_ja: str = field(repr=False)
    name_en: str = field(repr=False)
    open_needs: int = 0
    ndas: Sequence[KeptNda] = ()

    def name(self, language: str) -> str:
        """Return its name in ja or en, or the only one that is known; empty where none is."""
        first, other = self.name_ja, self.name_en
        return (other or first) if language == ENGLISH else (first or other)


def companies_seen(connection: Connection, viewer: Viewer) -> list[SeenCompany]:
    """Return the companies that a viewer sees, by name, members and those with NDAs among them."""
    require(viewer, SEE_COMPANIES)
    counts = _open_needs(connection, viewer)
    ndas = companies_with_ndas(connection, viewer)
    members = _members(connection)
    query = select(Organisation.organisation_id, Organisation.name_ja, Organisation.name_en)
    shown = {*counts, *ndas, *members}
    rows = connection.execute(query.where(Organisation.organisation_id.in_(shown)))
    found = [
        SeenCompany(key, ja, en, counts.get(key, 0), tuple(ndas.get(key, ())))
        for key, ja, en in rows
    ]
    return sorted(found, key=lambda one: (one.name_ja or one.name_en, one.organisation_id))


def company_of(connection: Connection, viewer: Viewer, organisation_id: str) -> SeenCompany:
    """Return a company by its present id, or one that it had before.

    Raises ForbiddenError, and UnknownIdError for one that isn't there or that the viewer doesn't see.
    """
    require(viewer, SEE_COMPANIES)
    wanted = organisation_id.replace("\0", "")
    present = present_ids(connection, [wanted]).get(wanted, wanted)
    for company in companies_seen(connection, viewer):
        if company.organisation_id == present:
            return company
    raise UnknownIdError(UNKNOWN_COMPANY)


def _members(connection: Connection) -> set[str]:
    """Return the present ids of companies that are members or were: all of the office knows those."""
    query = select(Membership.organisation_id).where(Membership.withdrawn_at.is_(None))
    homes = set(connection.execute(query).scalars())
    now = present_ids(connection, homes)
    return {now.get(home, home) for home in homes}


def names_by_id(connection: Connection, ids: Collection[str]) -> dict[str, SeenCompany]:
    """Return companies by id with their names alone, whoever asks: of those that a page names anyway."""
    query = select(Organisation.organisation_id, Organisation.name_ja, Organisation.name_en)
    rows = connection.execute(query.where(Organisation.organisation_id.in_(sorted(ids))))
    return {key: SeenCompany(key, ja, en) for key, ja, en in rows}


def _open_needs(connection: Connection, viewer: Viewer) -> dict[str, int]:
    """Return how many open needs of each company the viewer sees, 0 where all that they see are closed."""
    count = func.sum(case((StoredNeed.status == OPEN, 1), else_=0))
    query = (
        select(StoredNeed.organisation_id, count)
        .where(
            StoredNeed.organisation_id.is_not(None),
            StoredNeed.withdrawn_at.is_(None),
            visible_needs(viewer),
        )
        .group_by(StoredNeed.organisation_id)
    )
    return {str(key): int(number) for key, number in connection.execute(query)}
