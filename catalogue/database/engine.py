"""Opens the database: SQLite (WAL, foreign keys, a patient lock) or PostgreSQL, by URL.

Turns the driver's errors into the service's own; knows no tables.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from enmusubi.errors import CatalogueUnusableError, SettingsError, StorageError
from enmusubi.messages import Message
from enmusubi.write_ahead_log import keep_write_ahead_log

SQLITE_LOCK_TIMEOUT_MS = 60_000
WRITER_LOCK = 0x656E6D75  # one writer at a time on PostgreSQL, as SQLite has it by nature
_WRITES = "enmusubi_writes"
_STORAGE_FAULTS = ("readonly database", "disk is full", "disk I/O", "No space left")
# of PostgreSQL: connections that a restart or failover cut are found before they are used, and a server that
# went without a word is given up after half a minute; what the URL says goes before
PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
# of all tables together, behind readers who began before: the service's start waits for it, too
VACUUM_PATIENCE_S, VACUUM_PAUSE_S = 10.0, 0.5
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


class _SqliteConnection(sqlite3.Connection):
    """A connection that can close its cursors: SQLite knows no other end of a statement that was left.

    A result that is not read to its end would keep the state that it saw for the connection's next reader,
    whatever is committed or rolled back, until somebody's garbage is collected.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, *arguments: Any, **options: Any) -> Any:
        made: Any = super().cursor(*arguments, **options)
        self._cursors.add(made)
        return made

    def close_cursors(self) -> None:
        """Close what is still open; a result that is read afterwards raises an error."""
        for cursor in list(self._cursors):
            cursor.close()
        self._cursors.clear()


def open_engine(url: str) -> Engine:
    """Return an engine for a SQLite or PostgreSQL URL; a SQLite file's folder is created.

    Raises SettingsError for a URL that cannot be used, StorageError for a folder that cannot.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        _create_folder(parsed)
    try:
        engine = create_engine(parsed, hide_parameters=True, **_options(parsed))
    except ModuleNotFoundError as error:
        raise SettingsError(
            "The catalogue %(url)s needs the package %(package)r: install it with `pip "
            "install 'enmusubi[postgresql]'`.",
            url=masked(parsed),
            package=error.name,
        ) from error
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkin", _close_cursors)
    return engine


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"factory": _SqliteConnection}}
    patience = {name: value for name, value in PATIENCE.items() if name not in url.query}
    return {"pool_pre_ping": True, "connect_args": patience}


def masked(url: URL) -> str:
    """Return the URL as text without its password."""
    return url.render_as_string(hide_password=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one state of the catalogue."""
    with translated_errors(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection that alone may write; all of it is kept, or nothing."""
    with (
        translated_errors(engine),
        engine.execution_options(**{_WRITES: True}).begin() as connection,
    ):
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
        yield connection


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """Give a connection that alone may change the schema; all of it is kept, or nothing.

    SQLite changes a table by making it anew, so foreign keys rest meanwhile and are checked after.
    """
    if engine.dialect.name != "sqlite":
        with writing(engine) as connection:
            yield connection
        return
    with translated_errors(engine), engine.execution_options(**{_WRITES: True}).connect() as found:
        driver: Any = found.connection.dbapi_connection
        driver.execute("PRAGMA foreign_keys = OFF")
        try:
            with found.begin():
                yield found
                if found.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise CatalogueUnusableError(
                        "The catalogue %(url)s has rows that refer to nothing: its schema stays "
                        "as it was. Restore a backup, or import its files anew.",
                        url=masked(engine.url),
                    )
        finally:
            driver.execute("PRAGMA foreign_keys = ON")


def refresh_statistics(connection: Connection) -> None:
    """Let PostgreSQL count its rows: until it does, it reads a full table as if it were small."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE")


def compact(engine: Engine) -> None:
    """Write every table anew without what was deleted, and empty SQLite's write-ahead log.

    PostgreSQL's log is not emptied: its server writes over it in time, and archives keep theirs.
    """
    with translated_errors(engine), engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if engine.dialect.name == "sqlite":
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        driver.autocommit = True
        until = time.monotonic() + VACUUM_PATIENCE_S
        try:
            for name in inspect(engine).get_table_names():
                _write_anew(driver, f'"{name}"', until, ", ANALYZE")
            _write_anew(driver, "pg_catalog.pg_statistic", until)  # it quotes common values
        finally:
            driver.autocommit = False


def _write_anew(driver: Any, table: str, until: float, besides: str = "") -> None:
    """Let PostgreSQL write a table without its deleted rows, if need be again until that moment.

    It keeps those that somebody who began before may still read, such as its own counting of rows, and says
    how many: first in the detail of what it tells, whatever the language.
    """
    kept: list[int] = []

    def note(said: Any) -> None:
        number = re.match(r"\d+", said.message_detail or "")
        kept.append(int(number[0]) if number else 0)

    driver.add_notice_handler(note)
    try:
        driver.execute(f"VACUUM (FULL, VERBOSE{besides}) {table}")
        while any(kept) and time.monotonic() < until:
            time.sleep(VACUUM_PAUSE_S)
            kept.clear()
            driver.execute(f"VACUUM (FULL, VERBOSE{besides}) {table}")
    finally:
        driver.remove_notice_handler(note)


@contextmanager
def translated_errors(engine: Engine) -> Iterator[None]:
    """Raise the driver's errors as StorageError or CatalogueUnusableError, without any values."""
    try:
        yield
    except DBAPIError as error:
        fault = next(iter(str(error.orig).strip().splitlines()), "")
        where = masked(engine.url)
        if any(known in fault for known in _STORAGE_FAULTS):
            raise StorageError(
                "The catalogue %(url)s cannot be written: %(reason)s. Free some space or "
                "mend the folder's permissions, then run the command again.",
                url=where,
                reason=fault or Message("no reason"),
            ) from error
        raise CatalogueUnusableError(
            "The catalogue %(url)s cannot be used: %(reason)s. Check `database_url` in "
            "the settings and that the database is running and whole.",
            url=where,
            reason=fault or Message("no reason"),
        ) from error


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError(
            "`database_url` is not a database URL: expected sqlite:///path/to/catalogue.sqlite or "
            "postgresql://user:password@host/database."
        ) from error
    if backend not in {"sqlite", "postgresql"}:
        raise SettingsError(
            "`database_url` names %(backend)s: only sqlite and postgresql work.", backend=backend
        )
    return parsed


def _create_folder(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise SettingsError("`database_url` must name a file: sqlite:///path/to/catalogue.sqlite.")
    if url.database.startswith("file:"):
        return  # a SQLite URI: its file is there or it is refused
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            "The catalogue's folder %(folder)s cannot be created: %(reason)s.",
            folder=folder,
            reason=error.strerror,
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not guessed by the driver
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {SQLITE_LOCK_TIMEOUT_MS}")
    keep_write_ahead_log(connection, patience_s=SQLITE_LOCK_TIMEOUT_MS / 1000)
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _close_cursors(connection: _SqliteConnection | None, _record: Any) -> None:
    if connection is not None:  # it is gone
        connection.close_cursors()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
