"""Withdraws what a source no longer has: its records stop counting, and rows follow.

A row without a living record stays in the catalogue, out of matching; nothing is deleted, and a
source that brings it again revives it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from catalogue.records.drafts import TABLES
from catalogue.records.import_runs import Run
from catalogue.records.source_records import RECORD, chunks
from catalogue.records.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Shares:
    """How many living records a source has in some tables, and how many an import did not see."""

    living: int
    unseen: int


def count_unseen(connection: Connection, run: Run, source: str, tables: Collection[str]) -> Shares:
    """Return how much of a source the run saw."""
    living = select(func.count()).select_from(RECORD).where(*_living(source, tables))
    return Shares(
        connection.execute(living).scalar_one(),
        connection.execute(living.where(RECORD.c.run_id != run.run_id)).scalar_one(),
    )


def withdraw_unseen(
    connection: Connection, run: Run, source: str, tables: Collection[str], now: datetime
) -> int:
    """Withdraw the records of a source in these tables that the run did not see; returns how many."""
    count = 0
    for table in (name for name in TABLES if name in tables):
        query = select(RECORD.c.row_id, RECORD.c.source_key).where(
            *_living(source, (table,)), RECORD.c.run_id != run.run_id
        )
        for found in chunks(list(connection.execute(query))):
            _withdraw(connection, table, source, {key: row for row, key in found}, now)
            count += len(found)
    return count


def _living(source: str, tables: Collection[str]) -> tuple[Any, ...]:
    return (
        RECORD.c.source == source,
        RECORD.c.table_name.in_(sorted(tables)),
        RECORD.c.withdrawn_at.is_(None),
    )


def _withdraw(
    connection: Connection, table: str, source: str, rows: dict[str, str], now: datetime
) -> None:
    workspace = UnitOfWork(connection)
    workspace.load_rows(table, set(rows.values()))
    for key in rows:
        if record := workspace.record(table, source, key):
            workspace.withdraw(record, now)
    workspace.flush()
