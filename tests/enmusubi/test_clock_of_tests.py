"""A test that changes the zone leaves the clock of those after it as it was."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ZONED = "tests/enmusubi/test_settings.py::test_times_are_told_in_the_zone_of_the_office"
PROBE = """
import sys, time
import pytest
class Probe:
    def pytest_sessionfinish(self): print("zones:", time.tzname)
sys.exit(pytest.main(["-q", "-n0", "-p", "no:cacheprovider", sys.argv[1]], plugins=[Probe()]))
"""


def test_days_begin_for_later_tests_when_they_did_before() -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROBE, ZONED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "zones: ('UTC', 'UTC')" in told
