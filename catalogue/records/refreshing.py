"""Makes every row anew of its records, by the rules of this version.

An import does so only with the rows that it touches. What the records themselves say was read from files
by the version that imported them: that changes when the files are imported again.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from catalogue.identity.entity_resolution import resolve_these
from catalogue.records.consistency import row_ids_of
from catalogue.records.drafts import RESEARCHERS, TABLES
from catalogue.records.lookups import NAMED
from catalogue.records.row_writing import mend_keys
from catalogue.records.source_records import chunks
from catalogue.records.unit_of_work import UnitOfWork

CHUNK = 500  # rows of one transaction: imports and pages wait no longer than for a batch
Transaction = Callable[[], AbstractContextManager[Connection]]
OnProgress = Callable[[str, int, int], None]  # the table, rows done, rows in all


@dataclass
class Refreshed:
    """How many rows of each table there are, changed, and are found by other names than before."""

    rows: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    renamed: dict[str, int] = field(default_factory=dict)
    joined: int = 0  # pairs of people found to be one
    queued: int = 0  # pairs that may be one, for a user to decide


def refresh_rows(transaction: Transaction, on_progress: OnProgress | None = None) -> Refreshed:
    """Make all rows anew, and look for people who are one; stopped half-way, the next time goes on."""
    done, people = Refreshed(), list[str]()
    for table in TABLES:
        with transaction() as connection:
            row_ids = row_ids_of(connection, table)
        people = row_ids if table == RESEARCHERS else people
        done.rows[table], done.changed[table], done.renamed[table] = len(row_ids), 0, 0
        for number, chunk in enumerate(chunks(row_ids, CHUNK)):
            with transaction() as connection:
                _refresh(connection, table, chunk, done)
            if on_progress:
                on_progress(table, min((number + 1) * CHUNK, len(row_ids)), len(row_ids))
    done.joined, done.queued = resolve_these(transaction, people)
    return done


def _refresh(connection: Connection, table: str, row_ids: list[str], done: Refreshed) -> None:
    unit_of_work = UnitOfWork(connection)
    unit_of_work.load_rows(table, row_ids)
    differing = [row_id for row_id in row_ids if unit_of_work.differing((table, row_id))]
    unit_of_work.touch(table, differing)
    unit_of_work.flush()
    done.changed[table] += len(differing)
    if table in NAMED:
        rows = [row for r in row_ids if (row := unit_of_work.row((table, r))) is not None]
        done.renamed[table] += mend_keys(connection, table, rows)
