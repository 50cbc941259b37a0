"""Rows of one person in every table that may hold somebody, and where marks of their name are left."""

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Boolean,
    CheckConstraint,
    Connection,
    Date,
    Table,
    Text,
    create_engine,
    insert,
    make_url,
    select,
    text,
)

from catalogue.database.models import UtcDateTime
from enmusubi.settings import Settings
from office.privacy.holdings import DELETED, HOLDINGS

HIM, OTHER = "R-7431", "R-02"
MARKS = ("Zyxwvu", "縁野")


def fill(connection: Connection, table: Table) -> None:
    """Put a row of the person into a table, whatever its columns are: new tables are filled, too."""
    holding = HOLDINGS[table.name]
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.name in holding.ids:
            values[column.name] = HIM if column.name != "second_id" else "zz"
        elif column.foreign_keys:
            values[column.name] = parent(connection, next(iter(column.foreign_keys)).column)
        else:
            values[column.name] = plain(table, column, holding)
    connection.execute(insert(table).values(values))


def plain(table: Table, column: Any, holding: Any) -> Any:
    if allowed := choices(table, column.name):
        return allowed[0]
    if column.name in holding.pairs:
        return json.dumps(["N-1", HIM])
    if column.name in holding.lists:
        of_him = {"rank": 1, "researcher": {"researcher_id": HIM, "name_ja": "縁野 標"}}
        return json.dumps(
            {"need_id": "N-1", "matches": [of_him, {"researcher_id": OTHER}], "ids": [HIM]}
        )
    is_his = bool(holding.ids) and holding.then == DELETED
    if column.name in {*holding.blank, *holding.cleared} or (
        is_his and isinstance(column.type, Text)
    ):
        return f"said of 縁野 標 (Zyxwvu Enno), {table.name}.{column.name}"
    return of_kind(column)


def choices(table: Table, name: str) -> list[str]:
    for rule in table.constraints:
        if isinstance(rule, CheckConstraint) and str(rule.sqltext).startswith(f"{name} IN"):
            return re.findall(r"'([^']*)'", str(rule.sqltext))
    return []


def parent(connection: Connection, column: Any) -> Any:
    found = connection.execute(select(column).limit(1)).scalar()
    if found is not None:
        return found
    connection.execute(insert(column.table).values(filler(connection, column.table)))
    return connection.execute(select(column).limit(1)).scalar()


def filler(connection: Connection, table: Table) -> dict[str, Any]:
    """Return the values of a row that the table takes."""
    values = {}
    for one in table.columns:
        if one.foreign_keys:
            values[one.name] = parent(connection, next(iter(one.foreign_keys)).column)
        else:
            values[one.name] = (choices(table, one.name) or [None])[0] or of_kind(one)
    return values


def of_kind(column: Any) -> Any:
    kinds = (
        (UtcDateTime, datetime.now(UTC)),
        (Date, date(2026, 1, 1)),
        (Text, "x"),
        (Boolean, False),
    )
    return next((value for kind, value in kinds if isinstance(column.type, kind)), 1)


def marks_in(path: Path) -> list[str]:
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            content += b"".join(packed.read(one) for one in packed.infolist())
    forms = [form for mark in MARKS for form in (mark.encode(), json.dumps(mark)[1:-1].encode())]
    return [f"{path}: {form!r}" for form in forms if form.lower() in content.lower()]


def places(settings: Settings, url: str, server: URL | None) -> Iterator[Path]:
    """Give every file that may hold somebody: of the data folder, and of the database."""
    yield from (path for path in settings.data_dir.rglob("*") if path.is_file())
    if url.startswith("sqlite"):
        yield from Path(str(make_url(url).database)).parent.glob("catalogue.sqlite*")
        return
    assert server is not None
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
        folder = connection.execute(text("SHOW data_directory")).scalar_one()
        own = {"name": make_url(url).database}
        query = text("SELECT oid FROM pg_database WHERE datname = :name")
        number = connection.execute(query, own).scalar_one()
    engine.dispose()
    yield from (path for path in Path(folder, "base", str(number)).iterdir() if path.is_file())
