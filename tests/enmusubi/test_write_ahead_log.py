import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from enmusubi.write_ahead_log import keep_write_ahead_log


def test_a_file_gets_its_log(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "file.sqlite")
    keep_write_ahead_log(connection, patience_s=1)
    keep_write_ahead_log(connection, patience_s=1)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_many_who_open_a_new_file_at_once_all_get_in(tmp_path: Path) -> None:
    """Without a second try about one in 160 of these openings fails."""

    def open_file(path: Path, ready: threading.Barrier) -> str:
        connection = sqlite3.connect(path, timeout=60)
        ready.wait()
        keep_write_ahead_log(connection, patience_s=60)
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        connection.close()
        return str(mode)

    with ThreadPoolExecutor(8) as pool:
        for number in range(40):
            path = tmp_path / f"{number}.sqlite"
            ready = threading.Barrier(8)
            modes = list(pool.map(lambda _, p=path, r=ready: open_file(p, r), range(8)))
            assert modes == ["wal"] * 8


def test_a_file_that_stays_locked_is_told_after_the_patience(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "file.sqlite", isolation_level=None)
    holder.execute("CREATE TABLE numbers (number)")
    holder.execute("BEGIN EXCLUSIVE")
    late = sqlite3.connect(tmp_path / "file.sqlite", timeout=0)
    begun = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        keep_write_ahead_log(late, patience_s=0.2)
    assert time.monotonic() - begun >= 0.2
    holder.close()
    late.close()


def test_what_is_no_database_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        keep_write_ahead_log(connection, patience_s=60)
    connection.close()
