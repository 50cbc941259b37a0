"""Writes files so that they are whole or not there, and names the folder when that fails."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from enmusubi.errors import StorageError


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


def write_atomically(path: Path, content: bytes) -> None:
    """Write the file whole, over an older one if there is one; a kill leaves the older one."""
    staging = path.with_name(f".{path.name}.new")
    with staging.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    staging.replace(path)
