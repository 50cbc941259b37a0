"""The application in process, around a real SQLite catalogue with a few rows."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.records.catalogue import Catalogue, open_catalogue
from tests.support.service import Shelf, as_viewer, service
from tests.support.worlds import copied, restore


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue with two researchers and two needs."""
    with open_catalogue(copied("small", tmp_path)) as opened:
        yield opened


@pytest.fixture
def client_of(catalogue: Catalogue, tmp_path: Path) -> Iterator[Callable[..., TestClient]]:
    """A function that returns a client of the application around a shelf."""
    with ExitStack() as stack:

        def start(shelf: Shelf | None = None, **server: int) -> TestClient:
            app = service(catalogue, tmp_path, shelf, **server)
            return stack.enter_context(TestClient(app, raise_server_exceptions=False))

        yield start


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The application as it usually is, opened once: making it takes longer than a test does."""
    folder = tmp_path_factory.mktemp("usual")
    with open_catalogue(copied("small", folder)) as opened:
        yield service(opened, folder)


@pytest.fixture
def client(usual: FastAPI) -> Iterator[TestClient]:
    """A client of the application as it usually is, its catalogue as it was made."""
    services = usual.state.services
    restore("small", services.catalogue, services.settings.data_dir)
    as_viewer(usual, LOCAL_VIEWER)
    with TestClient(usual, raise_server_exceptions=False) as opened:
        yield opened
