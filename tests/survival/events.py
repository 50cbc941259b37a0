"""Where a command is killed, or fails as on a full disk: at its n-th file, sync or commit.

Set up in the process that runs the command, before it does anything.
"""

import errno
import os
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from signal import SIGKILL
from typing import Any

FILE, SYNC, COMMIT, COMMITTED = "file", "sync", "commit", "committed"
EVENTS = (FILE, SYNC, COMMIT, COMMITTED)
KILL, FULL = "kill", "full"
INJECTED = b"(the disk was full here)\n"
_FILE_EVENTS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "open")


@dataclass(frozen=True)
class At:
    """What happens at the `number`-th event of a kind, counted from 1.

    `file`: just before a file is created, renamed, removed or opened for writing. `sync`: just before what
    was written goes to the disk. `commit`, `committed`: just before and after a transaction is made to last.
    """

    event: str
    number: int
    act: str = KILL

    def record(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


class Countdown:
    """Counts events of one kind, and acts at the one that was named."""

    def __init__(self, at: At, full: Callable[[], Exception]) -> None:
        self._left, self._act, self._full = at.number, at.act, full

    def count(self) -> None:
        """Count an event; may not return."""
        self._left -= 1
        if self._left:
            return
        if self._act == KILL:
            os.killpg(0, SIGKILL)
        os.write(2, INJECTED)
        raise self._full()


def set_up(at: At) -> None:
    """Let this process be killed, or find its disk full, at an event."""
    if at.event in (COMMIT, COMMITTED):
        _at_commits(at)
        return
    countdown = Countdown(at, lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    if at.event == SYNC:
        _at_syncs(countdown)
        return

    def see(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _FILE_EVENTS and (event != "open" or _writes(arguments)):
            countdown.count()

    sys.addaudithook(see)


def _writes(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], int) else 0
    return bool(flags & (os.O_WRONLY | os.O_RDWR)) and str(arguments[0]) != os.devnull


def _at_syncs(countdown: Countdown) -> None:
    sync = os.fsync

    def counted(descriptor: Any) -> None:
        countdown.count()
        sync(descriptor)

    os.fsync = counted


def _at_commits(at: At) -> None:
    from sqlalchemy.engine.default import DefaultDialect

    countdown = Countdown(at, lambda: sqlite3.OperationalError("database or disk is full"))
    commit = DefaultDialect.do_commit

    def counted(self: DefaultDialect, connection: Any) -> None:
        if at.event == COMMIT:
            countdown.count()
        commit(self, connection)
        if at.event == COMMITTED:
            countdown.count()

    DefaultDialect.do_commit = counted  # type: ignore[method-assign]
