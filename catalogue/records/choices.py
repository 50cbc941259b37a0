"""What researchers decide about their own works: which stand for them, which are not to be matched."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from catalogue.database.models import CHOICES, Seed
from catalogue.identity.links import AUTHORSHIP
from catalogue.records.drafts import RESEARCHERS, SEEDS
from catalogue.records.source_records import RECORD
from catalogue.records.unit_of_work import SEED_CHOICE, UnitOfWork
from enmusubi.errors import InputError, UnknownIdError


def choose_works(
    connection: Connection,
    researcher_id: str,
    seed_ids: Sequence[str],
    choice: str,
    now: datetime,
) -> None:
    """Set a researcher's choice on works: representative, withdrawn, or nothing to take it back.

    Raises InputError for another choice, UnknownIdError for works that are not theirs.
    """
    if choice not in CHOICES:
        raise InputError(
            "%(choice)r is no choice: expected %(known)s.",
            choice=choice,
            known=", ".join(filter(None, CHOICES)),
        )
    person = _row(connection, RESEARCHERS, researcher_id)
    rows = {seed: _row(connection, SEEDS, seed) for seed in seed_ids}
    own = set(list_works(connection, person))
    for seed, row in rows.items():
        if row not in own:
            raise UnknownIdError(
                "%(seed)r is no work of %(researcher)r.", seed=seed, researcher=researcher_id
            )
    for row in rows.values():
        connection.execute(
            delete(SEED_CHOICE).where(
                SEED_CHOICE.c.researcher_id == person, SEED_CHOICE.c.seed_id == row
            )
        )
        values = {"researcher_id": person, "seed_id": row, "choice": choice, "decided_at": now}
        if choice:
            connection.execute(insert(SEED_CHOICE), values)
    unit_of_work = UnitOfWork(connection)
    unit_of_work.load_rows(SEEDS, rows.values())
    unit_of_work.touch(SEEDS, rows.values())
    unit_of_work.flush()


def list_works(connection: Connection, researcher_id: str) -> dict[str, dict[str, Any]]:
    """Return seed id → title, year, kind and choice of a researcher's works, the newest first."""
    query = (
        select(Seed.seed_id, Seed.title, Seed.year, Seed.kind, AUTHORSHIP.c.choice)
        .join(AUTHORSHIP, AUTHORSHIP.c.seed_id == Seed.seed_id)
        .where(AUTHORSHIP.c.researcher_id == researcher_id, Seed.withdrawn_at.is_(None))
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    rows.sort(key=lambda row: (-(row["year"] or 0), row["seed_id"]))
    return {row.pop("seed_id"): row for row in rows}


def _row(connection: Connection, table: str, home_id: str) -> str:
    query = select(RECORD.c.row_id).where(RECORD.c.table_name == table, RECORD.c.home_id == home_id)
    row = connection.execute(query).scalars().first()
    if row is None:
        if table == RESEARCHERS:
            raise UnknownIdError("No source has researcher %(id)r.", id=home_id)
        raise UnknownIdError("No source has seed %(id)r.", id=home_id)
    return str(row)
