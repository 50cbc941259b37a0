"""The catalogue of the tests of teams."""

from pathlib import Path

import pytest

from catalogue.records.catalogue import open_catalogue
from tests.support.worlds import copied


@pytest.fixture
def catalogue(tmp_path: Path):
    """Three researchers, an open need and one of a closed circle that Sato manages."""
    with open_catalogue(copied("personal", tmp_path)) as opened:
        yield opened
