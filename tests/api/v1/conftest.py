"""The office of `tests.api.v1.office`, around a real SQLite catalogue: furnished once, then copied."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from enmusubi.matcher.catalogue.catalogue import Catalogue, open_catalogue
from tests.api.service import Shelf, fill, service
from tests.api.v1.office import Office, furnish


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a catalogue with the office in it."""
    path = tmp_path_factory.mktemp("office") / "catalogue.sqlite"
    with open_catalogue(f"sqlite:///{path}") as catalogue:
        fill(catalogue)
        furnish(catalogue)
    return path


@pytest.fixture
def catalogue(furnished: Path, tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue of the test's own with the office in it."""
    path = tmp_path / "catalogue.sqlite"
    shutil.copy(furnished, path)
    with open_catalogue(f"sqlite:///{path}") as opened:
        yield opened


@pytest.fixture
def office_of(catalogue: Catalogue, tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """A function that opens the office around a shelf."""
    with ExitStack() as stack:

        def start(shelf: Shelf | None = None) -> Office:
            app = service(catalogue, tmp_path, shelf)
            client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
            return Office(app, client, catalogue)

        yield start


@pytest.fixture
def office(office_of: Callable[..., Office]) -> Office:
    """The office as it usually is."""
    return office_of()
