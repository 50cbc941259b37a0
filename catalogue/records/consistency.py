"""Checks a whole catalogue: makes every row anew of its records and compares it with what is stored.

Reads only, a chunk of rows at a time. What follows from one record in several places is reported once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select

from catalogue.database.models import APART, JOINED
from catalogue.identity.links import group_homes, load_all_links
from catalogue.judgements.judgements import JUDGEMENT
from catalogue.judgements.shown_lists import SHOWN_LIST, SHOWN_MATCH
from catalogue.records.drafts import NEEDS, RESEARCHERS, SEEDS, TABLES
from catalogue.records.lookups import NAMED, name_keys
from catalogue.records.row_writing import stored_keys
from catalogue.records.source_records import RECORD, chunks
from catalogue.records.table_rules import STORED
from catalogue.records.unit_of_work import SEED_CHOICE, UnitOfWork
from enmusubi.messages import Message

MAX_FAULTS = 1000


@dataclass(frozen=True)
class CatalogueFault:
    """Something in the catalogue that does not follow from its records; ids only, no values."""

    table: str
    row_id: str
    reason: Message

    @property
    def message(self) -> Message:
        """What is wrong, and where."""
        place = {"table": self.table, "row": self.row_id, "reason": self.reason}
        return Message("%(table)s %(row)r: %(reason)s", place)

    def __str__(self) -> str:
        return str(self.message)


def check_catalogue(connection: Connection) -> list[CatalogueFault]:
    """Return what is wrong with the catalogue, the first 1,000 faults; nothing if it is whole."""
    return list(islice(_faults(connection), MAX_FAULTS))


def _faults(connection: Connection) -> Iterator[CatalogueFault]:
    yield from _storage_faults(connection)
    for table in TABLES:
        yield from _orphans(connection, table)
        for row_ids in chunks(row_ids_of(connection, table)):
            yield from _row_faults(connection, table, row_ids)
    yield from _link_faults(connection)
    yield from _stranger_faults(connection)
    yield from _place_faults(connection)


def _storage_faults(connection: Connection) -> Iterator[CatalogueFault]:
    """Yield what SQLite finds wrong with its file; PostgreSQL holds foreign keys by itself."""
    if connection.dialect.name != "sqlite":
        return
    for (message,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if message != "ok":
            yield CatalogueFault(
                "database", "", Message("the file is damaged: %(reason)s", {"reason": message})
            )
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield CatalogueFault(
            table, str(row), Message("refers to a missing row of %(table)s", {"table": parent})
        )


def row_ids_of(connection: Connection, table: str) -> list[str]:
    """Return the ids of all rows of a table, in order."""
    query = select(RECORD.c.row_id).where(RECORD.c.table_name == table).distinct()
    return sorted(connection.execute(query).scalars())


def _orphans(connection: Connection, table: str) -> Iterator[CatalogueFault]:
    """Yield the rows that no record is part of, and rows that none of their records began."""
    stored = STORED[table]
    records = select(RECORD.c.row_id).where(RECORD.c.table_name == table)
    key = stored.table.c[stored.key]
    for row_id in connection.execute(select(key).where(key.not_in(records))).scalars():
        yield CatalogueFault(table, row_id, Message("no record is part of it"))
    own = records.where(RECORD.c.home_id == RECORD.c.row_id)
    strange = records.where(RECORD.c.row_id.not_in(own)).distinct()
    for row_id in connection.execute(strange).scalars():
        yield CatalogueFault(table, row_id, Message("none of its records began it"))


def _row_faults(connection: Connection, table: str, row_ids: list[str]) -> Iterator[CatalogueFault]:
    unit_of_work = UnitOfWork(connection)
    unit_of_work.load_rows(table, row_ids)
    for row_id in row_ids:
        if differing := unit_of_work.differing((table, row_id)):
            reason = Message(
                "its records make other values of %(columns)s", {"columns": ", ".join(differing)}
            )
            yield CatalogueFault(table, row_id, reason)
    if table in NAMED:
        yield from _key_faults(connection, table, row_ids, unit_of_work)


def _key_faults(
    connection: Connection, table: str, row_ids: list[str], unit_of_work: UnitOfWork
) -> Iterator[CatalogueFault]:
    found = stored_keys(connection, table, row_ids)
    for row_id in row_ids:
        if found[row_id] != name_keys(table, unit_of_work.row((table, row_id)) or {}):
            yield CatalogueFault(
                table, row_id, Message("it is found under other names than its own")
            )


def _link_faults(connection: Connection) -> Iterator[CatalogueFault]:
    """Yield the people whose records lie in other rows than the decisions on them say."""
    query = select(RECORD.c.home_id, RECORD.c.row_id, func.min(RECORD.c.record_id)).where(
        RECORD.c.table_name == RESEARCHERS
    )
    found = list(connection.execute(query.group_by(RECORD.c.home_id, RECORD.c.row_id)))
    rows = {home: row for home, row, _ in found}
    ages = {home: age for home, _, age in sorted(found, key=lambda part: part[2])}
    if len(found) > len(rows):
        yield CatalogueFault(RESEARCHERS, "", Message("records of one id lie in several rows"))
    links = load_all_links(connection)
    groups = group_homes(ages, [link.ids for link in links if link.state == JOINED])
    for home, row in sorted(rows.items()):
        if groups[home] != row:
            reason = Message("the links make it part of %(id)r", {"id": groups[home]})
            yield CatalogueFault(RESEARCHERS, home, reason)
    for link in links:
        first, second = (rows.get(home) for home in link.ids)
        if first is None or second is None:
            yield CatalogueFault(
                "identity_link", " ".join(link.ids), Message("it names no researcher")
            )
        elif link.state == APART and first == second:
            yield CatalogueFault(
                "identity_link", " ".join(link.ids), Message("told apart, yet one row")
            )


_NAMING = (  # columns that hold home ids of a table
    (SEED_CHOICE.c.researcher_id, RESEARCHERS),
    (SEED_CHOICE.c.seed_id, SEEDS),
    (SHOWN_LIST.c.need_id, NEEDS),
    (SHOWN_MATCH.c.researcher_id, RESEARCHERS),
    (JUDGEMENT.c.need_id, NEEDS),
    (JUDGEMENT.c.researcher_id, RESEARCHERS),
)


def _stranger_faults(connection: Connection) -> Iterator[CatalogueFault]:
    """Yield the ids in choices, shown lists and judgements that no source ever brought."""
    for column, table in _NAMING:
        homes = select(RECORD.c.home_id).where(RECORD.c.table_name == table)
        query: Any = select(column).where(column.not_in(homes)).distinct()
        for home in connection.execute(query).scalars():
            reason = Message("no source has it among %(table)s", {"table": table})
            yield CatalogueFault(column.table.name, home, reason)


def _place_faults(connection: Connection) -> Iterator[CatalogueFault]:
    """Yield the judgements that name a list of another need, or a rank that it doesn't have."""
    list_id, rank = JUDGEMENT.c.list_id, JUDGEMENT.c.rank
    place = (SHOWN_MATCH.c.list_id == list_id) & (SHOWN_MATCH.c.rank == rank)
    query = (
        select(JUDGEMENT.c.judgement_id)
        .outerjoin(SHOWN_LIST, SHOWN_LIST.c.list_id == list_id)
        .outerjoin(SHOWN_MATCH, place)
        .where(
            list_id.is_not(None) | rank.is_not(None),
            SHOWN_MATCH.c.rank.is_(None) | (SHOWN_LIST.c.need_id != JUDGEMENT.c.need_id),
        )
    )
    for judgement_id in connection.execute(query).scalars():
        reason = Message("it was not shown where it says: another need's list, or no such rank")
        yield CatalogueFault("judgement", str(judgement_id), reason)
