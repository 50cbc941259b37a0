"""The office that the tests of needs work in."""

from pathlib import Path

import pytest

from catalogue.records.catalogue import Catalogue
from tests.support.worlds import furnish


@pytest.fixture
def office(catalogue: Catalogue, tmp_path: Path) -> Catalogue:
    """A catalogue with accounts, two companies, and a need that a file brought."""
    furnish("filed", catalogue, tmp_path)
    return catalogue
