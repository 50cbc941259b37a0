"""The office, the application around it, and its client: shared by the tests of a page."""

import sqlite3
from contextlib import closing

import pytest
from fastapi.testclient import TestClient

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import open_catalogue
from tests.support.service import as_viewer, service
from tests.support.worlds import copied


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The office, the application around it, and its client: made once, for that takes longest."""
    folder = tmp_path_factory.mktemp("office")
    with open_catalogue(copied("pages", folder)) as catalogue:
        app = service(catalogue, folder)
        with (
            TestClient(app, headers={"accept-language": "en"}) as client,
            closing(sqlite3.connect(folder / "kept.sqlite")) as kept,
            closing(sqlite3.connect(folder / "catalogue.sqlite")) as live,
        ):
            live.backup(kept)
            yield catalogue, app, client, lambda: kept.backup(live)


@pytest.fixture
def catalogue(served):
    """The catalogue of the office as it was furnished."""
    served[3]()
    return served[0]


@pytest.fixture
def act(catalogue, served):
    """A function that returns the client of a viewer, in English."""
    _, app, client, _ = served
    client.cookies.clear()

    def become(viewer: Viewer) -> TestClient:
        as_viewer(app, viewer)
        return client

    return become
