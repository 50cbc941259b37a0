"""`enmusubi train`: the encoder and the re-ranker, from your own data."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

if TYPE_CHECKING:
    from matcher.indexing import OnTotal
    from training.encoder.card import Training
    from training.encoder.trainer import OnStep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.feature_tables import FeatureTable
    from training.reranker import Trained

DEFAULT_MINUTES = 60.0
_BAR_UNITS = 10_000

KINDS = ("", "linear", "lambdamart")

train = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@train.callback()
def kinds() -> None:
    """Train a model on your own data.

    Example: enmusubi train encoder collections/faculty --out adapters/faculty --minutes 60
    """


@train.command("encoder")
def encoder(
    sources: list[str] = typer.Argument(
        metavar="SOURCE...",
        help="Folders of collections (DIR or DIR::seeds=A+B,needs=F,qrels=F) and files of pairs.",
    ),
    *,
    out: Path = typer.Option(..., metavar="DIR", help="Folder for the adapter; must be new."),
    minutes: float | None = typer.Option(None, help="Train so long (60 unless --steps)."),
    steps: int | None = typer.Option(None, help="Train so many batches instead."),
    with_needs: bool = typer.Option(False, "--with-needs", help="Learn from judged needs too."),
    hard_negatives: bool = typer.Option(
        False, "--hard-negatives", help="Look for seeds that are near, but another person's."
    ),
    batch: int = typer.Option(72, help="Pairs a batch."),
    mini_batch: int = typer.Option(
        24, help="Texts in memory at a time; 0: the whole batch, faster, needs much memory."
    ),
    full: bool = typer.Option(
        False, "--full", help="Train all layers and cut what changed to a low rank: for hours."
    ),
    learning_rate: float | None = typer.Option(
        None, help="The highest; it rises and falls. 5e-4; with --full 4e-5."
    ),
    temperature: float = typer.Option(0.04, help="Lower: the nearest wrong texts count more."),
    rank: int | None = typer.Option(
        None, help="Rank of the corrections: the adapter's size. 16; with --full 96."
    ),
    passage_tokens: int = typer.Option(112, help="Tokens that are read of a seed's text."),
    anchor_tokens: int = typer.Option(80, help="Tokens that are read of the text that seeks."),
    weight: list[str] = typer.Option([], metavar="NAME=N", help="A source's share of the batches."),
    licence: list[str] = typer.Option([], metavar="NAME=TEXT", help="For the model card."),
    names: Path | None = typer.Option(
        None,
        metavar="FILE",
        help="Names to remove from the texts, one a line, besides those known.",
    ),
    precision: Literal["auto", "fp32", "bf16"] = typer.Option(
        "auto", help="auto: bf16 where the processor or GPU computes it."
    ),
    random_state: int = typer.Option(0, help="The same one gives the same adapter (with --steps)."),
    resume: bool = typer.Option(False, "--resume", help="Go on with an interrupted training."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Tune the encoder, so that texts of one person and their translations come near each other.

    The adapter is merged into the model when ENMUSUBI_ENCODER__ADAPTER names its folder. Names of
    known researchers and e-mail addresses are removed first; DIR holds no text (docs/encoder.md).
    Example: enmusubi train encoder collections/faculty pairs.jsonl.gz --out adapters/faculty
    """
    from enmusubi.settings import load_settings
    from training.encoder.privacy import catalogue_names, listed_names
    from training.encoder.recipe import FULL_RANK, FULL_RATE, Recipe
    from training.encoder.sources import read_sources
    from training.encoder.training import require_libraries, train_encoder

    if minutes is not None and steps is not None:
        raise typer.BadParameter("--minutes and --steps exclude each other")
    recipe = Recipe(
        steps=steps,
        minutes=None if steps else minutes if minutes is not None else DEFAULT_MINUTES,
        batch=batch,
        mini_batch=mini_batch,
        full=full,
        learning_rate=learning_rate or (FULL_RATE if full else Recipe.learning_rate),
        temperature=temperature,
        rank=rank or (FULL_RANK if full else Recipe.rank),
        anchor_tokens=anchor_tokens,
        passage_tokens=passage_tokens,
        hard_negatives=hard_negatives,
        precision=precision,
        random_state=random_state,
    )
    weights = {name: _number(value) for name, value in _stated(weight, "--weight")}
    settings = load_settings()
    require_libraries()
    known = [*catalogue_names(settings), *(listed_names(names) if names else [])]
    found, notes = read_sources(sources, with_needs=with_needs, names=known)
    with _progress() as (on_step, on_progress):
        training = train_encoder(
            found,
            out,
            settings,
            recipe,
            weights=weights,
            licences=dict(_stated(licence, "--licence")),
            resume=resume,
            on_step=on_step,
            on_progress=on_progress,
        )
    _tell_encoder(training, notes, out, as_json=as_json)


def _stated(options: list[str], option: str) -> Iterator[tuple[str, str]]:
    for stated in options:
        name, separator, value = stated.partition("=")
        if not (name and separator and value.strip()):
            raise typer.BadParameter(f"{option} takes NAME=VALUE, not {stated!r}")
        yield name, value.strip()


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise typer.BadParameter(f"--weight takes NAME=NUMBER, not {value!r}") from None


@contextmanager
def _progress() -> Iterator[tuple["OnStep", "OnTotal"]]:
    """Give functions that show the training, with its loss, and the steps before it on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[loss]}"), console=Console(stderr=True)) as bar:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int, loss: str = "") -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total, loss="")
            bar.update(tasks[what], completed=done, total=total, loss=loss)

        def on_step(progress: Any) -> None:
            latest = ", ".join(
                f"{name} {values[-1]:.2f}" for name, values in progress.losses.items()
            )
            done = int(_BAR_UNITS * progress.fraction())
            show("Training", done, _BAR_UNITS, f"step {progress.step}, loss: {latest}")

        yield on_step, show


def _tell_encoder(training: "Training", notes: list[str], out: Path, *, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    from rich.console import Console

    size = sum(path.stat().st_size for path in out.expanduser().iterdir())
    if as_json:
        result = {"adapter": str(out), "bytes": size, **asdict(training), "notes": notes}
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    lines = [
        f"{training.steps} steps in {training.seconds / 60:.1f} minutes.",
        *(
            f"{one.name}: {one.rows} rows, {one.batches} batches"
            + (f", loss {one.first_loss:.3f} to {one.last_loss:.3f}" if one.batches else "")
            for one in training.sources
        ),
        *(f"note: {note}" for note in notes),
        f"Written to {out} ({size / 1e6:.1f} MB). Measure it before it serves: "
        f"ENMUSUBI_ENCODER__ADAPTER={out} enmusubi evaluate DIR",
    ]
    console = Console()
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


@train.command("reranker")
def reranker(
    collections: list[str] = typer.Argument(
        metavar="COLLECTION...", help="Folders: DIR or DIR::needs=F,seeds=F,qrels=F."
    ),
    *,
    out: Path | None = typer.Option(None, metavar="FILE", help="Write the re-ranker's JSON file."),
    tables: Path | None = typer.Option(
        None, metavar="DIR", help="Keep the feature tables here (ids and numbers, no text)."
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
    from cli.wiring import encoder_of, progress_bars
    from enmusubi.settings import load_settings
    from training.collections import read_specified
    from training.feature_tables import feature_table
    from training.reranker import train_reranker

    if kind not in KINDS:
        raise typer.BadParameter(f"--kind is {kind!r}, expected linear or lambdamart")
    if not out and not register:
        raise typer.BadParameter("name --out FILE, or --register, or both")
    settings = load_settings()
    read = [read_specified(spec) for spec in collections]
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
    trained = train_reranker(described, encoder_checksum=encoder.checksum, kind=kind)
    version = ""
    if register:
        version = _register(trained, described, read, settings)
    if out:
        _write(out, trained.document)
    _tell_reranker(trained, verdict, version, as_json=as_json)


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
    import json

    from enmusubi.atomic_files import storage_errors

    with storage_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f".{path.name}.part")
        staged.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
        staged.replace(path)


def _tell_reranker(trained: "Trained", verdict: str, version: str, *, as_json: bool) -> None:
    import json

    from rich.console import Console
    from rich.table import Table

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
    console = Console()
    table = Table("nDCG@10, left out", box=None, pad_edge=False)
    for kind in trained.compared:
        table.add_column(kind, justify="right")
    table.add_column("calibration error", justify="right")
    names = list(dict.fromkeys(name for reached in figures.values() for name in reached))
    for name in names:
        error = f"{trained.errors[name]:.3f}" if name in trained.errors else "–"
        table.add_row(name, *(f"{figures[kind][name]:.4f}" for kind in figures), error)
    console.print(table)
    lines = [f"Fitted on all: {trained.document['kind']}.", verdict]
    lines += [f"Registered as version {version}, challenger."] if version else []
    for line in lines:
        if line:
            console.print(line, highlight=False, markup=False, soft_wrap=True)
