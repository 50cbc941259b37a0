"""Finds organisations by what people call them, and by ids that they had before two became one."""

from collections.abc import Callable, Iterable

from sqlalchemy import Connection, select

from catalogue.database.models import Organisation
from catalogue.database.record_models import OrganisationKey, Record
from catalogue.identity.organisation_names import organisation_keys
from catalogue.records.drafts import ORGANISATIONS
from catalogue.records.source_records import chunks
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.messages import N_

UNKNOWN_COMPANY = N_("No company has that id, or none that you may see.")


def present_ids(connection: Connection, homes: Iterable[str]) -> dict[str, str]:
    """Return the present id of each organisation's home id that the catalogue knows."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(homes))):
        query = select(Record.home_id, Record.row_id).where(
            Record.table_name == ORGANISATIONS, Record.home_id.in_(chunk)
        )
        found |= {str(row[0]): str(row[1]) for row in connection.execute(query)}
    return found


def home_ids(connection: Connection, organisation_id: str) -> list[str]:
    """Return all ids under which sources brought an organisation, its own first."""
    query = select(Record.home_id).where(
        Record.table_name == ORGANISATIONS, Record.row_id == organisation_id
    )
    return list(dict.fromkeys([organisation_id, *connection.execute(query.distinct()).scalars()]))


def homes_of_all(connection: Connection, organisation_ids: Iterable[str]) -> dict[str, str]:
    """Return the present id of each id under which sources brought one of the organisations."""
    wanted = sorted(set(organisation_ids))
    found: dict[str, str] = {}
    for chunk in chunks(wanted):
        query = select(Record.home_id, Record.row_id).where(
            Record.table_name == ORGANISATIONS, Record.row_id.in_(chunk)
        )
        found |= {str(row[0]): str(row[1]) for row in connection.execute(query.distinct())}
    return found | {one: one for one in wanted}


def find_company(
    connection: Connection, named: str, *, is_seen: Callable[[str], bool] = lambda _: True
) -> str:
    """Return the id of the organisation with an id or name, whatever its legal form and language.

    Those alone count that `is_seen` takes. Raises UnknownIdError where there is none, and InputError
    where several have the name.
    """
    wanted = named.replace("\0", "").strip()
    own = select(Organisation.organisation_id).where(Organisation.organisation_id == wanted)
    by_id = [wanted] if connection.execute(own).first() else []
    by_id = by_id or list(present_ids(connection, [wanted]).values())
    if by_id and is_seen(by_id[0]):
        return by_id[0]
    query = select(OrganisationKey.organisation_id).where(
        OrganisationKey.key.in_(organisation_keys(wanted, ""))
    )
    found = sorted(filter(is_seen, connection.execute(query.distinct()).scalars()))
    if not found:
        raise UnknownIdError(UNKNOWN_COMPANY)
    if len(found) > 1:
        raise InputError(
            "%(count)s organisations have that name: give the id of the one that is meant.",
            of_field="company",
            count=len(found),
        )
    return found[0]
