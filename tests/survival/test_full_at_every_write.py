"""The disk is full at one write after the other: each file, sync and commit of every command fails once.

After each the command has ended with one clear error, or without the file where it can do without; nothing is
broken, and once there is room a rerun ends as an undisturbed run. The exhaustive run tries every write of
seven commands, the quick one a few.
"""

import logging
from collections import Counter

import pytest

from tests.survival.events import COMMIT, FILE, FULL, SYNC, At
from tests.survival.full_disk import COMMANDS, FAILED, fill_at, writes_of
from tests.survival.kills import work_of
from tests.survival.offices import Offices

log = logging.getLogger(__name__)
QUICK = [
    ("backup", At(SYNC, 1, FULL)),
    ("restore", At(COMMIT, 1, FULL)),
    ("restore", At(FILE, 2, FULL)),
]


@pytest.mark.parametrize(("name", "at"), QUICK)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_disk_that_is_full_at_some_writes(name: str, at: At, offices: Offices) -> None:
    work = work_of(name, offices.prepared, offices.imported)
    work.learn(offices.killed)
    assert fill_at(work, offices.killed, at) == FAILED


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", COMMANDS)
def test_a_disk_that_is_full_at_every_write(name: str, database: str, offices: Offices) -> None:
    work = work_of(name, offices.prepared, offices.imported)
    work.learn(offices.killed)
    writes = writes_of(work, offices.killed)
    ends = Counter((at.event, fill_at(work, offices.killed, at)) for at in writes)
    log.info("%s on %s: %s", name, database, dict(ends))
    assert sum(ends.values()) == len(writes)
