"""The office that the tests of companies work in, on both databases."""

from pathlib import Path

import pytest

from catalogue.records.catalogue import Catalogue
from tests.support.worlds import furnish


@pytest.fixture
def office(catalogue: Catalogue, tmp_path: Path) -> Catalogue:
    """A catalogue with an open and a closed need of a company, and users of each role."""
    furnish("screened", catalogue, tmp_path)
    return catalogue
