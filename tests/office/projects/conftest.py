"""The catalogue of the tests of projects: the office of screening."""

from pathlib import Path

import pytest

from catalogue.records.catalogue import open_catalogue
from tests.support.worlds import copied


@pytest.fixture
def catalogue(tmp_path: Path):
    """People, companies, an open need, one of a closed circle, and users of every role."""
    with open_catalogue(copied("screened", tmp_path)) as opened:
        yield opened
