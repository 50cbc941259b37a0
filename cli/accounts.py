"""What the commands of accounts, machines and keys share: who runs them, passwords, and tables."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalogue.database.viewer import Viewer
    from catalogue.records.catalogue import Catalogue


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
