"""Withdraws what a source no longer has: its records stop counting, and rows follow.

A row without a living record stays in the catalogue, out of matching; nothing is deleted, and a
source that brings it again revives it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from catalogue.records.drafts import TABLES
from catalogue.records.import_runs import Run
from catalogue.records.source_records import RECORD, chunks
from catalogue.records.unit_of_work import UnitOfWork

MAX_SHARE = 0.5  # a source that lost more than this is more likely cut short than shrunk
Sources = Mapping[str, Collection[str]]  # source → tables that the files had records of


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
    unit_of_work = UnitOfWork(connection)
    unit_of_work.load_rows(table, set(rows.values()))
    for key in rows:
        if record := unit_of_work.record(table, source, key):
            unit_of_work.withdraw(record, now)
    unit_of_work.flush()


def withdraw_missing(connection: Connection, run: Run, sources: Sources, now: datetime) -> int:
    """Withdraw what the run did not see of its sources; returns how many records."""
    return sum(
        withdraw_unseen(connection, run, source, tables, now)
        for source, tables in sorted(sources.items())
    )


def why_incomplete(
    connection: Connection, run: Run, sources: Sources, missed: tuple[int, int]
) -> str:
    """Return why the files may not be all that their sources have, or nothing.

    `missed` are the numbers of rejected rows and of files that could not be read.
    """
    if any(missed):
        return (
            f"Nothing was withdrawn: {missed[0]} rows were rejected and {missed[1]} files could "
            "not be read, so what is missing may still be there. Mend them, or add --force."
        )
    for source, tables in sorted(sources.items()):
        shares = count_unseen(connection, run, source, tables)
        if shares.unseen > MAX_SHARE * shares.living:
            return (
                f"Nothing was withdrawn: {shares.unseen:,} of {shares.living:,} records of the "
                f"source {source!r} are not in these files. If it really shrank so much, add "
                "--force."
            )
    return ""
