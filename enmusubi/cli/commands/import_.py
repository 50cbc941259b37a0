"""`enmusubi import`: files of an office or of OpenAlex go into the catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from enmusubi.matcher.importers.report import ImportReport, OnProgress

SHOWN_REJECTIONS = 20


def import_(
    format_name: str = typer.Argument(..., metavar="FORMAT", help="general or openalex."),
    paths: list[Path] = typer.Argument(..., metavar="PATH...", help="Files, or folders of files."),
    mapping: Path | None = typer.Option(
        None, "--mapping", help="TOML file that names the columns of general files."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Import researchers, seeds and needs; bad rows are reported and the good ones go in.

    FORMAT is general (CSV, TSV, XLSX, JSON lines; also with .gz) or openalex (works as JSON
    lines). Exits 1 if a file cannot be read or every row was rejected. The same file again changes
    nothing. Example: enmusubi import general researchers.csv seeds.xlsx
    """
    import json

    from rich.console import Console

    from enmusubi.matcher.catalogue.catalogue import open_catalogue
    from enmusubi.matcher.importers.registry import import_files
    from enmusubi.matcher.settings import load_settings

    with open_catalogue(load_settings().catalogue_url) as catalogue, _progress_bar() as on_progress:
        report = import_files(
            catalogue, format_name, paths, mapping=mapping, on_progress=on_progress
        )
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
    else:
        _print_report(report, Console())
    if not report.succeeded:
        raise typer.Exit(1)


@contextmanager
def _progress_bar() -> Iterator["OnProgress"]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    from enmusubi.matcher.importers.report import Progress as Step

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=None)

        def show(step: Step) -> None:
            label = f"{escape(step.file)} ({step.rows:,} rows)"
            bar.update(task, description=label, completed=step.done_bytes, total=step.total_bytes)

        yield show


def _print_report(report: "ImportReport", console: "Console") -> None:
    from rich.table import Table

    table = Table("table", "added", "updated", "unchanged")
    for name, counts in report.tables.items():
        table.add_row(name, *(f"{n:,}" for n in (counts.added, counts.updated, counts.unchanged)))
    if report.tables:
        console.print(table)
    console.print(f"{report.read:,} rows read, {report.rejected:,} rejected.")
    if report.rejections:
        _print_rejections(report, console)
    if report.added or report.updated:
        console.print("Next: `enmusubi index` makes the news findable.")


def _print_rejections(report: "ImportReport", console: "Console") -> None:
    console.print("Left out:")
    for rejection in report.rejections[:SHOWN_REJECTIONS]:
        place = f"{rejection.file}, row {rejection.row}" if rejection.row else rejection.file
        what = f"{rejection.scope} {rejection.field}".strip()
        shape = f" ({rejection.shape})" if rejection.shape else ""
        line = f"  {place}, {what}: {rejection.reason}{shape}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    more = len(report.rejections) - SHOWN_REJECTIONS
    if more > 0:
        console.print(f"  … and {more:,} more; `--json` lists them.")
