"""The page that asks, over a catalogue with a few rows, of one module of tests."""

import pytest
from fastapi.testclient import TestClient

from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.records.catalogue import open_catalogue
from tests.support.service import as_viewer, service
from tests.support.worlds import copied


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    with open_catalogue(copied("small", tmp_path_factory.mktemp("catalogue"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(catalogue, tmp_path_factory):
    return service(catalogue, tmp_path_factory.mktemp("service"))


@pytest.fixture
def client(app):
    as_viewer(app, LOCAL_VIEWER)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
