"""`enmusubi train encoder`: tunes the encoder on collections and pairs, into a small adapter."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from cli.named_values import named_values, named_weights
from cli.progress import plain_lines, step
from cli.telling import told, wrong_usage
from enmusubi.messages import Message, listed

if TYPE_CHECKING:
    from matcher.corpus_source import OnTotal
    from training.encoder.card import Training
    from training.encoder.trainer import OnStep

DEFAULT_MINUTES = 60.0
_BAR_UNITS = 10_000
TRAINING = "training"


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
    warm_start: Path | None = typer.Option(
        None, metavar="DIR", help="With --full: the adapter to go on from."
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
        raise wrong_usage(Message("--minutes and --steps exclude each other."))
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
    weights = named_weights(weight)
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
            warm_start=warm_start,
            weights=weights,
            licences=dict(named_values(licence, "--licence")),
            resume=resume,
            on_step=on_step,
            on_progress=on_progress,
        )
    _tell(training, notes, out, as_json=as_json)


@contextmanager
def _progress() -> Iterator[tuple["OnStep", "OnTotal"]]:
    """Give functions that show the training, with its loss, and the steps before it on stderr."""
    if not sys.stderr.isatty():
        with plain_lines() as lines:
            yield (lambda at: lines.show(_at(at))), lines.report
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
    with Progress(
        *columns, TextColumn("{task.fields[loss]}", markup=False), console=Console(stderr=True)
    ) as bar:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int, loss: str = "") -> None:
            if what not in tasks:
                name = "" if what == TRAINING else told(step(what))  # its line says it all
                tasks[what] = bar.add_task(name, total=total, loss="")
            bar.update(tasks[what], completed=done, total=total, loss=loss)

        def on_step(progress: Any) -> None:
            done = int(_BAR_UNITS * progress.fraction())
            show(TRAINING, done, _BAR_UNITS, told(_at(progress)))

        yield on_step, show


def _at(progress: Any) -> Message:
    losses = listed(f"{name} {values[-1]:.2f}" for name, values in progress.losses.items())
    share = f"{100 * progress.fraction():.0f}"
    values = {"share": share, "step": progress.step, "losses": losses}
    return Message("Training: %(share)s per cent, step %(step)s, loss: %(losses)s", values)


def _tell(training: "Training", notes: list[str], out: Path, *, as_json: bool) -> None:
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
