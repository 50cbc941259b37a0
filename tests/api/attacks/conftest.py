"""One town for each module of attacks."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from catalogue.records.catalogue import open_catalogue
from tests.api.attacks.actors import Town, client_of, opened_town
from tests.support.worlds import copied


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The application with its real authenticator, and every caller with a session or key."""
    folder = tmp_path_factory.mktemp("town")
    with open_catalogue(copied("town", folder)) as catalogue:
        opened: list[TestClient] = []

        def enter(app: object) -> TestClient:
            opened.append(client_of(app).__enter__())  # type: ignore[arg-type]
            return opened[0]

        yield opened_town(catalogue, folder, enter)
        opened[0].__exit__(None, None, None)
