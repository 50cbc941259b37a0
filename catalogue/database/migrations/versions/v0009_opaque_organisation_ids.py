"""Organisations that are known by name alone get ids that tell nothing of the name.

The ids were made of the names, and stand in addresses. Ids that a file gave stay, unless they are
the name itself; importing the same files again meets the same organisations.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from catalogue.records.drafts import name_id, opaque_id
from catalogue.records.table_rules import PROVENANCE, content_hash

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHUNK = 1000
ID = "organisation_id"
PLACED = {"researcher": "researcher_id", "need": "need_id"}
REFERRING = ("organisation_key", "client_company")
TABLES = ("organisation", *PLACED, *REFERRING, "record", "kept_answer")
_NO_NAME = re.compile(r"org-[0-9a-f]{16}|0[0-9a-z]{6}[0-9]{2}")  # opaque already, or a ROR id

Ids = Mapping[str, str]  # old → new
Row = dict[str, Any]


def upgrade() -> None:
    """Give the new ids wherever the old ones stand."""
    connection, found = op.get_bind(), sa.MetaData()
    found.reflect(connection, only=TABLES)
    tables = found.tables
    new_ids = _change_homes(connection, tables["record"])
    if not new_ids:
        return
    _change_references(connection, tables["record"], new_ids)
    _change_organisations(connection, tables, new_ids)
    _change_answers(connection, tables["kept_answer"], new_ids)


def downgrade() -> None:
    """Nothing: the schema before holds these ids as well."""


def _change_homes(connection: sa.Connection, record: sa.Table) -> Ids:
    """Rewrite the ids under which sources brought organisations; returns the ids that are no more.

    An id under which another source still has an organisation of its own stays that one's.
    """
    gone: dict[str, str] = {}
    kept: set[str] = set()
    for row in _records(connection, record, "organisations"):
        home, said = row["home_id"], json.loads(row["content"])
        if not _is_made_of_name(row, said["values"]):
            kept.add(home)
            continue
        gone[home] = opaque_id(home)
        values = {"home_id": gone[home]}
        if row["source_key"] == home:
            values["source_key"] = gone[home]
        if said["values"].get(ID) == home:  # revision 0002 wrote it, importers don't
            said["values"][ID] = gone[home]
            values["content"] = _as_text(said)
        _update(connection, record, row, values)
    return {old: new for old, new in gone.items() if old not in kept}


def _is_made_of_name(row: Row, values: Row) -> bool:
    home = row["home_id"]
    if _NO_NAME.fullmatch(home) or home == values.get("ror_id"):
        return False
    names = (name_id(str(values.get(name) or "")) for name in ("name_ja", "name_en"))
    return row["authority"] == "mention" or home in names


def _change_references(connection: sa.Connection, record: sa.Table, new_ids: Ids) -> None:
    """Rewrite the rows that records are part of, and the organisations that they name."""
    for row in _records(connection, record, "organisations"):
        if row["row_id"] in new_ids:
            _update(connection, record, row, {"row_id": new_ids[row["row_id"]]})
    for table_name in ("researchers", "needs"):
        for row in _records(connection, record, table_name, naming=f'"{ID}"'):
            said = json.loads(row["content"])
            if said["values"].get(ID) in new_ids:
                said["values"][ID] = new_ids[said["values"][ID]]
                _update(connection, record, row, {"content": _as_text(said)})


def _change_organisations(
    connection: sa.Connection, tables: Mapping[str, sa.Table], new_ids: Ids
) -> None:
    """Write the rows anew under their new ids, lead to them what refers to them, drop the old ones."""
    organisation = tables["organisation"]
    for old, new in new_ids.items():
        query = organisation.select().where(organisation.c[ID] == old)
        row = connection.execute(query).mappings().first()
        if row:
            connection.execute(organisation.insert(), _hashed({**row, ID: new}))
        for name in REFERRING:
            table = tables[name]
            connection.execute(table.update().where(table.c[ID] == old).values({ID: new}))
        for name, key in PLACED.items():
            _move_rows(connection, tables[name], key, (old, new))
        connection.execute(organisation.delete().where(organisation.c[ID] == old))


def _move_rows(connection: sa.Connection, table: sa.Table, key: str, ids: tuple[str, str]) -> None:
    old, new = ids
    for row in connection.execute(table.select().where(table.c[ID] == old)).mappings().all():
        moved = _hashed({**row, ID: new})
        values = {name: moved[name] for name in (ID, "content_hash")}
        connection.execute(table.update().where(table.c[key] == row[key]).values(values))


def _hashed(row: Row) -> Row:
    content = {name: value for name, value in row.items() if name not in PROVENANCE}
    return {**row, "content_hash": content_hash(content)}


def _change_answers(connection: sa.Connection, table: sa.Table, new_ids: Ids) -> None:
    """Rewrite the needs that repeated requests are answered with."""
    naming = table.c.body.like(f'%"{ID}"%')
    for row in connection.execute(table.select().where(naming)).mappings().all():
        body = json.loads(row["body"])
        if isinstance(body, dict) and body.get(ID) in new_ids:
            said = {**body, ID: new_ids[body[ID]]}
            text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
            same = (table.c.owner == row["owner"]) & (table.c.key == row["key"])
            connection.execute(table.update().where(same).values(body=text))


def _records(
    connection: sa.Connection, record: sa.Table, table_name: str, naming: str = ""
) -> Iterator[Row]:
    """Yield the records of a table whose content has a text, a chunk at a time."""
    last = 0
    query = record.select().where(record.c.table_name == table_name)
    if naming:
        query = query.where(record.c.content.like(f"%{naming}%"))
    ordered = query.order_by(record.c.record_id).limit(CHUNK)
    while found := connection.execute(ordered.where(record.c.record_id > last)).mappings().all():
        yield from map(dict, found)
        last = found[-1]["record_id"]


def _update(connection: sa.Connection, record: sa.Table, row: Row, values: Row) -> None:
    same = record.c.record_id == row["record_id"]
    connection.execute(record.update().where(same).values(values))


def _as_text(said: Row) -> str:
    return json.dumps(said, ensure_ascii=False, sort_keys=True)
