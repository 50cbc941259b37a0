"""A thousand kills: import, index, nightly, a service with a job, migration, backup and restore lose nothing.

`make test-exhaustive` kills each of the seven on SQLite and PostgreSQL `--kills` times, 1,008 in all; the
quick run has a few of those that test_kills.py does not kill.
"""

import logging
from collections.abc import Callable
from random import Random

import pytest

from tests.survival.kills import kill_often, work_of
from tests.survival.office import Office
from tests.survival.serving import kill_serving

log = logging.getLogger(__name__)
QUICK_KILLS = 2
COMMANDS = ("import", "index", "nightly", "backup", "restore", "migration")
QUICK_COMMANDS = ("backup", "restore", "migration")
MakeOffice = Callable[[str], Office]


def kill(
    name: str, prepared: Office, imported: Callable[[], Office], office: Office, kills: int
) -> None:
    random = Random(f"{name} {office.url.partition(':')[0]}")
    if name == "serve":
        tally = kill_serving(prepared, office, random, kills)
    else:
        tally = kill_often(work_of(name, prepared, imported), office, random, kills)
    log.info("%s: %s kills, %s", name, tally.kills, tally)
    assert tally.kills == kills


@pytest.mark.parametrize("name", [*QUICK_COMMANDS, "serve"])
@pytest.mark.parametrize("new_office", ["sqlite"], indirect=True)
def test_a_few_kills(
    name: str, prepared: Office, imported: Callable[[], Office], new_office: MakeOffice
) -> None:
    kill(name, prepared, imported, new_office(f"few_{name}"), QUICK_KILLS)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", [*COMMANDS, "serve"])
def test_a_thousand_kills(
    name: str,
    prepared: Office,
    imported: Callable[[], Office],
    new_office: MakeOffice,
    pytestconfig: pytest.Config,
) -> None:
    kill(name, prepared, imported, new_office(name), pytestconfig.getoption("kills"))
