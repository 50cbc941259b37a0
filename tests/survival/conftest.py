"""Offices for the tests of survival, on SQLite and on PostgreSQL; each is made ready once."""

from collections.abc import Callable, Iterator

import pytest

from tests.survival.launcher import Launcher
from tests.survival.office import Office
from tests.survival.offices import Offices


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """The warm process that starts commands."""
    opened = Launcher()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def offices(
    database: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    launcher: Launcher,
) -> Iterator[Offices]:
    """The offices of one kind of database."""
    server = request.getfixturevalue("postgres_server") if database == "postgresql" else None
    made = Offices(tmp_path_factory.mktemp("offices"), launcher, server)
    yield made
    made.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return str(request.param)


@pytest.fixture(scope="module")
def new_office(offices: Offices) -> Callable[[str], Office]:
    """A function that returns an office with no catalogue yet; once for each kind of database."""
    return offices.make


@pytest.fixture(scope="module")
def prepared(offices: Offices) -> Office:
    """An office with a catalogue, an index, and files that it has not imported yet."""
    return offices.prepared


@pytest.fixture(scope="module")
def imported(offices: Offices) -> Callable[[], Office]:
    """A function that returns the prepared office after an import of its news, without an index."""
    return offices.imported
