"""What killed backups and restores left: copies of the whole catalogue that nobody would look for."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from enmusubi.atomic_files import storage_errors
from enmusubi.errors import AlreadyRunningError
from enmusubi.locks import exclusive_lock
from enmusubi.settings import Settings

_LOCK_NAME = "restore.lock"
_PREFIX = ".restore."


@contextmanager
def scratch_folder(settings: Settings) -> Iterator[Path]:
    """Give a new folder in the data folder, for its owner alone, that goes at the end of the block.

    What killed ones left goes before. Raises AlreadyRunningError while another process has one.
    """
    parent = settings.data_dir
    with exclusive_lock(parent / _LOCK_NAME, activity="restore"):
        _delete(parent)
        with storage_errors(parent):
            folder = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent)  # its mode is 0700
        with folder as name:
            yield Path(name)


def drop_unfinished(settings: Settings) -> None:
    """Delete what killed restores left in the data folder, unless one runs now."""
    if _left(settings.data_dir):
        with (
            suppress(AlreadyRunningError),
            exclusive_lock(settings.data_dir / _LOCK_NAME, activity="restore"),
        ):
            _delete(settings.data_dir)


def _left(parent: Path) -> list[Path]:
    return list(parent.glob(f"{_PREFIX}*"))


def _delete(parent: Path) -> None:
    for folder in _left(parent):
        shutil.rmtree(folder, ignore_errors=True)
