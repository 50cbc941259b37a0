"""`enmusubi doctor`: what is installed, which model and index, what is missing and how to get it."""

import sys
from typing import TYPE_CHECKING

import typer

from enmusubi.messages import Message, word

if TYPE_CHECKING:
    from enmusubi.settings import Settings
    from office.diagnosis import Check

CHECK = "check"  # the context of what was looked at, and how it is
STATE_CELLS, NAME_CELLS = 8, 24
LIBRARIES = ("torch", "sentence-transformers", "faiss-cpu", "tantivy", "sudachipy", "sqlalchemy")
OPTIONAL = {
    "mlflow": Message("evaluate --mlflow; pip install 'enmusubi[tracking]'"),
    "psycopg": Message("PostgreSQL; pip install 'enmusubi[postgresql]'"),
    "nbclient": Message("the notebooks; pip install 'enmusubi[notebooks]'"),
}


def doctor(
    deep: bool = typer.Option(
        False, "--deep", help="Check every row of the catalogue against its sources; takes a while."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Check the installation and say how to get what is missing.

    Leaves with 1 when something is missing, or a mail server that is set cannot be used.
    Example: enmusubi doctor
    """
    import json

    from cli.telling import language
    from enmusubi.language_setting import settings_file
    from enmusubi.settings import load_settings
    from office import diagnosis

    settings = load_settings()
    checks = [
        *_libraries(),
        diagnosis.check_folder(settings),
        diagnosis.check_private(settings),
        diagnosis.check_settings_file(settings, settings_file()),
        diagnosis.check_encoder(settings),
        *_device(settings),
        *_catalogue(settings, deep=deep),
        diagnosis.check_index(settings, language()),
        diagnosis.check_reranker(settings),
        diagnosis.check_mail_server(settings),
    ]
    if as_json:
        told = [
            {"check": one.name, "state": one.state, "detail": str(one.detail)} for one in checks
        ]
        print(json.dumps(told, indent=1))
    else:
        for one in checks:
            _print(one)
    if any(one.state == diagnosis.MISSING for one in checks):
        raise typer.Exit(1)


def _print(check: "Check") -> None:
    """Print state, name and detail: beside each other where there is room, else one below the other."""
    from rich.cells import set_cell_size
    from rich.console import Console

    from cli.telling import fold, longest_piece, told

    state, name = told(word(CHECK, check.state)), told(word(CHECK, check.name))
    detail, width = told(check.detail), Console().width
    label = set_cell_size(state, STATE_CELLS) + set_cell_size(name, NAME_CELLS)
    room = width - STATE_CELLS - NAME_CELLS
    if not sys.stdout.isatty():
        print(label + detail)
        return
    if longest_piece(detail) > room:
        room = width - STATE_CELLS
        label = label.rstrip() + "\n" + " " * STATE_CELLS
        indent = STATE_CELLS
    else:
        indent = STATE_CELLS + NAME_CELLS
    print(label + f"\n{' ' * indent}".join(fold(detail, room)))


def _device(settings: "Settings") -> list["Check"]:
    from office.diagnosis import NOTE, Check

    if (device := settings.encoder.device) == "cpu":
        return []
    detail = Message(
        "%(device)s computes the vectors; the project's tests have not been run on one",
        {"device": device},
    )
    return [Check("device", NOTE, detail)]


def _libraries() -> list["Check"]:
    import platform
    from importlib import metadata

    from enmusubi import __version__
    from enmusubi.messages import verbatim
    from enmusubi.threads import usable_cores
    from matcher.encoder.loading import choose_precision
    from office.diagnosis import MISSING, NOTE, OK, Check

    arithmetic = choose_precision("auto")
    checks = [
        Check("enmusubi", OK, verbatim(f"{__version__}, Python {platform.python_version()}")),
        Check(
            "processor",
            OK,
            Message("encoder.precision = auto takes %(precision)s here", {"precision": arithmetic}),
        ),
        Check("cores", OK, Message("%(count)s may be used", {"count": usable_cores()})),
    ]
    for library in (*LIBRARIES, *OPTIONAL):
        try:
            checks.append(Check(library, OK, verbatim(metadata.version(library))))
        except metadata.PackageNotFoundError:
            if use := OPTIONAL.get(library):
                missing = Message("not installed; for %(use)s", {"use": use})
                checks.append(Check(library, NOTE, missing))
            else:
                checks.append(Check(library, MISSING, verbatim("make install")))
    return checks


def _catalogue(settings: "Settings", *, deep: bool) -> list["Check"]:
    from catalogue.records.catalogue import open_catalogue
    from enmusubi.errors import EnmusubiError
    from office.diagnosis import MISSING, Check, check_mails, check_rows, check_secrets

    try:
        with open_catalogue(settings.catalogue_url) as catalogue:
            rows = check_rows(catalogue, deep=deep)
            return [*rows, *check_mails(catalogue), check_secrets(settings, catalogue)]
    except EnmusubiError as error:
        return [Check("catalogue", MISSING, error.message)]
