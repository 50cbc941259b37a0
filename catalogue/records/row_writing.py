"""Writes rows, the keys of their names, and the people of seeds; decides nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, select

from catalogue.database.bulk import insert_rows, update_rows
from catalogue.database.listing import among
from catalogue.database.models import Authorship, Base
from catalogue.records.lookups import NAMED, name_keys
from catalogue.records.source_records import chunks
from catalogue.records.survivorship import Origin, People
from catalogue.records.table_rules import STORED, Row, as_json_text, text_hash

AUTHORSHIP = cast(Table, Authorship.__table__)


def store_rows(connection: Connection, table: str, rows: Sequence[tuple[Row | None, Row]]) -> None:
    """Insert or update the rows of a table that differ from what was stored, the first of a pair."""
    stored = STORED[table]
    added = [row for before, row in rows if before is None]
    changed = [row for before, row in rows if before is not None and before != row]
    insert_rows(connection, stored.table, added)
    update_rows(connection, stored.table, stored.key, changed)
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
        for key, row_id in connection.execute(select(keys.c.key, owner).where(among(owner, chunk))):
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
        connection.execute(delete(keys).where(among(keys.c[key], chunk)))
    found = [{"key": k, key: row[key]} for row in rows for k in sorted(name_keys(table, row))]
    insert_rows(connection, keys, found)


def store_people(
    connection: Connection,
    people: Mapping[str, People],
    origins: Mapping[str, Origin],
    had_people: Sequence[str],
) -> None:
    """Write the people of seeds, in place of those that some of them had."""
    for chunk in chunks(had_people):
        connection.execute(delete(AUTHORSHIP).where(among(AUTHORSHIP.c.seed_id, chunk)))
    rows: list[dict[str, Any]] = []
    for seed_id, chosen in people.items():
        for position, (person, choice) in enumerate(chosen.items(), start=1):
            origin = origins[seed_id]
            rows.append(
                {
                    "seed_id": seed_id,
                    "researcher_id": person,
                    "position": position,
                    "choice": choice,
                    "content_hash": authorship_hash(seed_id, person, position, choice),
                    "source": origin.source,
                    "updated_at": origin.changed_at,
                }
            )
    insert_rows(connection, AUTHORSHIP, rows)


def authorship_hash(seed_id: str, person: str, position: int, choice: str) -> str:
    """Return `content_hash` of the four columns, written down in one go: there are several a seed."""
    chosen = f'["choice", {as_json_text(choice)}], ' if choice else ""
    ids = f'["researcher_id", {as_json_text(person)}], ["seed_id", {as_json_text(seed_id)}]'
    return text_hash(f'[[[{chosen}["position", "{position}"], {ids}]], []]')


def delete_rows(connection: Connection, table: str, row_ids: Sequence[str]) -> None:
    """Delete rows that no record is left of."""
    stored = STORED[table]
    for chunk in chunks(sorted(row_ids)):
        connection.execute(delete(stored.table).where(among(stored.table.c[stored.key], chunk)))
