"""A night with a stand-in for the index."""

import pytest

from tests.office.nightly.fake_index import DAY, FakeIndex, run_with, settings_of


@pytest.fixture
def index() -> FakeIndex:
    """The stand-in that `night` asks."""
    return FakeIndex()


@pytest.fixture
def night(tmp_path, index):
    """Runs a night with the fake index and returns its result."""
    return lambda day=DAY: run_with(index, settings_of(tmp_path), day)
