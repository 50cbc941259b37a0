"""Keeps two runs of one activity apart with a lock that the system drops with its process."""

import datetime
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from enmusubi.errors import AlreadyRunningError, StorageError
from enmusubi.messages import Message

MAX_NOTE_BYTES = 1000


@contextmanager
def exclusive_lock(path: Path, *, activity: str) -> Iterator[None]:
    """Hold the lock for the length of the block; its file says which process has it since when.

    The file stays behind, the lock does not: it ends with the process, however that ends. Raises
    AlreadyRunningError at once when another process (or another block of this one) holds it,
    StorageError when the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        _take(descriptor, path, activity)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, activity: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        started_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        note = {"pid": os.getpid(), "started_at": started_at, "activity": activity}
        os.pwrite(descriptor, json.dumps(note).encode(), 0)
    except BlockingIOError:
        raise AlreadyRunningError(
            "`enmusubi %(activity)s` is already running%(holder)s. Wait until it ends, "
            "or stop that process; its lock goes with it.",
            activity=activity,
            holder=_holder(descriptor),
        ) from None
    except OSError as error:
        raise _unusable(path, error) from error


def _holder(descriptor: int) -> Message | str:
    """Return who holds the lock, or nothing in the moment before it was noted."""
    try:
        note = json.loads(os.pread(descriptor, MAX_NOTE_BYTES, 0))
        since = {"process": int(note["pid"]), "time": str(note["started_at"])}
        return Message(" (process %(process)s, since %(time)s)", since)
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _unusable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        "The lock %(path)s cannot be used: %(reason)s. Free some space or make the "
        "folder writable.",
        path=path,
        reason=error.strerror or error,
    )
