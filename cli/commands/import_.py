"""`enmusubi import`: files of an office or of OpenAlex go into the catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from catalogue.importers.report import ImportReport, OnProgress

SHOWN_REJECTIONS = 20


def import_(
    format_name: str = typer.Argument(..., metavar="FORMAT", help="One of those above."),
    paths: list[Path] = typer.Argument(
        ..., metavar="PATH...", help="Files, folders, .gz and .zip; - reads standard input."
    ),
    mapping: Path | None = typer.Option(
        None, "--mapping", help="TOML file that names the columns of general files."
    ),
    researcher: str = typer.Option(
        "", "--researcher", metavar="ID", help="Whose works these are (bibtex, ris, crossref…)."
    ),
    only: str = typer.Option(
        "", "--only", metavar="ID", help="Take one person or organisation alone, by URL or id."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would change; keep nothing."),
    sync: bool = typer.Option(
        False, "--sync", help="Withdraw what this source had before and these files lack."
    ),
    force: bool = typer.Option(
        False, "--force", help="Sync even if rows were rejected or most of the source is missing."
    ),
    restart: bool = typer.Option(
        False, "--restart", help="Don't go on where an interrupted import stopped."
    ),
    rejects: Path | None = typer.Option(
        None, "--rejects", help="Folder for the rejected rows; default: rejects in the data folder."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Import researchers, seeds and needs; bad rows are reported and the good ones go in.

    FORMAT is general (CSV, TSV, XLSX, JSON lines, with a mapping or our column names), openalex,
    crossref, orcid, researchmap, kaken, patents, bibtex, ris or ror: docs/importing.md has each.
    The same file again changes nothing; an interrupted import goes on where it stopped. Rejected
    rows are written to a file of their own format, to be mended and imported again. Exits 1 if a
    file cannot be read or every row was rejected.

    \b
    Example: enmusubi import general researchers.csv seeds.xlsx
             enmusubi import researchmap export.jsonl.gz --dry-run
             enmusubi import bibtex mori.bib --researcher HU-0101
    """
    import json

    from rich.console import Console

    from catalogue.importers.importing import ImportChoices
    from catalogue.importers.one_person import read_identifier
    from catalogue.importers.registry import import_files
    from catalogue.records.catalogue import open_catalogue
    from cli.wiring import operator
    from enmusubi.settings import load_settings
    from office.imports import noted_as

    settings = load_settings()
    kept = rejects or settings.rejects_dir
    choices = ImportChoices(dry_run, sync, force, restart, kept, noted_as(operator()))
    with open_catalogue(settings.catalogue_url) as catalogue, _progress_bar() as on_progress:
        report = import_files(
            catalogue,
            format_name,
            paths,
            mapping=mapping,
            researcher=researcher,
            only=str(read_identifier(only)) if only else "",
            choices=choices,
            on_progress=on_progress,
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

    from catalogue.importers.report import ImportProgress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=None)

        def show(step: ImportProgress) -> None:
            label = f"{escape(step.file)} ({step.rows:,} rows)"
            bar.update(task, description=label, completed=step.done_bytes, total=step.total_bytes)

        yield show


def _print_report(report: "ImportReport", console: "Console") -> None:
    from rich.table import Table

    table = Table("table", "added", "updated", "merged", "unchanged")
    for name, counts in report.tables.items():
        table.add_row(name, *(f"{number:,}" for number in vars(counts).values()))
    if report.tables:
        console.print(table)
    resumed = f" ({report.resumed:,} of them before it was interrupted)" if report.resumed else ""
    console.print(f"{report.read:,} rows read{resumed}, {report.rejected:,} rejected.")
    if report.rejections:
        _print_rejections(report, console)
    for line in _notes(report):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _notes(report: "ImportReport") -> Iterator[str]:
    """Yield what else there is to say, and what to do next."""
    for path in report.rejects:
        yield f"The rejected rows are in {path}: mend them there and import that file."
    if report.withdrawn:
        yield f"{report.withdrawn:,} records were withdrawn: the source no longer has them."
    if report.sync_refused:
        yield report.sync_refused
    if report.joined:
        yield f"{report.joined:,} pairs of people were joined by their names."
    if report.queued:
        yield f"{report.queued:,} pairs may be one person: `enmusubi identities` lists them."
    if report.is_trial:
        yield "Nothing was kept: this was a dry run."
    elif report.added or report.updated or report.merged or report.withdrawn:
        yield "Next: `enmusubi index` makes the news findable."


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
