"""Where a command is killed, or fails as on a full disk: at its n-th file, sync or commit, or at a moment.

Set up in the process that runs the command, before it does anything.
"""

import errno
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from signal import SIGALRM, SIGKILL, SIGPROF
from typing import Any

FILE, SYNC, COMMIT, COMMITTED = "file", "sync", "commit", "committed"
EVENTS = (FILE, SYNC, COMMIT, COMMITTED)
PROCESSOR, CLOCK = "processor", "clock"  # moments, in milliseconds
MOMENTS = (PROCESSOR, CLOCK)
DEATHS = (-SIGKILL, -SIGPROF, -SIGALRM)
KILL, FULL = "kill", "full"
INJECTED = b"(the disk was full here)\n"
_FILE_EVENTS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "open")
_TIMERS = {PROCESSOR: signal.ITIMER_PROF, CLOCK: signal.ITIMER_REAL}


@dataclass(frozen=True)
class At:
    """What happens at the `number`-th event of a kind, counted from 1, or at that millisecond.

    `file`: just before a file is created, renamed, removed or opened for writing. `sync`: just before what
    was written goes to the disk. `commit`, `committed`: just before and after a transaction is made to last.
    `processor`, `clock`: after so much time of the processor, or of the clock.
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


class Extent:
    """Counts all that a command has of events, and its time."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(EVENTS, 0)
        self._began = time.monotonic(), time.process_time()
        for event in EVENTS:
            _watch(event, lambda event=event: self._see(event))

    def _see(self, event: str) -> None:
        self._counts[event] += 1

    def counts(self) -> dict[str, int]:
        """Return the number of events by kind, and the milliseconds until now."""
        clock, processor = self._began
        return self._counts | {
            PROCESSOR: round(1000 * (time.process_time() - processor)),
            CLOCK: round(1000 * (time.monotonic() - clock)),
        }


def set_up(at: At) -> None:
    """Let this process be killed, or find its disk full, at an event or moment."""
    if at.event in MOMENTS:  # a timer's signal ends it as SIGKILL does: nothing here handles it
        signal.setitimer(_TIMERS[at.event], at.number / 1000)
        return
    _watch(
        at.event, Countdown(at, _full_disk if at.event in (FILE, SYNC) else _full_database).count
    )


def _full_disk() -> Exception:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _full_database() -> Exception:
    return sqlite3.OperationalError("database or disk is full")


def _watch(event: str, seen: Callable[[], None]) -> None:
    if event in (COMMIT, COMMITTED):
        _at_commits(event, seen)
    elif event == SYNC:
        _at_syncs(seen)
    else:
        _at_files(seen)


def _at_files(seen: Callable[[], None]) -> None:
    def see(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _FILE_EVENTS and (event != "open" or _writes(arguments)):
            seen()

    sys.addaudithook(see)


def _writes(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], int) else 0
    return bool(flags & (os.O_WRONLY | os.O_RDWR)) and str(arguments[0]) != os.devnull


def _at_syncs(seen: Callable[[], None]) -> None:
    sync = os.fsync

    def counted(descriptor: Any) -> None:
        seen()
        sync(descriptor)

    os.fsync = counted


def _at_commits(event: str, seen: Callable[[], None]) -> None:
    from sqlalchemy.engine.default import DefaultDialect

    commit = DefaultDialect.do_commit

    def counted(self: DefaultDialect, connection: Any) -> None:
        if event == COMMIT:
            seen()
        commit(self, connection)
        if event == COMMITTED:
            seen()

    DefaultDialect.do_commit = counted  # type: ignore[method-assign]
