"""`enmusubi import`: files of an office or of OpenAlex go into the catalogue."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.progress import plain_lines
from cli.telling import tell, told, told_pairs
from cli.wiring import tell_rejections
from enmusubi.messages import THINGS, Message, verbatim, word

if TYPE_CHECKING:
    from catalogue.importers.report import ImportProgress, ImportReport, OnProgress


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
        _print_report(report)
    if not report.succeeded:
        raise typer.Exit(1)


@contextmanager
def _progress_bar() -> Iterator["OnProgress"]:
    if not sys.stderr.isatty():
        with plain_lines() as lines:
            yield lambda step: lines.show(_so_far(step))
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(step: "ImportProgress") -> None:
            so_far = told(_so_far(step))
            bar.update(task, description=so_far, completed=step.done_bytes, total=step.total_bytes)

        yield show


def _so_far(step: "ImportProgress") -> Message:
    return Message("%(file)s (%(rows)s rows)", {"file": step.file, "rows": f"{step.rows:,}"})


def _print_report(report: "ImportReport") -> None:
    from cli.tables import Heading, print_table

    headings = (
        Message("table"),
        Message("added"),
        Message("updated"),
        Message("merged"),
        Message("unchanged"),
    )
    columns = [Heading(heading, is_number=number > 0) for number, heading in enumerate(headings)]
    rows = [
        (
            told(word(THINGS, name.replace("_", " "))),
            *(f"{number:,}" for number in vars(counts).values()),
        )
        for name, counts in report.tables.items()
    ]
    if rows:
        print_table(columns, rows)
    counted = {"read": f"{report.read:,}", "rejected": f"{report.rejected:,}"}
    if report.resumed:
        tell(
            Message(
                "%(read)s rows read (%(resumed)s of them before it was interrupted), %(rejected)s "
                "rejected.",
                {**counted, "resumed": f"{report.resumed:,}"},
            )
        )
    else:
        tell(Message("%(read)s rows read, %(rejected)s rejected.", counted))
    if report.rejections:
        tell(Message("Left out:"))
        tell_rejections(report.rejections)
    for line in _notes(report):
        tell(line)


def _notes(report: "ImportReport") -> Iterator[Message]:
    """Yield what else there is to say, and what to do next."""
    for path in report.rejects:
        yield Message(
            "The rejected rows are in %(path)s: mend them there and import that file.",
            {"path": path},
        )
    if report.withdrawn:
        yield Message(
            "%(count)s records were withdrawn: the source no longer has them.",
            {"count": f"{report.withdrawn:,}"},
        )
    if report.sync_refused:
        yield verbatim(report.sync_refused)
    yield from told_pairs(report.joined, report.queued)
    if report.is_trial:
        yield Message("Nothing was kept: this was a dry run.")
    elif report.added or report.updated or report.merged or report.withdrawn:
        yield Message("Next: `enmusubi index` makes the news findable.")
