"""The disk is full at one write after the other: each file, sync and commit of every command fails once.

After each the command has ended with one clear error, or without the file where it can do without; nothing is
broken, and once there is room a rerun ends as an undisturbed run. The exhaustive run tries every event of six
commands, the quick one a few.
"""

import itertools
import logging
from collections.abc import Callable, Iterator

import pytest

from tests.survival.events import COMMIT, FILE, FULL, INJECTED, SYNC, At
from tests.survival.kills import work_of
from tests.survival.office import Office
from tests.survival.works import Work

log = logging.getLogger(__name__)
COMMANDS = ("import", "index", "nightly", "backup", "restore", "migration")
QUICK = {("backup", SYNC): (1,), ("restore", COMMIT): (1,), ("restore", FILE): (2,)}
MakeOffice = Callable[[str], Office]


def fill_up(work: Work, office: Office, event: str, numbers: Iterator[int]) -> tuple[int, int]:
    """Let the disk be full at events of a kind; returns how many failed, and how many were done without."""
    failed = without = 0
    work.learn(office)
    work.begin(office)
    for number in numbers:
        code = work.run(office, at=At(event, number, FULL))
        printed = office.log.read_bytes()
        if INJECTED not in printed:  # it has no more
            assert code == 0, printed
            break
        errors = [line for line in printed.splitlines() if line.startswith(b"error: ")]
        assert b"Traceback" not in printed, (event, number, printed.decode())
        if code == 0:
            without += 1
            work.at_the_end(office)
            work.begin(office)
            continue
        failed += 1
        assert (code, len(errors)) == (1, 1), (event, number, printed.decode())
        assert b"Unexpected" not in errors[0], (event, number, errors[0])
        work.after_a_kill(office)
    if failed:
        assert work.run(office) == 0, office.log.read_text("utf-8")
        work.at_the_end(office)
    return failed, without


@pytest.mark.parametrize(("name", "event"), QUICK)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_disk_that_is_full_at_some_writes(
    name: str, event: str, prepared: Office, imported: Callable[[], Office], new_office: MakeOffice
) -> None:
    work = work_of(name, prepared, imported)
    found = fill_up(work, new_office("some_writes"), event, iter(QUICK[name, event]))
    assert sum(found) == len(QUICK[name, event])


@pytest.mark.exhaustive
@pytest.mark.parametrize("event", [FILE, SYNC, COMMIT])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_disk_that_is_full_at_every_write(
    name: str, event: str, prepared: Office, imported: Callable[[], Office], new_office: MakeOffice
) -> None:
    if event == COMMIT and prepared.url.startswith("postgresql"):
        pytest.skip("the database's disk is another machine's: it answers an error, as below")
    work = work_of(name, prepared, imported)
    failed, without = fill_up(work, new_office(f"full_{name}"), event, itertools.count(1))
    log.info("%s, %s: %s failed, %s done without", name, event, failed, without)
    assert failed + without or event == SYNC
