"""A portal's client and what sends its messages, in a catalogue of two portals."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.sealing import SealingKeys
from office.webhooks.sender import Sender
from tests.office.webhooks.portal import OPEN
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds.portals import AOBA


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue with two researchers, and two portals with a need each."""
    with open_catalogue(copied("portals", tmp_path)) as opened:
        yield opened


@pytest.fixture
def client(catalogue, tmp_path):
    """A client of the portal of Aoba."""
    app = service(catalogue, tmp_path, webhooks=OPEN)
    as_viewer(app, AOBA)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def sender(catalogue, tmp_path):
    """What sends the messages; it notes how each attempt ended."""
    attempts = []
    made = Sender(catalogue, OPEN, SealingKeys(tmp_path), attempts.append)
    made.attempts = attempts
    return made
