"""`enmusubi promote`: a trained re-ranker becomes the one that serves, unless it is worse."""

from typing import TYPE_CHECKING, Any

import typer

from cli.telling import tell, told, wrong_usage
from enmusubi.messages import THINGS, Message, word

if TYPE_CHECKING:
    from enmusubi.settings import Settings
    from training.comparison import Comparison
    from training.metrics import Interval
    from training.promotion import Candidate


def promote(
    collections: list[str] = typer.Option(
        [], "--collections", metavar="DIR[::needs=F,seeds=F,qrels=F]",
        help="A judged collection to compare on; may be given several times.",
    ),
    model: str = typer.Option("challenger", "--model", help="Version, run id or alias."),
    rollback: bool = typer.Option(False, "--rollback", help="Go back to the champion before."),
    force: bool = typer.Option(False, "--force", help="Promote it though it may be worse."),
    reason: str = typer.Option("", "--reason", help="Why it is forced; kept in the registry."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:  # fmt: skip
    """Compare the challenger with the champion on every collection; let it serve unless worse.

    A challenger that is significantly worse anywhere (nDCG@10, paired randomisation test, Holm's
    correction) is refused, unless --force gives a --reason. A running server takes the new
    champion over. Example: enmusubi promote --collections judged/faculty --collections judged/rnd
    """
    from enmusubi.settings import load_settings
    from training.promotion import promoting

    if force != bool(reason.strip()):
        raise wrong_usage(Message("--force and --reason TEXT go together."))
    if not (collections or force or rollback):
        raise wrong_usage(Message("Name --collections to compare on, or --force with a --reason."))
    settings = load_settings()
    with promoting(settings):
        if rollback:
            _roll_back(settings, yes=yes, as_json=as_json)
        else:
            _promote(settings, collections, model, reason.strip(), yes=yes, as_json=as_json)


def _roll_back(settings: "Settings", *, yes: bool, as_json: bool) -> None:
    import json

    from training.promotion import roll_back

    if not yes:
        typer.confirm(told(Message("Go back to the champion before?")), abort=True, err=True)
    serving = roll_back(settings)
    print(json.dumps({"serving": serving}) if as_json else f"Serving from now on: {serving}.")


def _promote(
    settings: "Settings", specs: list[str], model: str, reason: str, *, yes: bool, as_json: bool
) -> None:
    from cli.progress import progress_bars
    from cli.wiring import encoder_of
    from training.collections import read_specified
    from training.promotion import compare_candidate, find_candidate
    from training.promotion import promote as carry_out

    collections = [read_specified(spec) for spec in specs]
    encoder = encoder_of(settings)
    candidate = find_candidate(model, settings, encoder.checksum)
    compared: list[Comparison] = []
    notes = list(candidate.notes)
    if collections and not candidate.is_champion:
        with progress_bars() as report:
            compared, notes = compare_candidate(candidate, collections, settings, encoder, report)
    if settings.reranker.model != "champion":
        notes.append(f"reranker.model is {settings.reranker.model!r}: no champion serves")
    worse = [comparison for comparison in compared if comparison.worse]
    allowed = bool(reason) or not worse
    if not as_json:
        _print_comparison(candidate, compared, notes)
    if allowed:
        if not yes:
            question = Message("Let %(model)s serve?", {"model": _name(candidate)})
            typer.confirm(told(question), abort=True, err=True)
        carry_out(candidate, settings, reason=reason or None)
    _tell(candidate, compared, notes, promoted=allowed, as_json=as_json)
    if not allowed:
        raise typer.Exit(1)


def _name(candidate: "Candidate") -> str:
    return f"version {candidate.registered.version}"


def _print_comparison(
    candidate: "Candidate", compared: list["Comparison"], notes: list[str]
) -> None:
    from cli.tables import Heading, print_table

    if compared:
        figures = (
            word(THINGS, "needs"),
            candidate.present_name,
            _name(candidate),
            Message("difference"),
            "95 %",
            "p",
            "Holm",
        )
        columns = [
            Heading(Message("collection")),
            *(Heading(one, is_number=True) for one in figures),
        ]
        print("nDCG@10")
        print_table(columns, [(one.collection, *_cells(one)) for one in compared], lines=False)
    for note in notes:
        tell(Message("note: %(note)s", {"note": note}))


def _cells(one: "Comparison") -> tuple[str, ...]:
    return (
        str(one.needs),
        f"{one.champion.mean:.4f}",
        f"{one.challenger.mean:.4f}",
        f"{one.difference.mean:+.4f}",
        f"{one.difference.low:+.3f} to {one.difference.high:+.3f}",
        f"{one.p_value:.4f}",
        f"{one.adjusted:.4f}",
    )


def _tell(
    candidate: "Candidate",
    compared: list["Comparison"],
    notes: list[str],
    *,
    promoted: bool,
    as_json: bool,
) -> None:
    import json
    import sys

    if as_json:
        result = _as_json(candidate, compared, notes)
        print(json.dumps({**result, "promoted": promoted}, ensure_ascii=False, indent=1))
    elif promoted:
        print(f"Serving from now on: {_name(candidate)}. Go back: enmusubi promote --rollback")
    if not promoted:
        where = "; ".join(
            f"{one.collection} by {-one.difference.mean:.4f} (p {one.adjusted:.4f} after Holm)"
            for one in compared
            if one.worse
        )
        print(
            f"error: {_name(candidate)} is significantly worse than {candidate.present_name} on "
            f"{where}. It was not promoted. Use --force with a --reason to promote it all the same.",
            file=sys.stderr,
        )


def _as_json(
    candidate: "Candidate", compared: list["Comparison"], notes: list[str]
) -> dict[str, Any]:
    return {
        "model": candidate.registered.version,
        "run": candidate.registered.run_id,
        "champion": candidate.present.version if candidate.present else None,
        "collections": [
            {
                "collection": one.collection,
                "needs": one.needs,
                "champion": _values(one.champion),
                "challenger": _values(one.challenger),
                "difference": _values(one.difference),
                "p_value": one.p_value,
                "p_value_holm": one.adjusted,
                "worse": one.worse,
            }
            for one in compared
        ],
        "notes": notes,
    }


def _values(interval: "Interval") -> dict[str, float]:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}
