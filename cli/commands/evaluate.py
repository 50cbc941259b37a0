"""`enmusubi evaluate`: the metrics of the serving pipeline on a judged collection."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.telling import tell
from enmusubi.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.evaluation import EvaluationResult
    from training.metrics import Interval


def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the collection.")],
    *,
    needs: Annotated[str | None, typer.Option(metavar="F", help="Path, or file of DIR.")] = None,
    seeds: Annotated[str | None, typer.Option(metavar="F", help="Path, or file of DIR.")] = None,
    qrels: Annotated[str | None, typer.Option(metavar="F", help="Path, or file of DIR.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="RUN", help="Write a TREC run file.")] = None,
    versions: Annotated[
        Path | None,
        typer.Option(
            metavar="F", help="Pairs of need ids, a need in two languages: their overlap."
        ),
    ] = None,
    depth: Annotated[int, typer.Option(min=1, help="Researchers ranked for each need.")] = 1000,
    top: Annotated[int | None, typer.Option(min=1, help="Only the first so many needs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    mlflow: Annotated[bool, typer.Option("--mlflow", help="Log to the MLflow store.")] = False,
) -> None:
    """Rank researchers for every need of a judged collection and print the metrics.

    DIR holds needs.jsonl, seeds.jsonl.gz, qrels.txt and, optionally, researchers.jsonl
    (docs/evaluation.md). It is indexed anew, the catalogue is not touched.
    Example: enmusubi evaluate collections/faculty --out run.txt
    """
    import json

    from cli.progress import progress_bars
    from cli.wiring import encoder_of
    from enmusubi.settings import load_settings
    from training.collections import read_collection
    from training.evaluation import evaluate_collection
    from training.parity import language_parity, read_versions
    from training.tracking import import_mlflow, log_evaluation
    from training.trec import check_writable, write_run

    settings = load_settings()
    pairs = read_versions(versions) if versions else []
    if out is not None:
        check_writable(out)
    if mlflow:
        import_mlflow()  # a missing extra is told before the work
    collection = read_collection(folder, needs=needs, seeds=seeds, qrels=qrels)
    encoder = encoder_of(settings)
    with progress_bars() as report:
        result = evaluate_collection(
            collection, settings, depth=depth, top=top, encoder=encoder, on_progress=report
        )
    if out is not None:
        write_run(result.run, out)
    parity = language_parity(result.run, pairs) if pairs else None
    logged = log_evaluation(result, collection, settings, depth=depth) if mlflow else None
    if as_json:
        told = _as_json(result, logged) | ({"parity": _values({"rbo": parity})} if parity else {})
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    _print_result(result)
    if parity:
        value, interval = _cells(parity)
        tell(
            Message(
                "rank-biased overlap of %(count)s needs in two languages: %(value)s (%(interval)s)",
                {"count": len(pairs), "value": value, "interval": interval},
            )
        )
    if logged:
        tell(Message("MLflow run %(run)s", {"run": logged}))


def _as_json(result: "EvaluationResult", mlflow_run: str | None) -> dict[str, Any]:
    model = result.index["model"]
    return {
        "collection": result.collection,
        **_values(result.metrics),
        "by_language": {
            language: {"needs": result.needs_by_language[language], **_values(intervals)}
            for language, intervals in result.by_language.items()
        },
        "counts": dict(result.counts),
        "notes": result.notes,
        "seconds": round(result.seconds, 3),
        "model": model,
        "index": {key: value for key, value in result.index.items() if key != "model"},
        "mlflow_run": mlflow_run,
    }


def _values(intervals: "Mapping[str, Interval]") -> dict[str, Any]:
    return {
        "metrics": {name: interval.mean for name, interval in intervals.items()},
        "intervals": {name: [i.low, i.high] for name, i in intervals.items()},
    }


def _print_result(result: "EvaluationResult") -> None:
    from cli.tables import Heading, print_table
    from cli.telling import told

    counts, model = result.counts, result.index["model"]
    tell(
        Message(
            "%(collection)s: %(measured)s of %(needs)s needs measured, %(researchers)s researchers, "
            "%(seeds)s seeds, %(seconds)s s, model %(model)s",
            {
                "collection": result.collection,
                "measured": counts["needs_measured"],
                "needs": counts["needs"],
                "researchers": counts["researchers"],
                "seeds": counts["seeds"],
                "seconds": f"{result.seconds:.1f}",
                "model": f"{model['name']}@{model['checksum']} {model['precision']}",
            },
        )
    )
    groups = {
        told(Message("all (%(count)s)", {"count": counts["needs_measured"]})): result.metrics
    } | {
        f"{language} ({result.needs_by_language[language]})": intervals
        for language, intervals in result.by_language.items()
    }
    columns = [Heading(Message("metric"))]
    for name in groups:
        columns += [Heading(name, is_number=True), Heading("95 %")]
    rows = [
        (metric, *(cell for group in groups.values() for cell in _cells(group[metric])))
        for metric in result.metrics
    ]
    print_table(columns, rows, lines=False)
    for note in result.notes:
        tell(Message("note: %(note)s", {"note": note}))


def _cells(interval: "Interval") -> tuple[str, str]:
    return f"{interval.mean:.4f}", f"{interval.low:.3f}–{interval.high:.3f}"
