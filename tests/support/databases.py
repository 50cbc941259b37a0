"""Catalogues that have their tables already: making these takes a second, copying a moment."""

import fcntl
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from catalogue.database import schema
from catalogue.database.engine import migrating, open_engine, reading
from catalogue.records import catalogue


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    """The folder of the file that is copied; it goes with the process."""
    return tempfile.TemporaryDirectory(prefix="enmusubi-catalogue-")


def _migrated() -> Path:
    """Return the file that is copied, made by the migrations."""
    made = Path(_folder().name) / "catalogue.sqlite"
    if not made.exists():
        engine = open_engine(f"sqlite:///{made}")
        schema.upgrade(engine)
        engine.dispose()
    return made


def new_sqlite(path: Path) -> str:
    """Put an empty catalogue of the newest schema at the path; returns its URL."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_migrated(), path)
    return f"sqlite:///{path}"


@contextmanager
def copied_tables() -> Iterator[None]:
    """Let a SQLite catalogue that is opened for the first time take the tables that the migrations made once.

    What opens one in another process has them made, and so has who calls `schema.upgrade` itself.
    """

    def upgrade(engine: Engine) -> None:
        if engine.dialect.name == "sqlite":
            with reading(engine) as connection:
                is_empty = _is_empty(connection)
            if is_empty:
                with migrating(engine) as connection:
                    for statement in _statements() if _is_empty(connection) else ():
                        connection.exec_driver_sql(statement)
        schema.upgrade(engine)

    with pytest.MonkeyPatch.context() as patch:
        seen: Any = SimpleNamespace(**{**vars(schema), "upgrade": upgrade})
        patch.setattr(catalogue, "schema", seen)
        yield


def _is_empty(connection: Connection) -> bool:
    return not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()


@cache
def _statements() -> tuple[str, ...]:
    """Return what makes the tables, and the rows that the migrations put into them."""
    with closing(sqlite3.connect(_migrated())) as connection:
        return tuple(connection.iterdump())[1:-1]  # without the transaction's begin and end


@contextmanager
def taking_turns(path: Path) -> Iterator[None]:
    """Let one of the workers at a time into the block; the others wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
