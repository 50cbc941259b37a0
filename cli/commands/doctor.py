"""`enmusubi doctor`: what is installed, which model and index, what is missing and how to get it."""

from typing import TYPE_CHECKING

import typer

from enmusubi.messages import Message

if TYPE_CHECKING:
    from enmusubi.settings import Settings
    from office.diagnosis import Check

LIBRARIES = ("torch", "sentence-transformers", "faiss-cpu", "bm25s", "sudachipy", "sqlalchemy")
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

    Leaves with 1 when something that matching needs is missing. Example: enmusubi doctor
    """
    import json

    from enmusubi.settings import load_settings, message_language
    from enmusubi.translation import say
    from office import diagnosis

    settings = load_settings()
    language = message_language(settings.language)
    checks = [
        *_libraries(),
        diagnosis.check_folder(settings),
        diagnosis.check_encoder(settings),
        *_catalogue(settings, deep=deep),
        diagnosis.check_index(settings),
        diagnosis.check_reranker(settings),
    ]
    if as_json:
        told = [
            {"check": one.name, "state": one.state, "detail": str(one.detail)} for one in checks
        ]
        print(json.dumps(told, indent=1))
    else:
        for one in checks:
            print(f"{one.state:8}{one.name:24}{say(one.detail, language)}")
    if any(one.state == diagnosis.MISSING for one in checks):
        raise typer.Exit(1)


def _libraries() -> list["Check"]:
    import platform
    from importlib import metadata

    from enmusubi import __version__
    from enmusubi.messages import verbatim
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
    from office.diagnosis import MISSING, Check, check_rows

    try:
        with open_catalogue(settings.catalogue_url) as catalogue:
            return check_rows(catalogue, deep=deep)
    except EnmusubiError as error:
        return [Check("catalogue", MISSING, error.message)]
