"""Names and publishes report folders: staged beside the others, then renamed, never overwritten."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from office.reports.comparison import PreviousRun, read_run

_STAGING_PREFIX = ".staging-"
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?:-([1-9]\d*))?")

Order = tuple[str, int]


def report_folders(root: Path) -> list[Path]:
    """Return the folders of all finished reports, the oldest first."""
    if not root.is_dir():
        return []
    found = [(order, path) for path in root.iterdir() if (order := _order(path.name))]
    return [path for _, path in sorted(found) if path.is_dir()]


def _order(name: str) -> Order | None:
    match = _NAME.fullmatch(name)
    return (match[1], int(match[2] or 1)) if match else None


def free_name(root: Path, date: str) -> str:
    """Return the name of the day's next report: `2031-04-01`, then `2031-04-01-2`, and so on."""
    taken = [order for path in root.glob("*") if (order := _order(path.name)) and order[0] == date]
    number = 1 + max((number for _, number in taken), default=0)
    return date if number == 1 else f"{date}-{number}"


def previous_run(root: Path, name: str) -> PreviousRun:
    """Return the newest run before the report of that name that can be read; empty if none can."""
    own = _order(name)
    for folder in reversed(report_folders(root)):
        order = _order(folder.name)
        if order and own and order < own and (run := read_run(folder)):
            return run
    return PreviousRun()


@contextmanager
def published_report(root: Path, name: str) -> Iterator[Path]:
    """Give an empty folder that becomes the report at the end of the block, unless that fails.

    The caller holds the lock that keeps other runs out; what killed runs left is swept away.
    """
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(f"{_STAGING_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    staging = root / f"{_STAGING_PREFIX}{name}"
    staging.mkdir()
    try:
        yield staging
        for path in staging.iterdir():
            _sync(path)
        staging.rename(root / name)
        _sync(root)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
