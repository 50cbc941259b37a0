"""`enmusubi doctor`: what is installed, which model and index, what is missing and how to get it."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from enmusubi.matcher.settings import Settings

LIBRARIES = ("torch", "sentence-transformers", "faiss-cpu", "bm25s", "sudachipy", "sqlalchemy")
OPTIONAL = {
    "mlflow": "evaluate --mlflow; pip install 'enmusubi[tracking]'",
    "psycopg": "PostgreSQL; pip install 'enmusubi[postgresql]'",
    "nbclient": "the notebooks; pip install 'enmusubi[notebooks]'",
}
OK, MISSING, NOTE = "ok", "missing", "note"


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

    from enmusubi.matcher.settings import load_settings

    settings = load_settings()
    checks = [
        *_libraries(),
        _folder("data folder", settings),
        _model(settings),
        *_catalogue(settings, deep=deep),
        _index(settings),
        _reranker(settings),
    ]
    if as_json:
        keys = ("check", "state", "detail")
        print(json.dumps([dict(zip(keys, check, strict=True)) for check in checks], indent=1))
    else:
        for name, state, detail in checks:
            print(f"{state:8}{name:24}{detail}")
    if any(state == MISSING for _, state, _ in checks):
        raise typer.Exit(1)


def _libraries() -> list[tuple[str, str, str]]:
    import platform
    from importlib import metadata

    from enmusubi import __version__
    from enmusubi.matcher.encoder.precision import choose_precision

    arithmetic = choose_precision("auto")
    checks = [
        ("enmusubi", OK, f"{__version__}, Python {platform.python_version()}"),
        ("processor", OK, f"encoder.precision = auto takes {arithmetic} here"),
    ]
    for library in (*LIBRARIES, *OPTIONAL):
        try:
            checks.append((library, OK, metadata.version(library)))
        except metadata.PackageNotFoundError:
            use = OPTIONAL.get(library)
            state, detail = (
                (NOTE, f"not installed; for {use}") if use else (MISSING, "make install")
            )
            checks.append((library, state, detail))
    return checks


def _folder(name: str, settings: "Settings") -> tuple[str, str, str]:
    import shutil
    import tempfile

    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            free = shutil.disk_usage(settings.data_dir).free / 1e9
        return name, OK, f"{settings.data_dir}, {free:.0f} GB free"
    except OSError as error:
        detail = f"{settings.data_dir}: {error.strerror}; name another with ENMUSUBI_DATA_DIR"
        return name, MISSING, detail


def _model(settings: "Settings") -> tuple[str, str, str]:
    from enmusubi.matcher.encoder.default_model import default_model_folder, verify_default_model
    from enmusubi.matcher.encoder.encoder import DEFAULT_MODEL
    from enmusubi.matcher.encoder.packed_e5 import packed_model_path
    from enmusubi.matcher.errors import ModelUnavailableError

    if settings.encoder.model != DEFAULT_MODEL:
        return "encoder", NOTE, f"{settings.encoder.model} (checked when it is loaded)"
    folder = default_model_folder(settings.cache_dir)
    try:
        if folder.exists():
            return "encoder", OK, f"{folder}, checksum {verify_default_model(folder)[:16]}"
        return "encoder", NOTE, f"is built on first use from {packed_model_path().name}"
    except ModelUnavailableError as error:
        return "encoder", MISSING, str(error)


def _catalogue(settings: "Settings", *, deep: bool) -> list[tuple[str, str, str]]:
    from enmusubi.matcher.catalogue.catalogue import open_catalogue
    from enmusubi.matcher.catalogue.decisions import count_pairs
    from enmusubi.matcher.catalogue.models import QUEUED
    from enmusubi.matcher.catalogue.runs import unfinished_runs
    from enmusubi.matcher.catalogue.schema import current_revision
    from enmusubi.matcher.errors import EnmusubiError

    try:
        with open_catalogue(settings.catalogue_url) as catalogue:
            found = catalogue.counts().items()
            counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in found)
            checks = [("catalogue", OK, counts)]
            with catalogue.reading() as connection:
                checks.append(("schema", OK, f"revision {current_revision(connection)}"))
                if queued := count_pairs(connection)[QUEUED]:
                    told = f"{queued} pairs may be one person: `enmusubi identities` lists them"
                    checks.append(("identities", NOTE, told))
                for run in unfinished_runs(connection):
                    told = f"an import of {run.format} stopped half-way, {run.started_at:%Y-%m-%d}"
                    checks.append(("imports", NOTE, f"{told}: the same command goes on with it"))
                if deep:
                    checks += _faults(connection)
        return checks
    except EnmusubiError as error:
        return [("catalogue", MISSING, str(error))]


def _faults(connection: "Connection") -> list[tuple[str, str, str]]:
    from enmusubi.matcher.catalogue.consistency import check_catalogue

    faults = check_catalogue(connection)
    advice = "restore a backup, or import the files of its sources again"
    return [("catalogue", MISSING, f"{fault}; {advice}") for fault in faults] or [
        ("catalogue", OK, "every row is what its sources say")
    ]


def _index(settings: "Settings") -> tuple[str, str, str]:
    from enmusubi.matcher.errors import EnmusubiError
    from enmusubi.matcher.snapshot import open_snapshot

    try:
        snapshot = open_snapshot(settings.index_dir)
    except EnmusubiError as error:
        return "index", MISSING, str(error)
    manifest = snapshot.manifest
    detail = (
        f"{snapshot.version}, {manifest['counts']['passages']} passages, {manifest['built_at']}"
    )
    return "index", OK, detail


def _reranker(settings: "Settings") -> tuple[str, str, str]:
    from enmusubi.indexes.errors import IndexFault
    from enmusubi.indexes.versions import open_current
    from enmusubi.matcher.errors import EnmusubiError
    from enmusubi.matcher.reranking.configured import configured_reranker

    try:
        encoder = str(open_current(settings.index_dir).manifest["model"]["checksum"])
    except (IndexFault, KeyError, TypeError):
        encoder = ""  # told above, under index
    try:
        serving = configured_reranker(settings, encoder)
    except EnmusubiError as error:
        return "re-ranker", MISSING, str(error)
    detail = f"{serving.source}, {serving.reranker.kind}, checksum {serving.reranker.checksum}"
    if serving.problem:
        return "re-ranker", NOTE, f"{detail}: {serving.problem}"
    return "re-ranker", OK, detail
