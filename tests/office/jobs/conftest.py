"""The catalogue of the jobs' tests: two portals, since they are who asks for jobs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue.records.catalogue import Catalogue, open_catalogue
from tests.support.worlds import copied


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue with two researchers, and two portals with a need each."""
    with open_catalogue(copied("portals", tmp_path)) as opened:
        yield opened
