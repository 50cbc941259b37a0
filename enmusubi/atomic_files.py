"""Atomic writing: files and folders that are whole or not there, however the process ends.

What is written stands beside its place until it is on the disk, and takes its place by one rename.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from enmusubi.errors import StorageError

READABLE, PRIVATE = 0o644, 0o600  # by all users of the machine, or by the owner only
UNFINISHED = ".new"  # the end of a part's name, which begins with a dot


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Raise the system's errors as StorageError that names the folder."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            "%(folder)s cannot be written: %(reason)s. Free some space or make the "
            "folder writable, then run the command again; what was finished is kept.",
            folder=folder,
            reason=error.strerror or error,
        ) from error


@contextmanager
def replaced_file(path: Path, *, mode: int = READABLE) -> Iterator[BinaryIO]:
    """Give a stream whose content is the file at the end of the block, over an older one if there is one.

    An error leaves the older file and nothing else; a kill leaves the older file, and beside it a part
    that the next writer of the file overwrites. The part is locked while it is written.
    """
    staging = path.with_name(f".{path.name}{UNFINISHED}")
    staging.unlink(missing_ok=True)  # its mode may be another one
    try:
        with os.fdopen(
            os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb"
        ) as stream:
            lock_while_open(stream)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        staging.replace(path)
    except BaseException:
        staging.unlink(missing_ok=True)
        raise


def drop_unfinished_files(folder: Path, pattern: str) -> None:
    """Delete the parts of this pattern that killed writers left in a folder, none that is being written."""
    for path in folder.glob(pattern):
        with suppress(OSError), path.open("rb") as left:
            if lock_while_open(left):
                path.unlink()


def lock_while_open(stream: BinaryIO) -> bool:
    """Return whether nobody else has locked the file; the lock ends with the stream, or the process."""
    with suppress(OSError):  # or the folder's system, another machine's, knows no locks
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def write_atomically(path: Path, content: bytes) -> None:
    """Write the file whole, over an older one if there is one; a kill leaves the older one."""
    with replaced_file(path) as stream:
        stream.write(content)


@contextmanager
def published_folder(folder: Path, staging: Path) -> Iterator[Path]:
    """Give a new folder `staging`, beside `folder`, that takes its name at the end of the block.

    Its files are on the disk by then; an error leaves nothing, a kill leaves `staging` to
    the next writer.
    """
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        yield staging
        for path in staging.iterdir():
            sync(path)
        staging.rename(folder)
        sync(folder.parent)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def sync(path: Path) -> None:
    """Return when the file, or the list of a folder's names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
