"""Two commands at once, as real processes: nothing is corrupted, and neither waits for ever.

Every row is as it is when one command follows the other, in one of the two orders.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.survival.invariants import assert_whole
from tests.survival.office import Office
from tests.survival.unlabelled import Unlabelled, unlabelled

MakeOffice = Callable[[str], Office]
LIMIT_S = 60.0


@pytest.fixture
def office(prepared: Office, new_office: MakeOffice, request: pytest.FixtureRequest) -> Office:
    """An office as it was made ready."""
    found = new_office(f"at_once_{abs(hash(request.node.name))}")
    prepared.copy_to(found)
    return found


def at_once(office: Office, *commands: tuple[str, ...]) -> list[tuple[int, str]]:
    """Start the commands together; return the exit code and the output of each."""
    logs = [office.folder / f"log{number}.txt" for number in range(len(commands))]
    started = [office.start(*c, log=log) for c, log in zip(commands, logs, strict=True)]
    codes = [office.launcher.wait(pid, timeout_s=LIMIT_S) for pid in started]
    return [(code, log.read_text("utf-8")) for code, log in zip(codes, logs, strict=True)]


def general(folder: Path) -> tuple[str, ...]:
    """Return the command that imports the folder."""
    return ("import", "general", str(folder))


def assert_each_row_is_as_in_one_order(
    found: Unlabelled, office: Office, prepared: Office, commands: tuple[tuple[str, ...], ...]
) -> None:
    """Fail if a row is otherwise than after each of the serial orders, or if a record is lost."""
    serial = []
    for order in (commands, commands[::-1]):
        prepared.copy_to(office)
        for arguments in order:
            office.succeed(*arguments)
        serial.append(unlabelled(office))
    for table, rows in found.items():
        assert not rows - serial[0][table] - serial[1][table], table
    assert len(found["record"]) == len(serial[0]["record"]) == len(serial[1]["record"])


@pytest.mark.exhaustive("sqlite")  # imports take turns there; the night below does, too
def test_two_imports_of_overlapping_files_end_as_one_after_the_other(
    office: Office, prepared: Office
) -> None:
    commands = general(office.folder / "news"), general(office.folder / "more")
    both = at_once(office, *commands)
    assert [code for code, _ in both] == [0, 0], both
    assert_whole(office)
    assert_each_row_is_as_in_one_order(unlabelled(office), office, prepared, commands)


@pytest.mark.exhaustive("postgresql")
def test_two_imports_of_the_same_files_end_as_one(office: Office, prepared: Office) -> None:
    news = general(office.folder / "news")
    codes = at_once(office, news, news)
    assert sorted(code for code, _ in codes) in ([0, 0], [0, 1])
    for code, output in codes:
        assert code == 0 or "The same files are being imported by another process" in output
    assert_whole(office)
    found = office.tables(journal=False)
    prepared.copy_to(office)
    office.succeed(*news)
    assert office.tables(journal=False) == found


def test_an_index_built_during_an_import_holds_one_state_of_the_catalogue(office: Office) -> None:
    both = at_once(office, general(office.folder / "news"), ("index", "--rebuild"))
    assert [code for code, _ in both] == [0, 0], both
    assert_whole(office)
    assert office.answer()
    index = office.index()
    office.succeed("index")
    with office.catalogue() as catalogue:
        assert office.index()["state"] == catalogue.read_corpus().state
    assert index.keys() == office.index().keys()


@pytest.mark.exhaustive("postgresql")
def test_a_night_and_an_import_at_once(office: Office, prepared: Office) -> None:
    more = general(office.folder / "more")
    both = at_once(office, ("nightly", "--date", "2031-04-01"), more)
    assert [code for code, _ in both] == [0, 0], both
    assert_whole(office)
    assert office.answer()
    commands = general(office.folder / "inbox" / "general"), more
    assert_each_row_is_as_in_one_order(unlabelled(office), office, prepared, commands)


@pytest.mark.exhaustive("postgresql")
def test_two_nights_at_once_are_one(office: Office) -> None:
    night = ("nightly", "--date", "2031-04-01")
    codes = at_once(office, night, night)
    assert sorted(code for code, _ in codes) == [0, 1]
    assert any("`enmusubi nightly` is already running" in output for _, output in codes)
    assert_whole(office)
    assert [p.name for p in office.settings.reports_dir.iterdir() if p.is_dir()] == ["2031-04-01"]
