"""The catalogue of the tests of cases: the office of screening, on both databases where it matters."""

from pathlib import Path

import pytest

from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import Settings
from tests.support.worlds import copied


@pytest.fixture
def catalogue(tmp_path: Path):
    """People, companies, an open need, one of a closed circle, and users of every role."""
    with open_catalogue(copied("screened", tmp_path)) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path):
    return Settings(data_dir=tmp_path, cache_dir=tmp_path)
