"""What the commands share: settings' catalogue and encoder, progress, who runs them, passwords, tables.

The imports stand inside the functions, so that a command loads no more than it uses.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalogue.database.viewer import Viewer
    from catalogue.records.catalogue import Catalogue
    from enmusubi.settings import Settings
    from matcher.encoder.encoder import Encoder
    from matcher.indexing import OnTotal


STEPS = {
    "encode": "Encoding passages",
    "words": "Encoding words",
    "index": "Writing the index",
}


@contextmanager
def progress_bars() -> Iterator["OnTotal"]:
    """Give a function that shows a bar on stderr for each step it is told of."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = ("[progress.description]{task.description}", BarColumn(), MofNCompleteColumn())
    with Progress(
        *(TextColumn(c) if isinstance(c, str) else c for c in columns),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as progress:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(STEPS.get(what, what), total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield report


def encoder_of(settings: "Settings") -> "Encoder":
    """Load the encoder of the settings; the first time, say that it is being built."""
    from rich.console import Console

    from office.configured import configured_encoder

    with Console(stderr=True).status("Preparing the encoder (the first time takes half a minute)"):
        return configured_encoder(settings)


@contextmanager
def opened() -> Iterator["Catalogue"]:
    """Give the catalogue of the settings."""
    from catalogue.records.catalogue import open_catalogue
    from enmusubi.settings import load_settings

    with open_catalogue(load_settings().catalogue_url) as catalogue:
        yield catalogue


def operator() -> "Viewer":
    """Return who runs the command, for the audit trail: the user of the operating system."""
    import getpass

    from catalogue.database.viewer import ADMINISTRATOR, OPERATOR, Viewer

    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = "unknown"
    return Viewer(name, ADMINISTRATOR, OPERATOR)


def asked_password(*, from_stdin: bool) -> str:
    """Return a password: the first line of stdin, or typed twice without showing it."""
    import typer

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def show(rows: Sequence[Any], columns: Mapping[str, str], *, as_json: bool) -> None:
    """Print records as JSON, or the columns (field → heading) as a table."""
    import json

    import typer

    if as_json:
        listed = [asdict(row) for row in rows]
        typer.echo(json.dumps(listed, default=_text, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(*(Column(heading, overflow="fold") for heading in columns.values()))
    for row in rows:
        table.add_row(*(_cell(getattr(row, field)) for field in columns))
    Console().print(table)


def _cell(value: Any) -> str:
    from rich.markup import escape

    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M}"
    if isinstance(value, tuple):
        return escape("\n".join(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return escape(str(value)) if value is not None else ""


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
