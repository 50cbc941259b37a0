"""Writes many rows of one table at once: what SQLAlchemy prepares for each row is prepared once.

Rows are plain columns and values, all with the same columns; nothing here knows what they mean.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Table
from sqlalchemy.dialects import postgresql

Rows = Sequence[Mapping[str, Any]]
Prepare = Callable[[Any], Any]
_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]


def insert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert the rows in their order: serial numbers rise with it."""
    if rows:
        names = tuple(rows[0])
        is_postgres = connection.dialect.name == "postgresql"
        statement = (_insert_arrays if is_postgres else _insert_one)(table, names)
        _run(connection, statement, table, names, rows)


def update_rows(connection: Connection, table: Table, key: str, rows: Rows) -> None:
    """Set the columns of the stored rows that have the rows' keys."""
    if rows:
        names = (*(name for name in rows[0] if name != key), key)
        is_postgres = connection.dialect.name == "postgresql"
        statement = (_update_arrays if is_postgres else _update_one)(table, names)
        _run(connection, statement, table, names, rows)


def _run(
    connection: Connection, statement: str, table: Table, names: tuple[str, ...], rows: Rows
) -> None:
    columns: list[Iterable[Any]] = [map(itemgetter(name), rows) for name in names]
    for place, prepare in _preparing(table, names, connection.dialect):
        columns[place] = _prepared(prepare, columns[place])
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(statement, tuple(map(list, columns)))
    else:
        connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def _prepared(prepare: Prepare, values: Iterable[Any]) -> Iterable[Any]:
    """Yield the values as the driver takes them; those of a batch are few: moments of its writing."""
    done: dict[Any, Any] = {}
    for value in values:
        if value not in done:
            done[value] = prepare(value)
        yield done[value]


@lru_cache(maxsize=256)
def _preparing(
    table: Table, names: tuple[str, ...], dialect: Dialect
) -> tuple[tuple[int, Prepare], ...]:
    """Return the places of the columns whose values the driver does not take as they are, and how."""
    found = ((n, _type(table.c[name], dialect)) for n, name in enumerate(names))
    prepared = ((n, kind.bind_processor(dialect)) for n, kind in found)
    return tuple((n, prepare) for n, prepare in prepared if prepare)


def _type(column: Column[Any], dialect: Dialect) -> Any:
    return column.type.dialect_impl(dialect)


@lru_cache(maxsize=256)
def _insert_one(table: Table, names: tuple[str, ...]) -> str:
    return f"INSERT INTO {_quoted(table.name)} ({_listed(names)}) VALUES ({_marks(names, '?')})"  # noqa: S608


@lru_cache(maxsize=256)
def _insert_arrays(table: Table, names: tuple[str, ...]) -> str:
    """Return a statement that takes an array for each column.

    COPY would be no faster, and PostgreSQL has none for tables with row security.
    """
    return (
        f"INSERT INTO {_quoted(table.name)} ({_listed(names)}) SELECT {_listed(names)} "  # noqa: S608
        f"FROM unnest({_arrays(table, names)}) WITH ORDINALITY AS given({_listed(names)}, place_) "
        "ORDER BY place_"
    )


@lru_cache(maxsize=256)
def _update_one(table: Table, names: tuple[str, ...]) -> str:
    *changed, key = map(_quoted, names)
    settings = ", ".join(f"{name} = ?" for name in changed)
    return f"UPDATE {_quoted(table.name)} SET {settings} WHERE {key} = ?"  # noqa: S608


@lru_cache(maxsize=256)
def _update_arrays(table: Table, names: tuple[str, ...]) -> str:
    *changed, key = map(_quoted, names)
    settings = ", ".join(f"{name} = given.{name}" for name in changed)
    return (
        f"UPDATE {_quoted(table.name)} AS stored SET {settings} "  # noqa: S608
        f"FROM unnest({_arrays(table, names)}) AS given({_listed(names)}) "
        f"WHERE stored.{key} = given.{key}"
    )


def _arrays(table: Table, names: Iterable[str]) -> str:
    return ", ".join(f"%s::{table.c[name].type.compile(_POSTGRES)}[]" for name in names)


def _marks(names: Sequence[str], mark: str) -> str:
    return ", ".join(mark for _ in names)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return f'"{name}"'
