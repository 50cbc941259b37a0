"""Writes rows, the keys of their names, and the people of seeds; decides nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from catalogue.database.models import Authorship, Base
from catalogue.records.lookups import NAMED, name_keys
from catalogue.records.source_records import chunks
from catalogue.records.survivorship import Origin, People
from catalogue.records.table_rules import STORED, Row, content_hash

AUTHORSHIP = cast(Table, Authorship.__table__)


def store_rows(connection: Connection, table: str, rows: Sequence[tuple[Row | None, Row]]) -> None:
    """Insert or update the rows of a table that differ from what was stored, the first of a pair."""
    stored = STORED[table]
    added = [row for before, row in rows if before is None]
    changed = [row for before, row in rows if before is not None and before != row]
    if added:
        connection.execute(insert(stored.table), added)
    if changed:
        matching = stored.table.c[stored.key] == bindparam("_key")
        values = [
            {"_key": row[stored.key], **{n: v for n, v in row.items() if n != stored.key}}
            for row in changed
        ]
        connection.execute(update(stored.table).where(matching), values)
    if table in NAMED:
        _store_keys(connection, table, rows)


def _store_keys(connection: Connection, table: str, rows: Sequence[tuple[Row | None, Row]]) -> None:
    renamed = [
        (before, row)
        for before, row in rows
        if before is None or name_keys(table, before) != name_keys(table, row)
    ]
    had_keys = [str(row[STORED[table].key]) for before, row in renamed if before is not None]
    _replace_keys(connection, table, had_keys, [row for _, row in renamed])


def stored_keys(connection: Connection, table: str, row_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return the keys of names under which each of these rows is found now."""
    keys = Base.metadata.tables[f"{NAMED[table]}_key"]
    owner = keys.c[STORED[table].key]
    found: dict[str, set[str]] = {row_id: set() for row_id in row_ids}
    for chunk in chunks(row_ids):
        for key, row_id in connection.execute(select(keys.c.key, owner).where(owner.in_(chunk))):
            found[row_id].add(key)
    return found


def mend_keys(connection: Connection, table: str, rows: Sequence[Row]) -> int:
    """Let rows be found under the keys that their names give now; returns of how many these differed."""
    key = STORED[table].key
    found = stored_keys(connection, table, [str(row[key]) for row in rows])
    differing = [row for row in rows if found[str(row[key])] != name_keys(table, row)]
    _replace_keys(connection, table, [str(row[key]) for row in differing], differing)
    return len(differing)


def _replace_keys(
    connection: Connection, table: str, had_keys: Sequence[str], rows: Sequence[Row]
) -> None:
    key, keys = STORED[table].key, Base.metadata.tables[f"{NAMED[table]}_key"]
    for chunk in chunks(had_keys):
        connection.execute(delete(keys).where(keys.c[key].in_(chunk)))
    found = [{"key": k, key: row[key]} for row in rows for k in sorted(name_keys(table, row))]
    if found:
        connection.execute(insert(keys), found)


def store_people(
    connection: Connection,
    people: Mapping[str, People],
    origins: Mapping[str, Origin],
    had_people: Sequence[str],
) -> None:
    """Write the people of seeds, in place of those that some of them had."""
    for chunk in chunks(had_people):
        connection.execute(delete(AUTHORSHIP).where(AUTHORSHIP.c.seed_id.in_(chunk)))
    rows: list[dict[str, Any]] = []
    for seed_id, chosen in people.items():
        for position, (person, choice) in enumerate(chosen.items(), start=1):
            row: Row = {
                "seed_id": seed_id,
                "researcher_id": person,
                "position": position,
                "choice": choice,
            }
            origin = origins[seed_id]
            rows.append(
                {
                    **row,
                    "content_hash": content_hash(row),
                    "source": origin.source,
                    "updated_at": origin.changed_at,
                }
            )
    if rows:
        connection.execute(insert(AUTHORSHIP), rows)


def delete_rows(connection: Connection, table: str, row_ids: Sequence[str]) -> None:
    """Delete rows that no record is left of."""
    stored = STORED[table]
    for chunk in chunks(sorted(row_ids)):
        connection.execute(delete(stored.table).where(stored.table.c[stored.key].in_(chunk)))
