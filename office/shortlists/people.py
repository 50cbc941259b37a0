"""Names of the people whom a desk holds: researchers by the ids they were put there with, users by login.

A researcher who was joined with another since then is found under the id they have now.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from catalogue.database.account_models import UserAccount
from catalogue.database.models import Researcher
from catalogue.identity.links import homes_of, rows_of
from catalogue.records.corpus import select_researchers
from catalogue.records.source_records import chunks
from matcher.records import ResearcherCard
from matcher.tables import RESEARCHER_COLUMNS


def cards_of(connection: Connection, kept_ids: Iterable[str]) -> dict[str, ResearcherCard]:
    """Return the card of each id, without the record of work with industry; unknown ids are out."""
    found: dict[str, ResearcherCard] = {}
    for chunk in chunks(sorted(set(kept_ids))):
        current = {kept: kept for kept in chunk} | rows_of(connection, chunk)
        query = select_researchers().where(
            Researcher.researcher_id.in_(sorted(set(current.values()))),
            Researcher.withdrawn_at.is_(None),
        )
        cards = {}
        for row in connection.execute(query).mappings():
            known: dict[str, Any] = {
                name: row[name] or "" for name in RESEARCHER_COLUMNS if name in row
            }
            cards[row["researcher_id"]] = ResearcherCard(**known)
        found |= {kept: cards[now] for kept, now in current.items() if now in cards}
    return found


def ids_of(connection: Connection, researcher_id: str) -> list[str]:
    """Return all ids under which a researcher may have been kept, the present one included."""
    current = rows_of(connection, [researcher_id]).get(researcher_id, researcher_id)
    return sorted({researcher_id, current, *homes_of(connection, [current])})


def names_of(connection: Connection, user_ids: Iterable[str]) -> dict[str, str]:
    """Return the name of each login that has an account with one."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(user_ids))):
        query = select(UserAccount.user_id, UserAccount.name).where(
            UserAccount.user_id.in_(chunk), UserAccount.name != ""
        )
        found |= {row.user_id: row.name for row in connection.execute(query)}
    return found
