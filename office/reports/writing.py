"""Writes a whole report: page, workbook and run, published together or not at all."""

import json
from pathlib import Path

from office.reports.comparison import RUN_NAME, PreviousRun, run_as_dict
from office.reports.page import PAGE_NAME, write_page
from office.reports.publication import published_report
from office.reports.records import NightReport
from office.reports.workbook import WORKBOOK_NAME, write_workbook


def write_report(report: NightReport, previous: PreviousRun, root: Path) -> Path:
    """Publish the report's folder below `root` and return it; OSError leaves nothing behind."""
    with published_report(root, report.name) as folder:
        write_page(report, folder / PAGE_NAME)
        write_workbook(report, folder / WORKBOOK_NAME)
        run = json.dumps(run_as_dict(report, previous), ensure_ascii=False, indent=1)
        (folder / RUN_NAME).write_text(run, "utf-8", errors="replace")
    return root / report.name
