"""`enmusubi train reranker`: fits the re-ranker on judged collections and on the office's judgements."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.telling import tell, write, wrong_usage
from enmusubi.messages import Message

if TYPE_CHECKING:
    from training.feature_tables import FeatureTable
    from training.reranker import Trained

KINDS = ("", "linear", "lambdamart")


def reranker(
    collections: list[str] = typer.Argument(
        metavar="COLLECTION...", help="Folders: DIR or DIR::needs=F,seeds=F,qrels=F."
    ),
    *,
    out: Path | None = typer.Option(None, metavar="FILE", help="Write the re-ranker's JSON file."),
    tables: Path | None = typer.Option(
        None, metavar="DIR", help="Keep the feature tables here (ids and numbers, no text)."
    ),
    weight: list[str] = typer.Option(
        [], metavar="NAME=N", help="How much is learnt from a collection; 1 unless given."
    ),
    kind: str = typer.Option("", help="linear or lambdamart; the one that wins unless given."),
    office: bool = typer.Option(
        True, help="Also learn from the office's judgements, when there are enough."
    ),
    register: bool = typer.Option(
        False, "--register", help="Enter it into the registry as the challenger."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Fit a re-ranker, and measure it on each collection with that collection left out.

    Collections of one folder are left out together. `enmusubi promote` lets a registered one serve.
    Example: enmusubi train reranker judged/faculty judged/topics --register
    """
    from dataclasses import replace

    from cli.named_values import named_weights
    from cli.progress import progress_bars
    from cli.wiring import encoder_of
    from enmusubi.settings import load_settings
    from training.collections import read_specified
    from training.feature_tables import feature_table
    from training.reranker import train_reranker

    if kind not in KINDS:
        raise wrong_usage(
            Message("--kind is %(kind)s, expected linear or lambdamart.", {"kind": repr(kind)})
        )
    if not out and not register:
        raise wrong_usage(Message("Name --out FILE, or --register, or both."))
    weights = named_weights(weight)
    settings = load_settings()
    read = [read_specified(spec) for spec in collections]
    _refuse_unknown(weights, [collection.name for collection in read])
    encoder = encoder_of(settings)
    described: list[FeatureTable] = []
    with progress_bars() as report:
        for collection in read:

            def show(what: str, done: int, total: int, name: str = collection.name) -> None:
                report(f"{name}: {what}", done, total)

            described.append(
                feature_table(
                    collection, encoder, settings.cache_dir, tables=tables, on_progress=show
                )
            )
        judged, verdict = _office_table(settings, encoder, report) if office else (None, "")
    described += [judged] if judged else []
    described = [replace(table, share=weights.get(table.name, 1.0)) for table in described]
    trained = train_reranker(described, encoder_checksum=encoder.checksum, kind=kind)
    version = ""
    if register:
        version = _register(trained, described, read, settings)
    if out:
        _write(out, trained.document)
    _tell(trained, verdict, version, as_json=as_json)


def _refuse_unknown(weights: Mapping[str, float], names: list[str]) -> None:
    for name, value in weights.items():
        if name not in names or not 0 < value < math.inf:
            raise wrong_usage(
                Message(
                    "--weight %(name)s=%(value)s: expected a number above 0 for one of %(names)s.",
                    {"name": name, "value": value, "names": ", ".join(names)},
                )
            )


def _office_table(settings: Any, encoder: Any, report: Any) -> "tuple[FeatureTable | None, str]":
    """Return the table of the office's judgements if they suffice, and the verdict in a sentence."""
    from catalogue.records.catalogue import open_catalogue
    from training.office_examples import office_table

    with open_catalogue(settings.catalogue_url) as catalogue:
        return office_table(catalogue, settings, encoder, report)


def _register(
    trained: "Trained", described: "list[FeatureTable]", read: list[Any], settings: Any
) -> str:
    from training.registry import register_trained

    files = {collection.name: collection.files for collection in read}
    return register_trained(trained, files, settings)


def _write(path: Path, document: dict[str, Any]) -> None:
    from enmusubi.atomic_files import storage_errors, write_atomically
    from training.registry_model import document_bytes

    with storage_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, document_bytes(document))


def _tell(trained: "Trained", verdict: str, version: str, *, as_json: bool) -> None:
    import json

    from cli.tables import Heading, print_table

    figures = trained.figures()
    if as_json:
        told = {
            "kind": trained.document["kind"],
            "left_out": figures,
            "calibration_errors": dict(trained.errors),
            "office": verdict,
            "registered": version,
        }
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    names = list(dict.fromkeys(name for reached in figures.values() for name in reached))
    rows = []
    for name in names:
        error = f"{trained.errors[name]:.3f}" if name in trained.errors else "–"
        rows.append((name, *(f"{figures[kind][name]:.4f}" for kind in figures), error))
    numbers: list[Message | str] = [*trained.compared, Message("calibration error")]
    columns = [
        Heading(Message("nDCG@10, left out")),
        *(Heading(n, is_number=True) for n in numbers),
    ]
    print_table(columns, rows, lines=False)
    tell(Message("Fitted on all: %(kind)s.", {"kind": trained.document["kind"]}))
    if verdict:
        write(verdict)
    if version:
        tell(Message("Registered as version %(version)s, challenger.", {"version": version}))
