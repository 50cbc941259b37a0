"""`enmusubi nightly`: what runs while the office sleeps."""

from typing import TYPE_CHECKING

import typer

from cli.telling import tell, wrong_usage
from enmusubi.messages import Message, listed

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence

    from office.nightly.run import NightlyResult

MAX_SHOWN_PROBLEMS = 10
MAX_SHOWN_NEEDS = 20
PINNED = Message(
    "The index is pinned by a rollback; `enmusubi index --rebuild` publishes a new one."
)


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

    from cli.progress import progress_bars
    from cli.wiring import encoder_of, operator
    from enmusubi.settings import load_settings
    from indexes.versions import pinned_name
    from office.nightly.parts import open_nightly_parts
    from office.nightly.run import run_nightly

    today = _parsed(date)
    settings = load_settings()
    open_parts = partial(open_nightly_parts, load_encoder=encoder_of, by=operator())
    with progress_bars() as report:
        result = run_nightly(settings, open_parts=open_parts, today=today, on_progress=report)
    if as_json:
        print(json.dumps(result.as_dict(), ensure_ascii=False, indent=1))
        return
    _print_result(result)
    if pinned_name(settings.index_dir) == result.index_version:
        tell(PINNED)


def _parsed(date: str) -> "datetime.date | None":
    import datetime

    try:
        return datetime.date.fromisoformat(date) if date else None
    except ValueError:
        raise wrong_usage(
            Message("--date is %(date)s, expected YYYY-MM-DD.", {"date": repr(date)})
        ) from None


def _nobody_fits(need_ids: "Sequence[str]") -> Message:
    """Return how many needs these are, and which: their ids, for this output may go into a log."""
    if not need_ids:
        return Message("Nobody fits: no need.")
    more = ["…"] if len(need_ids) > MAX_SHOWN_NEEDS else []
    named = {"count": len(need_ids), "needs": listed([*need_ids[:MAX_SHOWN_NEEDS], *more])}
    return Message("Nobody fits: %(count)s of the needs (%(needs)s).", named)


def _print_result(result: "NightlyResult") -> None:
    for line in _lines(result):
        tell(line)
    inbox = result.inbox
    if inbox.problems:
        tell(Message("Not imported (%(count)s):", {"count": len(inbox.problems)}))
        for problem in inbox.problems[:MAX_SHOWN_PROBLEMS]:
            tell(problem, indent=2)
        if len(inbox.problems) > MAX_SHOWN_PROBLEMS:
            tell(Message("… the report lists all of them"), indent=2)
    if result.failed:
        tell(Message("Not matched (%(count)s):", {"count": len(result.failed)}))
        for need_id, reason in result.failed.items():
            tell(Message("%(name)s: %(value)s", {"name": need_id, "value": reason}), indent=2)


def _lines(result: "NightlyResult") -> "Iterator[Message]":
    inbox = result.inbox
    yield Message(
        "Imported %(files)s files (%(unchanged)s unchanged): %(added)s rows added, %(updated)s "
        "updated.",
        {
            "files": inbox.files_imported,
            "unchanged": inbox.files_skipped,
            "added": inbox.rows_added,
            "updated": inbox.rows_updated,
        },
    )
    matched = {"matched": result.matched, "needs": result.needs, "index": result.index_version}
    if result.resumed:
        yield Message(
            "Matched %(matched)s of %(needs)s needs with index %(index)s, %(resumed)s of them in a "
            "run that was stopped.",
            {**matched, "resumed": result.resumed},
        )
    else:
        yield Message("Matched %(matched)s of %(needs)s needs with index %(index)s.", matched)
    new = {
        "needs": result.new_needs,
        "researchers": result.new_researchers,
        "evidence": result.new_evidence,
    }
    if result.compared_with:
        yield Message(
            "New since %(day)s: %(needs)s needs, %(researchers)s researchers in lists, "
            "%(evidence)s pieces of evidence.",
            {**new, "day": result.compared_with},
        )
    else:
        yield Message(
            "New (first report): %(needs)s needs, %(researchers)s researchers in lists, "
            "%(evidence)s pieces of evidence.",
            new,
        )
    yield _nobody_fits(result.fits_nobody)
    yield Message("Saved searches with news: %(count)s.", {"count": result.searches_with_news})
    yield Message(
        "Dormant needs that new seeds may suit: %(count)s.", {"count": len(result.dormant)}
    )
    yield Message(
        "Themes that companies share: %(count)s, new or larger: %(new)s.",
        {"count": result.themes, "new": result.new_themes},
    )
    yield Message("Unused patents with other companies: %(count)s.", {"count": len(result.unused)})
    yield Message("Report: %(folder)s", {"folder": result.report_folder})
