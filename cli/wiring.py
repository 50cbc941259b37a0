"""What the commands share: settings' catalogue and encoder, who runs them, passwords, tables.

The imports stand inside the functions, so that a command loads no more than it uses.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.telling import language, tell, told, wrong_usage
from enmusubi.messages import Message, listed, word

if TYPE_CHECKING:
    from pathlib import Path

    from catalogue.database.viewer import Viewer
    from catalogue.records.catalogue import Catalogue
    from catalogue.records.drafts import Rejection
    from enmusubi.settings import Settings
    from matcher.encoder.encoder import Encoder

SHOWN_REJECTIONS = 20


def encoder_of(settings: "Settings") -> "Encoder":
    """Load the encoder of the settings; say so, as the first time takes a while."""
    from cli.progress import preparing
    from office.configured import configured_encoder

    with preparing():
        return configured_encoder(settings, is_alone=True)


def with_cluster(settings: "Settings", engine: str, shards: int = 0) -> "Settings":
    """Return the settings with what a command names of the cluster; an unknown engine is wrong usage."""
    from enmusubi.cluster_settings import ENGINES

    if engine and engine not in ENGINES:
        raise wrong_usage(Message("--engine is local or ray, not %(value)s.", {"value": engine}))
    named: dict[str, object] = {"engine": engine} if engine else {}
    if shards:
        named["shards"] = shards
    cluster = settings.cluster.model_copy(update=named)
    return settings.model_copy(update={"cluster": cluster})


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


def chief() -> "Viewer":
    """Return who runs the command with the rights of the chief: they can read the catalogue anyway."""
    from catalogue.database.viewer import CHIEF

    return replace(operator(), role=CHIEF)


def write_file(path: "Path", content: bytes) -> None:
    """Write a file that was asked for, and say where."""
    path.write_bytes(content)
    tell(Message("Written: %(path)s", {"path": path}))


def asked_password(*, from_stdin: bool) -> str:
    """Return a password: the first line of stdin, or typed twice without showing it."""
    import typer

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    while True:
        typed, again = (
            typer.prompt(told(message), hide_input=True, err=True)
            for message in (Message("Password"), Message("Repeat for confirmation"))
        )
        if typed == again:
            return str(typed)
        tell(Message("The two entries differ. Try again."), error=True)


def show(rows: Sequence[Any], columns: Mapping[str, Message], *, as_json: bool) -> None:
    """Print records as JSON, or the columns (field → heading) as a table."""
    import json

    import typer

    from cli.tables import Heading, print_table

    if as_json:
        listed = [asdict(row) for row in rows]
        typer.echo(json.dumps(listed, default=_text, ensure_ascii=False))
        return
    if not rows:
        tell(Message("There is nothing to list."))
        return
    cells = [[_cell(getattr(row, field)) for field in columns] for row in rows]
    print_table([Heading(heading) for heading in columns.values()], cells)


def rejection_line(rejection: "Rejection") -> Message:
    """Return what was not taken, where it stands and why."""
    place: object = rejection.file
    if rejection.row:
        at = {"file": rejection.file, "row": rejection.row}
        place = Message("%(file)s, row %(row)s", at)
    what: list[object] = [word("scope", rejection.scope)] if rejection.scope else []
    what += [rejection.field] if rejection.field else []
    where = listed([place, listed(what, " ")] if what else [place])
    if rejection.found:
        told_shape = {"place": where, "reason": rejection.message, "shape": rejection.found}
        return Message("%(place)s: %(reason)s (%(shape)s)", told_shape)
    return Message("%(name)s: %(value)s", {"name": where, "value": rejection.message})


def tell_rejections(rejections: Sequence["Rejection"]) -> None:
    """Print the first rejections, a line each, and how many more there are."""
    for rejection in rejections[:SHOWN_REJECTIONS]:
        tell(rejection_line(rejection), indent=2)
    if len(rejections) > SHOWN_REJECTIONS:
        more = {"count": f"{len(rejections) - SHOWN_REJECTIONS:,}"}
        tell(Message("… and %(count)s more; `--json` lists them.", more), indent=2)


def minute(moment: datetime) -> str:
    """Return a moment to the minute, in the office's time."""
    from enmusubi.settings import local_time

    return f"{local_time(moment, language()):%Y-%m-%d %H:%M}"


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return minute(value)
    if isinstance(value, tuple):
        return "\n".join(value)
    if isinstance(value, bool):
        return told(Message("yes" if value else "no"))
    return str(value) if value is not None else ""


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
