"""The application in process, around a real SQLite catalogue with a few rows."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalogue.records.catalogue import Catalogue, open_catalogue
from tests.support.service import Shelf, service
from tests.support.worlds import copied


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


@pytest.fixture
def client(client_of: Callable[..., TestClient]) -> TestClient:
    """A client of the application as it usually is."""
    return client_of()
