"""Offices for the tests of survival, on SQLite and on PostgreSQL; each is made ready once."""

from collections.abc import Callable, Iterator
from functools import cache
from uuid import uuid4

import pytest
from sqlalchemy import URL

from tests.support.fixtures import in_server
from tests.support.worlds import copied, furnish
from tests.survival.launcher import Launcher
from tests.survival.office import Office


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """The warm process that starts commands."""
    opened = Launcher()
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, launcher: Launcher
) -> Iterator[Callable[[str], Office]]:
    """A function that returns an office with no catalogue yet; once for each kind of database."""
    root = tmp_path_factory.mktemp("offices")
    server: URL | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
    made: list[str] = []

    def make(name: str) -> Office:
        folder = root / name
        if server is None:
            return Office(folder, f"sqlite:///{folder / 'catalogue.sqlite'}", launcher)
        made.append(f"enmusubi_{name}_{uuid4().hex}")
        url = server.set(database=made[-1]).render_as_string(hide_password=False)
        in_server(server, f"CREATE DATABASE {made[-1]}")
        return Office(folder, url, launcher)

    yield make
    for database in made if server else ():
        in_server(server, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


@pytest.fixture(scope="module")
def prepared(new_office: Callable[[str], Office]) -> Office:
    """An office with a catalogue, an index, and files that it has not imported yet."""
    office = new_office("prepared")
    if office.url.startswith("sqlite"):
        assert copied("evening", office.folder) == office.url
        return office
    with office.catalogue() as catalogue:
        furnish("evening", catalogue, office.folder)
    return office


@pytest.fixture(scope="module")
def imported(prepared: Office, new_office: Callable[[str], Office]) -> Callable[[], Office]:
    """A function that returns the prepared office after an import of its news, without an index."""

    @cache
    def make() -> Office:
        office = new_office("imported")
        prepared.copy_to(office)
        office.succeed("import", "general", str(office.folder / "news"))
        return office

    return make
