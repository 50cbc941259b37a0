"""The administrator's pages over a well-filled office: one application, the office as new for each test."""

import shutil

import pytest
from fastapi.testclient import TestClient

from catalogue.records.catalogue import open_catalogue
from tests.support.service import as_viewer, service
from tests.support.worlds import made
from tests.support.worlds.administration import BOSS


@pytest.fixture(scope="module")
def furnished():
    """A data folder, well filled; copied for each test."""
    return made("administration")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The data folder that the application works in."""
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def app(folder):
    """The application: making it takes longer than a test does."""
    with open_catalogue(f"sqlite:///{folder / 'catalogue.sqlite'}") as opened:
        yield service(opened, folder)


@pytest.fixture
def catalogue(app, furnished, folder):
    """The office's catalogue, as it was furnished."""
    opened = app.state.services.catalogue
    opened.close()  # its connections come back with the next question
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(furnished, folder, dirs_exist_ok=True)
    return opened


@pytest.fixture
def office(app, catalogue):
    """A client of the administrator."""
    return client_of(app)


def client_of(app):
    """Return a client of an application that takes every caller for its administrator."""
    as_viewer(app, BOSS)
    return TestClient(app, follow_redirects=False, headers={"accept-language": "en"})
