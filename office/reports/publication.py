"""Report folders: page, workbook and run published together or not at all, and listed.

A folder is staged beside the others, then renamed, never overwritten. `office.reports.past_nights`
reads them back.
"""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from enmusubi.atomic_files import published_folder
from office.reports.page import PAGE_NAME, write_page
from office.reports.records import (
    RUN_NAME,
    NightReport,
    PreviousRun,
    read_run,
    run_as_dict,
)
from office.reports.workbook import WORKBOOK_NAME, write_workbook

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
    with published_folder(root / name, root / f"{_STAGING_PREFIX}{name}") as folder:
        yield folder


def write_report(report: NightReport, previous: PreviousRun, root: Path) -> Path:
    """Publish the report's folder below `root` and return it; OSError leaves nothing behind."""
    with published_report(root, report.name) as folder:
        write_page(report, folder / PAGE_NAME)
        write_workbook(report, folder / WORKBOOK_NAME)
        run = json.dumps(run_as_dict(report, previous), ensure_ascii=False, indent=1)
        (folder / RUN_NAME).write_text(run, "utf-8", errors="replace")
    return root / report.name


def past_names(root: Path) -> list[str]:
    """Return the names of the reports, the newest first; nothing else is ever read from there."""
    return [folder.name for folder in reversed(report_folders(root))]


def past_folder(root: Path, name: str) -> Path | None:
    """Return the folder of a report by its name, None for a name that isn't in the listing."""
    return next((folder for folder in report_folders(root) if folder.name == name), None)
