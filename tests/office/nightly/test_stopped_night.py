"""A night that is stopped, killed or finds no room goes on where it was."""

import os
import resource
import signal
import subprocess
import sys
import time

import openpyxl
import pytest

from enmusubi.errors import AlreadyRunningError, IndexDamagedError, StorageError
from matcher.records import Need
from tests.office.nightly import fake_index
from tests.office.nightly.fake_index import FakeIndex, run_file, run_with, settings_of


def test_an_index_that_breaks_ends_the_run_and_keeps_what_was_matched(night, index, tmp_path):
    index.fails = {"n4": IndexDamagedError("damaged")}
    with pytest.raises(IndexDamagedError, match="damaged"):
        night()
    assert not (tmp_path / "reports").exists()
    index.fails.clear()
    index.asked.clear()
    assert night().resumed == 3
    assert index.asked == ["n4", "n5"]


def test_a_changed_need_or_index_is_matched_again_after_a_stop(night, index):
    index.fails = {"n4": IndexDamagedError("damaged")}
    with pytest.raises(IndexDamagedError):
        night()
    index.fails.clear()
    index.needs[0] = Need("another text", "n1")
    assert night().resumed == 2
    index.fails = {"n4": IndexDamagedError("damaged")}
    with pytest.raises(IndexDamagedError):
        night()
    index.fails.clear()
    index.index_version = "v000002"
    assert night().resumed == 0


def test_a_damaged_checkpoint_is_matched_again(night, index, tmp_path):
    index.fails = {"n4": IndexDamagedError("damaged")}
    with pytest.raises(IndexDamagedError):
        night()
    index.fails.clear()
    for number, path in enumerate(sorted((tmp_path / "nightly" / "work").rglob("*.json"))):
        path.write_bytes([b"", b"\xff\x00", b'{"matches": [{}]}'][number])
    assert night().resumed == 0


def test_reports_that_cannot_be_written_are_a_storage_error(night, index, tmp_path):
    (tmp_path / "reports").write_text("in the way")
    with pytest.raises(StorageError, match="reports cannot be written"):
        night()
    (tmp_path / "reports").unlink()
    assert night().resumed == 5


def test_a_full_disk_is_a_storage_error_and_leaves_no_half_report(night, tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, hard))  # as if the disk ended there
    try:
        with pytest.raises(StorageError, match="reports cannot be written"):
            night()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "reports").iterdir()) == []
    assert night().report_folder.name == "2031-04-01"


@pytest.fixture
def slow_night(tmp_path):
    """Another process that runs the night and has come to its third need."""
    command = [sys.executable, fake_index.__file__, str(tmp_path)]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 60
        while len(list((tmp_path / "nightly").rglob("*.json"))) < 2:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        yield process
        process.kill()


def test_a_second_run_is_refused_while_one_runs(slow_night, night, tmp_path):
    with pytest.raises(AlreadyRunningError, match=rf"process {slow_night.pid}, since"):
        night()
    assert not (tmp_path / "reports").exists()


def test_a_killed_run_started_again_gives_the_report_that_an_unbroken_one_gives(
    slow_night, night, index, tmp_path
):
    os.kill(slow_night.pid, signal.SIGKILL)
    slow_night.wait()
    resumed = night()
    assert resumed.resumed == 2
    assert index.asked == ["n3", "n4", "n5"]
    unbroken = run_with(FakeIndex(), settings_of(tmp_path / "other"))
    assert unbroken.resumed == 0
    assert run_file(resumed) == run_file(unbroken)
    pages = [(r.report_folder / "index.html").read_bytes() for r in (resumed, unbroken)]
    assert pages[0] == pages[1]
    books = [openpyxl.load_workbook(r.report_folder / "matches.xlsx") for r in (resumed, unbroken)]
    values = [[list(sheet.values) for sheet in book] for book in books]
    assert values[0] == values[1]
