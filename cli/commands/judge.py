"""`enmusubi judge`: what the office makes of a match, so that the ranking can learn from it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.telling import language, tell, wrong_usage
from cli.wiring import opened, operator, tell_rejections
from enmusubi.messages import Message, listed, word

if TYPE_CHECKING:
    from catalogue.importers.judgement_files import JudgementReport
    from catalogue.judgements.judgements import Judgement

JUDGED = "judged"  # the context of verdicts, reasons and stages


def judge(
    need_id: str = typer.Argument("", metavar="[NEED", help="Id of a need in the catalogue."),
    researcher_id: str = typer.Argument("", metavar="RESEARCHER]", help="The researcher's id."),
    suitable: bool = typer.Option(False, "--suitable", help="The researcher fits the need."),
    not_suitable: str = typer.Option(
        "",
        "--not-suitable",
        metavar="REASON",
        help="too_early, no_benefit, no_commercial_route, description_vague, wrong_field, "
        "no_capacity, conflict, other.",
    ),
    stage: str = typer.Option(
        "",
        "--stage",
        metavar="STAGE",
        help="How far the two came: discovery, dialogue, nda, small_prototype, full_prototype, "
        "deployment; or declined.",
    ),
    by: str = typer.Option("", "--by", metavar="ID", help="Who judges; any id, or empty for none."),
    listed: bool = typer.Option(False, "--list", help="List the judgements that stand."),
    history: bool = typer.Option(False, "--history", help="List superseded ones, too."),
    judges: bool = typer.Option(
        False, "--judges", help="List who judged, how much of it counts, and whom it favours."
    ),
    file: Path | None = typer.Option(
        None, "--import", metavar="FILE", help="Record the judgements of a CSV or TSV file."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Record what became of a match: suitable, not suitable and why, or how far the two came.

    A later judgement supersedes an earlier one; none is deleted. The rank at which the person was
    shown is kept with it (docs/judgements.md).

    \b
    Example: enmusubi judge N-12 HU-0101 --suitable
             enmusubi judge N-12 HU-0101 --stage nda
             enmusubi judge N-12 HU-0102 --not-suitable too_early
             enmusubi judge --import judgements.csv
    """
    listing = listed or history
    if judges and not (listing or suitable or not_suitable or stage or file):
        _list_judges(as_json=as_json)
        return
    says_something = suitable or bool(not_suitable) or bool(stage)
    if listing + says_something + (file is not None) != 1 or (suitable and not_suitable):
        raise wrong_usage(
            Message(
                "Give --suitable, --not-suitable REASON or --stage STAGE, or else --list or --import."
            )
        )
    if listing:
        _list(need_id, researcher_id, history=history, as_json=as_json)
    elif file is not None:
        _import(file, as_json=as_json)
    elif not (need_id and researcher_id):
        raise wrong_usage(Message("A judgement needs the ids of a need and of a researcher."))
    else:
        from catalogue.database.judgement_models import as_code
        from catalogue.judgements.judgements import Judgement

        verdict = "suitable" if suitable else "not_suitable" if not_suitable else ""
        codes = (verdict, as_code(not_suitable), as_code(stage))
        _record(Judgement(need_id, researcher_id, *codes, judged_by=by), as_json=as_json)


def _record(judgement: "Judgement", *, as_json: bool) -> None:
    import json

    from catalogue.judgements.judgements import record_judgement
    from catalogue.records.drafts import ADDED
    from office.access import audit

    with opened() as catalogue, catalogue.writing() as connection:
        recorded = record_judgement(connection, judgement)
        if recorded.change == ADDED:
            codes = {name: getattr(judgement, name) for name in ("verdict", "reason", "stage")}
            told = {"researcher_id": recorded.researcher_id, **codes}
            audit.record(connection, operator(), "judge", "need", judgement.need_id, **told)
    if as_json:
        print(json.dumps(vars(recorded), ensure_ascii=False))
        return
    place = (
        Message("last shown at rank %(rank)s", {"rank": recorded.rank})
        if recorded.rank
        else Message("never shown for this need")
    )
    tell(
        Message(
            "Recorded: %(researcher)s for %(need)s, %(place)s."
            if recorded.change == ADDED
            else "Known already, nothing changed: %(researcher)s for %(need)s, %(place)s.",
            {
                "researcher": recorded.researcher_id,
                "need": judgement.need_id,
                "place": place,
            },
        )
    )


def _list(need_id: str, researcher_id: str, *, history: bool, as_json: bool) -> None:
    from catalogue.judgements.judgements import judgements

    with opened() as catalogue, catalogue.reading() as connection:
        found = judgements(connection, history=history)
    for name, asked in (("need_id", need_id), ("researcher_id", researcher_id)):
        if asked:
            found = found[found[name].eq(asked)]
    if as_json:
        print(found.to_json(orient="records", date_format="iso", force_ascii=False))
        return
    for row in found.astype({"rank": object}).to_dict("records"):
        tell(_line(row))
    tell(Message("%(count)s judgements.", {"count": f"{len(found):,}"}))


def _list_judges(*, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    from catalogue.judgements.judgements import judgements
    from catalogue.judgements.judges import judge_rows
    from catalogue.judgements.relevance import FREE, OF_ONE

    with opened() as catalogue, catalogue.reading() as connection:
        rows = judge_rows(judgements(connection), judgements(connection, history=True))
    if as_json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        tell(Message("%(judge)s: %(judgements)s judgements, %(counted)s counted", asdict(row)))
        if row.most_for:
            favoured = Message(
                "  most often for %(most_for)s: %(for_them)s of %(suitable)s found suitable; others "
                "found them so %(others_for_them)s times; %(reversed)s verdicts of others reversed",
                asdict(row),
            )
            tell(favoured)
    tell(
        Message(
            "%(count)s judges. Of one judge about one researcher %(of_one)s judgements count, of all by one "
            "judge %(free)s, or half of what all others' count if that is more.",
            {"count": len(rows), "free": FREE, "of_one": OF_ONE},
        )
    )


def _line(row: Mapping[Any, Any]) -> Message:
    from enmusubi.settings import local_time

    pair = {"need": row["need_id"], "researcher": row["researcher_id"]}
    first = Message("%(need)s  %(researcher)s", pair)
    if row["verdict"]:
        verdict = word(JUDGED, row["verdict"].replace("_", " "))
        reason = word(JUDGED, row["reason"].replace("_", " "))
        judged = {**pair, "verdict": verdict, "reason": reason}
        first = (
            Message("%(need)s  %(researcher)s  %(verdict)s (%(reason)s)", judged)
            if row["reason"]
            else Message("%(need)s  %(researcher)s  %(verdict)s", {**pair, "verdict": verdict})
        )
    parts: list[object] = [first]
    parts += [word(JUDGED, row["stage"].replace("_", " "))] if row["stage"] else []
    if isinstance(row["rank"], int):
        parts += [Message("rank %(rank)s", {"rank": row["rank"]})]
    parts += [f"{local_time(row['judged_at'], language()):%Y-%m-%d}"]
    parts += [row["judged_by"]] if row["judged_by"] else []
    return Message("%(value)s", {"value": listed(parts)})


def _import(path: Path, *, as_json: bool) -> None:
    import json

    from catalogue.importers.judgement_files import import_judgements

    with opened() as catalogue:
        report = import_judgements(catalogue, path)
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
    else:
        _print_report(report)
    if report.rejections and not report.added and not report.unchanged:
        raise typer.Exit(1)


def _print_report(report: "JudgementReport") -> None:
    rejected = report.rejections
    tell(
        Message(
            "%(read)s rows read: %(added)s judgements added, %(unchanged)s known already, "
            "%(rejected)s rejected.",
            {
                "read": f"{report.read:,}",
                "added": f"{report.added:,}",
                "unchanged": f"{report.unchanged:,}",
                "rejected": f"{len(rejected):,}",
            },
        )
    )
    tell_rejections([replace(rejection, scope="") for rejection in rejected])
