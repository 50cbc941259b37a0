"""Which needs an NDA opens to outsiders: one with the company for all its needs, or for the need."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, select

from catalogue.database.models import StoredNeed
from catalogue.records.source_records import chunks
from office.access.scoped import without_row_security
from office.companies.finding import homes_of_all
from office.companies.holding import NDAS, holds_on


def with_nda(connection: Connection, need_ids: Iterable[str], day: date) -> frozenset[str]:
    """Return those of the needs for which an NDA holds on a day.

    Whether one holds is no secret from anybody who sees the need: it is read whoever asks.
    """
    with without_row_security(connection):
        owners = _owners(connection, need_ids)
        homes = homes_of_all(connection, owners.values())
        held: set[tuple[str, str]] = set()
        for chunk in chunks(sorted(homes)):
            query = select(NDAS.c.organisation_id, NDAS.c.need_id)
            rows = connection.execute(
                query.where(NDAS.c.organisation_id.in_(chunk), *holds_on(day))
            )
            held |= {(homes[company], need_id) for company, need_id in rows}
    return frozenset(
        need_id for need_id, owner in owners.items() if {(owner, ""), (owner, need_id)} & held
    )


def _owners(connection: Connection, need_ids: Iterable[str]) -> dict[str, str]:
    """Return the company of each need that has one."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(need_ids))):
        query = select(StoredNeed.need_id, StoredNeed.organisation_id)
        rows = connection.execute(query.where(StoredNeed.need_id.in_(chunk)))
        found |= {str(need_id): str(owner) for need_id, owner in rows if owner}
    return found
