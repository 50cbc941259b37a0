"""The office of `tests.api.v1.office`, around a real SQLite catalogue: furnished once, then copied."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalogue.records.catalogue import Catalogue, open_catalogue
from tests.api.v1.office import Office, furnish
from tests.support.databases import new_sqlite
from tests.support.service import Shelf, fill, service


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a catalogue with the office in it."""
    path = tmp_path_factory.mktemp("office") / "furnished.sqlite"
    with open_catalogue(new_sqlite(path)) as catalogue:
        fill(catalogue)
        furnish(catalogue)
    return path


@pytest.fixture(scope="session")
def usual(furnished: Path) -> Iterator[Office]:
    """The office as it usually is, opened once: making the application takes half a second."""
    with ExitStack() as stack:
        yield opened(stack, furnished.parent / "catalogue.sqlite", furnished)


@pytest.fixture
def office(usual: Office, furnished: Path) -> Office:
    """The office as it usually is, its catalogue as it was furnished."""
    restore(usual.catalogue, furnished.parent / "catalogue.sqlite", furnished)
    return usual


@pytest.fixture
def office_of(furnished: Path, tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """A function that opens an office of its own around a shelf."""
    with ExitStack() as stack:
        yield lambda shelf: opened(stack, tmp_path / "catalogue.sqlite", furnished, shelf)


def opened(stack: ExitStack, path: Path, furnished: Path, shelf: Shelf | None = None) -> Office:
    shutil.copy(furnished, path)
    catalogue = stack.enter_context(open_catalogue(f"sqlite:///{path}"))
    app = service(catalogue, path.parent, shelf)
    client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
    return Office(app, client, catalogue)


def restore(catalogue: Catalogue, path: Path, furnished: Path) -> None:
    """Put the furnished file in the catalogue's place; its connections are opened anew."""
    catalogue.close()
    for leftover in path.parent.glob(f"{path.name}-*"):
        leftover.unlink()
    shutil.copy(furnished, path)
