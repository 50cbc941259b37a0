"""`enmusubi nightly`: what runs while the office sleeps."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from office.nightly.run import NightlyResult

MAX_SHOWN_PROBLEMS = 10
MAX_SHOWN_NEEDS = 20
STAGES = {
    "import": "Importing the inbox",
    "calibrate": "Learning from judgements",
    "match": "Matching needs",
}


def nightly(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
    date: str = typer.Option("", "--date", hidden=True, help="Date of the report, YYYY-MM-DD."),
) -> None:
    """Import what changed, index it, match every open need and write the morning's report.

    The report is a folder with index.html, matches.xlsx and run.json; what is new since the last
    one is marked. A run that was stopped goes on when it is started again. Two cannot run at once.
    Needs that cannot be matched are listed and do not count as failure (docs/nightly.md).
    Example: enmusubi nightly --json
    """
    import json
    from functools import partial

    from cli.wiring import encoder_of, operator, progress_bars
    from enmusubi.settings import load_settings
    from indexes.versions import pinned_name
    from office.nightly.parts import open_nightly_parts
    from office.nightly.run import run_nightly

    today = _parsed(date)
    settings = load_settings()
    open_parts = partial(open_nightly_parts, load_encoder=encoder_of, by=operator())
    with progress_bars() as report:

        def show(stage: str, done: int, total: int) -> None:
            report(STAGES.get(stage, stage), done, total)

        result = run_nightly(settings, open_parts=open_parts, today=today, on_progress=show)
    if as_json:
        print(json.dumps(result.as_dict(), ensure_ascii=False, indent=1))
        return
    _print_result(result)
    if pinned_name(settings.index_dir) == result.index_version:
        print("The index is pinned by a rollback; `enmusubi index --rebuild` publishes a new one.")


def _parsed(date: str) -> "datetime.date | None":
    import datetime

    try:
        return datetime.date.fromisoformat(date) if date else None
    except ValueError:
        raise typer.BadParameter(f"--date is {date!r}, expected YYYY-MM-DD.") from None


def _listed(need_ids: "Sequence[str]") -> str:
    """Return how many needs these are, and which: their ids, for this output may go into a log."""
    if not need_ids:
        return "no need"
    more = ", …" if len(need_ids) > MAX_SHOWN_NEEDS else ""
    return f"{len(need_ids)} of the needs ({', '.join(need_ids[:MAX_SHOWN_NEEDS])}{more})"


def _print_result(result: "NightlyResult") -> None:
    inbox = result.inbox
    since = f" since {result.compared_with}" if result.compared_with else " (first report)"
    lines = [
        f"Imported {inbox.files_imported} files ({inbox.files_skipped} unchanged): "
        f"{inbox.rows_added} rows added, {inbox.rows_updated} updated.",
        f"Matched {result.matched} of {result.needs} needs with index {result.index_version}"
        + (f", {result.resumed} of them in a run that was stopped." if result.resumed else "."),
        f"New{since}: {result.new_needs} needs, {result.new_researchers} researchers in lists, "
        f"{result.new_evidence} pieces of evidence.",
        f"Nobody fits: {_listed(result.fits_nobody)}.",
        f"Saved searches with news: {result.searches_with_news}.",
        f"Report: {result.report_folder}",
    ]
    if inbox.problems:
        lines.append(f"Not imported ({len(inbox.problems)}):")
        lines += [f"  {problem}" for problem in inbox.problems[:MAX_SHOWN_PROBLEMS]]
        if len(inbox.problems) > MAX_SHOWN_PROBLEMS:
            lines.append("  … the report lists all of them")
    if result.failed:
        lines.append(f"Not matched ({len(result.failed)}):")
        lines += [f"  {need_id}: {reason}" for need_id, reason in result.failed.items()]
    print("\n".join(lines))
