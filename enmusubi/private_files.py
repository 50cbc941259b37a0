"""What the service writes is its owner's alone, whatever the umask that it was started with."""

import os
import stat
from contextlib import suppress
from itertools import islice
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
MOST_FILES = 20_000  # that are looked at


def write_privately() -> None:
    """Let this process, and those that it starts, make files and folders for their owner alone.

    Nor do they leave a core dump, which would hold what they had in memory.
    """
    os.umask(OTHERS)
    with suppress(ImportError, OSError, ValueError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def close_to_others(folder: Path) -> None:
    """Take the rights of others on a folder away, so that nothing in it can be reached.

    A folder that belongs to somebody else is left as it is; `enmusubi doctor` tells.
    """
    with suppress(OSError):
        if mode := open_mode(folder):
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) & ~mode)


def close_files_to_others(folder: Path) -> None:
    """Take the rights of others on the files that lie in a folder away; folders in it stay as they are."""
    for path in folder.glob("*"):
        if path.is_file() and not path.is_symlink():
            close_to_others(path)


def open_mode(path: Path) -> int:
    """Return which rights others have on a path, 0 for none and for a path that is not there."""
    try:
        return path.stat(follow_symlinks=False).st_mode & OTHERS
    except OSError:
        return 0


def open_to_others(folder: Path) -> list[Path]:
    """Return what of a folder others may read or write, the folder itself first."""
    if open_mode(folder) == 0:
        return []  # whoever may not enter the folder reaches nothing in it
    inside = (path for path in islice(folder.rglob("*"), MOST_FILES) if not path.is_symlink())
    return [folder, *(path for path in inside if open_mode(path))]
