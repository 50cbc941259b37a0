"""The office that the tests of screening work in, on both databases."""

from pathlib import Path

import pytest

from catalogue.records.catalogue import Catalogue
from tests.support.worlds import furnish


@pytest.fixture
def office(catalogue: Catalogue, tmp_path: Path) -> Catalogue:
    """A catalogue with a need of a company, its group, and people who worked with both."""
    furnish("screened", catalogue, tmp_path)
    return catalogue
