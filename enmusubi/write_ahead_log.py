"""Gives a SQLite file its write-ahead log, so that readers and a writer don't wait for each other."""

import sqlite3
import time

_PAUSE_S = 0.02


def keep_write_ahead_log(connection: sqlite3.Connection, *, patience_s: float) -> None:
    """Switch the connection's file to a write-ahead log; one that has it already stays as it is.

    SQLite answers SQLITE_BUSY here at once, whatever the busy timeout, while another connection makes
    the same switch: https://www.sqlite.org/c3ref/busy_handler.html. So this tries again itself, and
    raises sqlite3.OperationalError when the file is still locked after `patience_s` seconds.
    """
    give_up = time.monotonic() + patience_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > give_up:
                raise
            time.sleep(_PAUSE_S)
        else:
            return
