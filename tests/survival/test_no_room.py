"""A full disk and folders that cannot be written: a clear error, and all stays as it was.

A limit on the size of files stands for the full disk, a file in the place of a folder for one that
cannot be written: both work for every user, for root too, and on every machine.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.survival.invariants import assert_whole
from tests.survival.office import Office

NIGHT = ("nightly", "--date", "2031-04-01")
LIMITS = {"import": (60_000, 400_000), "index": (30_000, 300_000), "nightly": (300_000,)}


@pytest.fixture(scope="module")
def office(prepared: Office, new_office: Callable[[str], Office]) -> Office:
    """An office of which every test takes a fresh copy."""
    return new_office("no_room")


def command(activity: str, office: Office) -> tuple[str, ...]:
    """Return the command line of an activity."""
    news = str(office.folder / "news")
    backup = ("backup", str(office.folder / "backups" / "backup.zip"))
    return {
        "import": ("import", "general", news),
        "index": ("index", "--rebuild"),
        "nightly": NIGHT,
        "backup": backup,
    }[activity]


def assert_clear_error(office: Office, code: int, *names: Path) -> None:
    """Fail unless the command ended with 1 and one line that names what cannot be written."""
    printed = office.log.read_text("utf-8")
    assert code == 1, printed
    assert "Traceback" not in printed
    assert "Unexpected" not in printed
    errors = [line for line in printed.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, printed
    assert any(str(name) in errors[0] for name in names), errors[0]


@pytest.mark.exhaustive("postgresql")
@pytest.mark.parametrize(
    ("activity", "max_file_bytes"),
    [(activity, limit) for activity, limits in LIMITS.items() for limit in limits],
)
def test_a_full_disk(activity: str, max_file_bytes: int, prepared: Office, office: Office) -> None:
    prepared.copy_to(office)
    answer = office.answer()
    if activity == "index":
        (office.folder / "cache" / "vectors.sqlite").unlink()
    code = office.run(*command(activity, office), max_file_bytes=max_file_bytes)
    if code == 0:  # a catalogue on a server needs no room here
        assert (activity, office.url.startswith("postgresql")) == ("import", True)
        return
    assert_clear_error(office, code, office.folder)
    assert_whole(office)
    assert office.answer() == answer
    office.succeed(*command(activity, office))
    assert_whole(office)


FILES_ONLY = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # no database matters
OBSTACLES = [
    ("import", "data/rejects"),
    ("index", "data/indexes"),
    ("index", "data/index.lock"),
    ("index", "cache"),
    ("nightly", "data/reports"),
    ("nightly", "data/nightly"),
    ("nightly", "data/nightly.lock"),
    ("nightly", "cache"),
    ("backup", "backups"),
]


@FILES_ONLY
@pytest.mark.parametrize(("activity", "blocked"), OBSTACLES)
def test_a_folder_that_cannot_be_written(
    activity: str, blocked: str, prepared: Office, office: Office
) -> None:
    prepared.copy_to(office)
    answer, path, aside = office.answer(), office.folder / blocked, office.folder / "aside"
    if path.exists():
        path.rename(aside)
    if blocked.endswith(".lock"):
        path.mkdir()
    else:
        path.write_text("in the way")
    try:
        code = office.run(*command(activity, office))
        assert_clear_error(office, code, path)
    finally:
        path.rmdir() if path.is_dir() else path.unlink()
        if aside.exists():
            aside.rename(path)
    assert_whole(office)
    # the report comes last: the night has published an index of its news by then
    assert blocked == "data/reports" or office.answer() == answer


@FILES_ONLY
def test_a_data_folder_that_cannot_be_made(prepared: Office, office: Office) -> None:
    prepared.copy_to(office)
    blocked = office.folder / "blocked"
    blocked.write_text("in the way")
    environment = {"ENMUSUBI_DATA_DIR": str(blocked / "data"), "ENMUSUBI_DATABASE_URL": ""}
    for activity in ("import", "index", "nightly", "backup"):
        pid = office.launcher.start(
            command(activity, office), {**office.environment, **environment}, office.log
        )
        assert_clear_error(office, office.launcher.wait(pid), blocked)


def test_a_catalogue_that_may_only_be_read(prepared: Office, office: Office) -> None:
    if office.url.startswith("postgresql"):
        reading = f"{office.url}&options=-cdefault_transaction_read_only%3Don"
    else:
        reading = f"sqlite:///file:{office.folder / 'catalogue.sqlite'}?mode=ro&uri=true"
    prepared.copy_to(office)
    before = office.tables()
    for activity in ("import", "nightly"):
        pid = office.launcher.start(
            command(activity, office),
            {**office.environment, "ENMUSUBI_DATABASE_URL": reading},
            office.log,
        )
        code = office.launcher.wait(pid)
        assert "Traceback" not in office.log.read_text("utf-8")
        assert (code, "read" in office.log.read_text("utf-8")) == (1, True)
    assert office.tables() == before
