"""Import, index and nightly are killed: nothing breaks, and a rerun mends all.

After every kill the catalogue is checked and the index asked, after a series of kills the command runs
to its end and must leave what an undisturbed run leaves. Only kills of a running command count. The
quick run has one series a command on SQLite, index and nightly just before they create, rename or
remove a file, and one of nightly on PostgreSQL at random moments. The exhaustive run has two series a
command and database, at files and at random moments.
"""

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from signal import SIGKILL
from typing import Any

import pytest

from tests.survival.events import FILE, At
from tests.survival.office import Office, Tables

log = logging.getLogger(__name__)
KILLS = 3
ACTIVITIES = (
    pytest.param("import", marks=pytest.mark.exhaustive("postgresql")),
    pytest.param("index", marks=pytest.mark.exhaustive("postgresql")),
    "nightly",
)
FILE_EVENTS = 40  # about as many as a run of index has
MOST_MISSES = 8
MakeOffice = Callable[[str], Office]


@dataclass(frozen=True)
class Undisturbed:
    """What an undisturbed command leaves, and how long it takes."""

    seconds: float
    tables: Tables
    answers: tuple[dict[str, float], dict[str, float]]  # of the index before and after
    index: dict[str, Any]
    matches: dict[str, Any]


def command(activity: str, office: Office) -> tuple[str, ...]:
    """Return the command line of an activity."""
    if activity == "import":
        return ("import", "general", str(office.folder / "news"))
    return ("index",) if activity == "index" else ("nightly", "--date", "2031-04-01")


def matches_of(office: Office) -> dict[str, Any]:
    """Return need id → researchers with their seeds in the newest report; empty without any."""
    reports = sorted((office.folder / "data" / "reports").glob("*/run.json"))
    return json.loads(reports[-1].read_text("utf-8"))["needs"] if reports else {}


def undisturbed_run(activity: str, start: Office, office: Office) -> Undisturbed:
    """Run the activity from that start to its end, and return what it left."""
    start.copy_to(office)
    before = office.answer()
    began = time.monotonic()
    office.succeed(*command(activity, office))
    seconds = time.monotonic() - began
    office.check()
    answers = (before, office.answer())
    tables = office.tables(journal=activity == "import")
    return Undisturbed(seconds, tables, answers, office.index(), matches_of(office))


def was_killed(  # noqa: PLR0917
    activity: str, office: Office, random: Random, latest_s: float, event: int, at_files: float
) -> bool:
    """Start the activity and kill its process group; returns whether it was still running.

    This share of the kills of index and nightly comes just before a file is created, renamed or
    removed, which a random moment would seldom meet.
    """
    arguments = command(activity, office)
    if activity != "import" and random.random() < at_files:
        number = random.randint(1, event)
        return office.run(*arguments, at=At(FILE, number)) == -SIGKILL
    pid = office.start(*arguments)
    time.sleep(random.uniform(0, latest_s))
    if (code := office.launcher.exit_code(pid)) is None:
        os.killpg(pid, SIGKILL)
        code = office.launcher.wait(pid)
    assert code in (0, -SIGKILL), office.log.read_text("utf-8")
    return code == -SIGKILL


def kill_often(  # noqa: PLR0917
    activity: str,
    start: Office,
    office: Office,
    random: Random,
    expected: Undisturbed,
    at_files: float,
) -> int:
    """Kill the activity KILLS times and look at the office after each; return how often it missed.

    A rerun has less to do than the run before it, so later kills come sooner.
    """
    start.copy_to(office)
    hits = misses = 0
    share = 0.9
    while hits < KILLS:
        assert misses < MOST_MISSES, f"{activity} is done before it can be killed"
        latest_s, event = share * expected.seconds, round(share * FILE_EVENTS) + 1
        if was_killed(activity, office, random, latest_s, event, at_files):
            hits += 1
            share *= 0.7
            office.check()
            assert office.answer() in expected.answers
        else:
            misses += 1
            share *= 0.5
            start.copy_to(office)
    return misses


def assert_equal(found: Tables, expected: Tables) -> None:
    """Fail if the tables differ.

    Of the imports and their rejections all must be there that an undisturbed run leaves; a kill
    after an import's last transaction lets the rerun import the same files once more, and one after
    the report lets it show the same lists, or look through the same dormant needs, once more.
    """
    for name, rows in expected.items():
        if name in ("import_run", "rejection", "shown_list", "shown_match", "dormant_look"):
            assert set(rows) <= set(found[name]), name
        else:
            assert found[name] == rows, name


@pytest.mark.parametrize("activity", ACTIVITIES)
@pytest.mark.parametrize(
    ("new_office", "series", "at_files"),
    [
        ("sqlite", 1, 1.0),
        ("postgresql", 1, 0.0),
        pytest.param("sqlite", 2, 0.5, marks=pytest.mark.exhaustive),
        pytest.param("postgresql", 2, 0.5, marks=pytest.mark.exhaustive),
    ],
    indirect=["new_office"],
)
def test_a_killed_command_harms_nothing_and_is_made_good_by_a_rerun(  # noqa: PLR0917
    activity: str,
    prepared: Office,
    imported: Callable[[], Office],
    new_office: MakeOffice,
    series: int,
    at_files: float,
) -> None:
    start = imported() if activity == "index" else prepared
    office = new_office(activity)
    expected = undisturbed_run(activity, start, office)
    for random_state in range(series):
        random = Random(f"{activity} {random_state}")
        misses = kill_often(activity, start, office, random, expected, at_files)
        office.succeed(*command(activity, office))
        office.check()
        assert_equal(office.tables(), expected.tables)
        assert office.index() == expected.index
        assert office.answer() == expected.answers[1]
        assert matches_of(office) == expected.matches
        log.info("%s, series %s: %s kills, %s missed", activity, random_state, KILLS, misses)
