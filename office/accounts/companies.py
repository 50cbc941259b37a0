"""The companies that machines are bound to: found by id or by name, and listed with both."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from catalogue.database.models import Organisation, StoredNeed
from catalogue.database.record_models import OrganisationKey, Record
from catalogue.identity.organisation_names import organisation_keys
from catalogue.records.drafts import ORGANISATIONS, organisation_id
from enmusubi.errors import InputError, UnknownIdError


@dataclass(frozen=True)
class Company:
    """An organisation that a portal may be bound to."""

    organisation_id: str
    name_ja: str
    name_en: str


def known_companies(connection: Connection, text: str = "") -> list[Company]:
    """Return companies and others that have needs, by name; with a text, those with it in a name."""
    columns = Organisation.organisation_id, Organisation.name_ja, Organisation.name_en
    with_needs = select(StoredNeed.organisation_id).where(StoredNeed.organisation_id.is_not(None))
    asking = or_(Organisation.kind == "company", Organisation.organisation_id.in_(with_needs))
    query = select(*columns).where(Organisation.withdrawn_at.is_(None), asking)
    found = [Company(*row) for row in connection.execute(query)]
    wanted = text.casefold()
    named = [c for c in found if wanted in c.name_ja.casefold() or wanted in c.name_en.casefold()]
    return sorted(named, key=lambda c: (c.name_ja or c.name_en, c.organisation_id))


def names_of(connection: Connection, companies: Collection[str]) -> dict[str, str]:
    """Return the names of organisations by id; empty for those that the catalogue lacks."""
    columns = Organisation.organisation_id, Organisation.name_ja, Organisation.name_en
    query = select(*columns).where(Organisation.organisation_id.in_(companies))
    return {row_id: name_ja or name_en for row_id, name_ja, name_en in connection.execute(query)}


def company_ids(connection: Connection, companies: Sequence[str]) -> list[str]:
    """Return the ids of companies that are named by id or by name, each once, in order.

    Raises UnknownIdError and InputError, which say which of them it is and never its name.
    """
    found = {
        _id_of(connection, company.strip(), number)
        for number, company in enumerate(companies, start=1)
    }
    return sorted(found)


def _id_of(connection: Connection, company: str, number: int) -> str:
    company = company.replace("\0", "")  # which no database takes
    own = select(Organisation.organisation_id).where(Organisation.organisation_id == company)
    if connection.execute(own).first():
        return company
    query = select(OrganisationKey.organisation_id).where(
        OrganisationKey.key.in_(organisation_keys(company, ""))
    )
    named = sorted(connection.execute(query.distinct()).scalars())
    if len(named) > 1:
        raise InputError(
            "Company %(number)s of those given: %(count)s organisations have that name. "
            "Name it by its id; `enmusubi machine companies` lists the ids.",
            number=number,
            count=len(named),
        )
    homes = select(Record.row_id).where(
        Record.table_name == ORGANISATIONS,
        Record.home_id.in_((company, organisation_id(company))),
    )
    found = named or sorted(connection.execute(homes.distinct()).scalars())
    if len(found) != 1:
        raise UnknownIdError(
            "Company %(number)s of those given: no organisation has that id or name. "
            "Import it with `enmusubi import general FILE`; `enmusubi machine companies` "
            "lists the ids.",
            number=number,
        )
    return found[0]
