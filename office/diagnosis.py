"""Whether the service has what it needs, from folder to re-ranker: for `doctor` and for the pages."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from catalogue.database.models import QUEUED
from catalogue.database.schema import current_revision
from catalogue.identity.decisions import count_pairs
from catalogue.records.catalogue import Catalogue
from catalogue.records.consistency import check_catalogue
from catalogue.records.import_runs import unfinished_runs
from enmusubi.errors import EnmusubiError, ModelUnavailableError
from enmusubi.settings import Settings
from indexes.errors import IndexFault
from indexes.versions import open_current
from matcher.encoder.default_model import default_model_folder, is_intact, verify_default_model
from matcher.encoder.encoder import DEFAULT_MODEL
from matcher.encoder.packed_e5 import packed_model_path
from matcher.snapshot import open_snapshot
from office.configured import configured_reranker

OK, MISSING, NOTE = "ok", "missing", "note"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `state` is ok, missing or note, `detail` what was found."""

    name: str
    state: str
    detail: str


def check_folder(settings: Settings) -> Check:
    """Say whether the data folder can be written, and how much is free."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            free = shutil.disk_usage(settings.data_dir).free / 1e9
        return Check("data folder", OK, f"{settings.data_dir}, {free:.0f} GB free")
    except OSError as error:
        detail = f"{settings.data_dir}: {error.strerror}; name another with ENMUSUBI_DATA_DIR"
        return Check("data folder", MISSING, detail)


def check_encoder(settings: Settings, *, thorough: bool = True) -> Check:
    """Say whether the encoder is there; `thorough` reads all of it, otherwise sizes are compared."""
    if settings.encoder.model != DEFAULT_MODEL:
        return Check("encoder", NOTE, f"{settings.encoder.model} (checked when it is loaded)")
    folder = default_model_folder(settings.cache_dir)
    try:
        if not folder.exists():
            built = f"is built on first use from {packed_model_path().name}"
            return Check("encoder", NOTE, built)
        if thorough or not is_intact(folder):
            checksum = verify_default_model(folder)[:16]
            return Check("encoder", OK, f"{folder}, checksum {checksum}")
        return Check("encoder", OK, str(folder))
    except ModelUnavailableError as error:
        return Check("encoder", MISSING, str(error))


def check_rows(catalogue: Catalogue, *, deep: bool = False) -> list[Check]:
    """Say what the catalogue holds and what waits in it; `deep` holds every row to its sources."""
    found = catalogue.counts().items()
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in found)
    checks = [Check("catalogue", OK, counts)]
    with catalogue.reading() as connection:
        checks.append(Check("schema", OK, f"revision {current_revision(connection)}"))
        if queued := count_pairs(connection)[QUEUED]:
            pairs = "pair" if queued == 1 else "pairs"
            told = f"{queued} {pairs} may be one person: `enmusubi identities` lists them"
            checks.append(Check("identities", NOTE, told))
        for run in unfinished_runs(connection):
            told = f"an import of {run.format} stopped half-way, {run.started_at:%Y-%m-%d}"
            checks.append(Check("imports", NOTE, f"{told}: the same command goes on with it"))
        if deep:
            checks += _faults(connection)
    return checks


def _faults(connection: Connection) -> list[Check]:
    faults = check_catalogue(connection)
    advice = "restore a backup, or import the files of its sources again"
    return [Check("catalogue", MISSING, f"{fault}; {advice}") for fault in faults] or [
        Check("catalogue", OK, "every row is what its sources say")
    ]


def check_index(settings: Settings) -> Check:
    """Say which index version serves, or why none can."""
    try:
        snapshot = open_snapshot(settings.index_dir)
    except EnmusubiError as error:
        return Check("index", MISSING, str(error))
    manifest = snapshot.manifest
    passages, built_at = manifest["counts"]["passages"], str(manifest["built_at"])
    when = datetime.fromisoformat(built_at).astimezone()
    told = f"{snapshot.version}, {passages} passages, built {when:%Y-%m-%d %H:%M %Z}"
    return Check("index", OK, told)


def check_reranker(settings: Settings) -> Check:
    """Say which re-ranker serves."""
    try:
        encoder = str(open_current(settings.index_dir).manifest["model"]["checksum"])
    except (IndexFault, KeyError, TypeError):
        encoder = ""  # told under index
    try:
        serving = configured_reranker(settings, encoder)
    except EnmusubiError as error:
        return Check("re-ranker", MISSING, str(error))
    detail = f"{serving.source}, {serving.reranker.kind}, checksum {serving.reranker.checksum}"
    if serving.problem:
        return Check("re-ranker", NOTE, f"{detail}: {serving.problem}")
    return Check("re-ranker", OK, detail)


def quick_checks(settings: Settings, catalogue: Catalogue) -> list[Check]:
    """Return what can be told in a moment, while the service runs."""
    return [
        check_folder(settings),
        check_encoder(settings, thorough=False),
        *check_rows(catalogue),
        check_index(settings),
        check_reranker(settings),
    ]
