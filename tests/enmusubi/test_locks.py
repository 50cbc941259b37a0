"""A lock keeps two runs apart and never outlives its process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from enmusubi.errors import AlreadyRunningError, StorageError
from enmusubi.locks import exclusive_lock

HOLD = """
import sys, time
from pathlib import Path
from enmusubi.locks import exclusive_lock
with exclusive_lock(Path(sys.argv[1]), activity="nightly"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "a.lock")], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_second_process_is_told_who_holds_the_lock(holder, tmp_path):
    expected = rf"`enmusubi nightly` is already running \(process {holder.pid}, since 20"
    with (
        pytest.raises(AlreadyRunningError, match=expected),
        exclusive_lock(tmp_path / "a.lock", activity="nightly"),
    ):
        pass


def test_the_lock_vanishes_with_a_killed_process(holder, tmp_path):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with exclusive_lock(tmp_path / "a.lock", activity="nightly"):
        assert f'"pid": {os.getpid()}' in (tmp_path / "a.lock").read_text()


def test_the_lock_can_be_taken_again_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), exclusive_lock(tmp_path / "a.lock", activity="x"):
        _ = 1 / 0
    with exclusive_lock(tmp_path / "a.lock", activity="x"):
        pass


def test_a_damaged_note_does_not_hide_that_someone_is_running(tmp_path):
    path = tmp_path / "a.lock"
    with exclusive_lock(path, activity="index"):
        path.write_bytes(b"\xff\x00")
        with (
            pytest.raises(AlreadyRunningError, match=r"`enmusubi index` is already running\. Wait"),
            exclusive_lock(path, activity="index"),
        ):
            pass


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(StorageError, match="cannot be used"),
        exclusive_lock(tmp_path / "file" / "a.lock", activity="x"),
    ):
        pass
