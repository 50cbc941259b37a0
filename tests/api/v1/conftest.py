"""The office of two companies, around a real SQLite catalogue that is as it was made for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalogue.records.catalogue import open_catalogue
from tests.support.service import Office, Shelf, service
from tests.support.worlds import copied, restore


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office as it usually is, opened once: making the application takes a while."""
    with ExitStack() as stack:
        yield opened(stack, tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(usual: Office) -> Office:
    """The office as it usually is, its catalogue as it was furnished."""
    restore("companies", usual.catalogue, usual.app.state.services.settings.data_dir)
    return usual


@pytest.fixture
def office_of(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """A function that opens an office of its own around a shelf."""
    with ExitStack() as stack:
        yield lambda shelf: opened(stack, tmp_path, shelf)


def opened(stack: ExitStack, folder: Path, shelf: Shelf | None = None) -> Office:
    catalogue = stack.enter_context(open_catalogue(copied("companies", folder)))
    app = service(catalogue, folder, shelf)
    client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
    return Office(app, client, catalogue)
