"""The catalogue of the jobs' tests: that of the API's, since the API is how jobs are asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue.records.catalogue import Catalogue, open_catalogue
from tests.support.databases import new_sqlite
from tests.support.service import fill


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue with two researchers and two needs."""
    with open_catalogue(new_sqlite(tmp_path / "catalogue.sqlite")) as opened:
        fill(opened)
        yield opened
