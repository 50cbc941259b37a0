"""Numbers that companies see tell no count; older catalogues get them, and keep those that are known."""

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from catalogue.database import schema
from catalogue.database.engine import open_engine, writing
from catalogue.database.opaque_numbers import FEWEST, MOST

BEFORE, NOW = "0035", datetime(2026, 1, 1, tzinfo=UTC)
USUAL = {"stage": "discovery", "state": "running", "origin": "hand", "turn": "office", "means": "",
         "clock": "", "reason": "", "kind": "regular", "role": "portal"}  # fmt: skip
KEYS = {"webhook_delivery": "delivery_id", "office_case": "case_id", "membership": "membership_id"}
ROWS: dict[str, list[dict[str, Any]]] = {
    "client": [{"client_id": "portal"}],
    "webhook": [{"webhook_id": "wh", "client_id": "portal"}],
    "webhook_delivery": [
        {"delivery_id": n, "webhook_id": "wh", "attempts": n % 2} for n in range(1, 6)
    ],
    "office_case": [{"case_id": n, "is_shared": bool(n % 2)} for n in range(1, 6)],
    "membership": [{"membership_id": n, "told": "begun" if n % 2 else ""} for n in range(1, 6)],
}


def whole(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with something in each column that must have something."""
    blanks: dict[type, Any] = {str: "", int: 0, bool: False, date: NOW.date(), datetime: NOW}
    needed = {c.name: blanks[c.type.python_type] for c in table.columns if not c.nullable}
    return needed | {name: said for name, said in USUAL.items() if name in needed} | row


def test_an_older_catalogue_gets_them_where_nobody_knows_the_old_ones(catalogue_url: str) -> None:
    engine = open_engine(catalogue_url)
    schema.upgrade(engine)
    schema.downgrade(engine, BEFORE)
    known = sa.MetaData()
    known.reflect(engine, only=list(ROWS))
    with writing(engine) as connection:
        for name, rows in ROWS.items():
            table = known.tables[name]
            connection.execute(sa.insert(table), [whole(table, row) for row in rows])
    schema.upgrade(engine)
    with engine.connect() as connection:
        for name, key in KEYS.items():
            table = sa.table(name, sa.column(key), sa.column("public_id"))
            rows = connection.execute(sa.select(table.c[key], table.c.public_id))
            found = {int(row[0]): int(row[1]) for row in rows}
            assert {n: found[n] for n in (1, 3, 5)} == {1: 1, 3: 3, 5: 5}, name
            assert all(FEWEST <= found[n] < MOST for n in (2, 4)), name
            assert len(set(found.values())) == 5
    schema.downgrade(engine, BEFORE)
    schema.upgrade(engine)
    engine.dispose()
