"""The registry of rerankers in MLflow: what is logged of one, its versions, aliases and tags.

Parameters, figures, hashes and ids are kept; never a text. MLflow's global state is left alone.
"""

import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

import enmusubi
from enmusubi.errors import InputError, StorageError
from enmusubi.settings import Settings
from matcher.reranking.reranker import Reranker, load_reranker, reranker_of
from training.calibration import calibration_figures, plot_reliability
from training.metrics import Interval, bootstrap_intervals
from training.registry_model import DOCUMENT_NAME, find_document, write_model
from training.reranker import Trained
from training.tracking import experiment_of, log_values, logged_run, named_intervals, opened_store

_PACKAGE = Path(__file__).parent
_TIMEOUT_S = 10


def code_version() -> dict[str, str]:
    """Return `program` and, where the package lies in its own checkout, `commit`.

    A commit ends in `-dirty` when files differ from it. A package that was installed into a folder
    of another project's checkout has no commit.
    """
    version = {"program": enmusubi.__version__}
    if _git("rev-parse", "--show-prefix") == f"{_PACKAGE.name}/":
        commit = _git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
        version |= {"commit": commit} if commit else {}
    return version


def _git(*arguments: str) -> str:
    """Return what git prints about the package's folder, or nothing where it can't."""
    try:
        done = subprocess.run(  # noqa: S603  (fixed arguments)
            ["git", "-C", str(_PACKAGE), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


EXPERIMENT = "enmusubi-train"
MODEL_NAME = "enmusubi-reranker"
CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
PLOT_NAME = "reliability.png"
_HASH_TAG = "sha256."
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_NOT_IN_NAMES = re.compile(r"[^\w.\-/ ]")  # MLflow allows these characters in names


@dataclass(frozen=True)
class TrainingRecord:
    """What is known of a training: its parameters, data and figures on needs held out.

    `results` has intervals by collection and metric; `hashes` the sha256 of every file that was
    learned from, by collection and file name; `probabilities` and `outcomes` (1: relevant) have an
    entry for each pair held out, `calibration_errors` the error by collection.
    """

    parameters: Mapping[str, str]
    results: Mapping[str, Mapping[str, Interval]]
    hashes: Mapping[str, Mapping[str, str]]
    probabilities: ArrayLike
    outcomes: ArrayLike
    calibration_errors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RegisteredReranker:
    """A version of the registry; `learned_from` has the sha256 of the files of its training."""

    version: str
    run_id: str
    source: str
    learned_from: frozenset[str]


def register_reranker(
    reranker: Reranker, record: TrainingRecord, settings: Settings
) -> RegisteredReranker:
    """Log a reranker that was trained, register it as the next version and as challenger.

    Raises StorageError when the store cannot be used, InputError for probabilities that are none.
    """
    metrics, hashes = _metrics(record), _hashes(record)
    tags = {**code_version(), "reranker": reranker.checksum, **hashes}
    with opened_store(settings) as (mlflow, client):
        experiment_id = experiment_of(client, settings, EXPERIMENT)
        with logged_run(client, experiment_id, MODEL_NAME, tags) as run_id:
            log_values(client, mlflow.entities, run_id, record.parameters, metrics)
            with tempfile.TemporaryDirectory(prefix="enmusubi-") as folder:
                plot = Path(folder) / PLOT_NAME
                plot_reliability(record.probabilities, record.outcomes, plot)
                client.log_artifact(run_id, str(plot))
                write_model(mlflow, reranker, Path(folder) / MODEL_NAME)
                source = _log_model(client, experiment_id, run_id, Path(folder) / MODEL_NAME)
        version = _register(client, run_id, source)
    return RegisteredReranker(version, run_id, source, frozenset(hashes.values()))


def find_version(model: str, settings: Settings) -> RegisteredReranker | None:
    """Return the version that an alias, a number or a run's id names; None when there is none."""
    with opened_store(settings) as (_, client):
        versions = {
            str(found.version): found
            for found in client.search_model_versions(f"name='{MODEL_NAME}'")
        }
        if _RUN_ID.fullmatch(model):
            of_run = [v for v, found in versions.items() if found.run_id == model]
            number = max(of_run, key=int, default="")
        else:
            number = _aliases(client).get(model, model)
        if number not in versions:
            return None
        found = versions[number]
        tags = client.get_run(found.run_id).data.tags
    hashes = frozenset(value for key, value in tags.items() if key.startswith(_HASH_TAG))
    return RegisteredReranker(number, str(found.run_id), str(found.source), hashes)


def read_registered(registered: RegisteredReranker, settings: Settings) -> Reranker:
    """Return the reranker of a version; raises StorageError when its file cannot be had."""
    with tempfile.TemporaryDirectory(prefix="enmusubi-") as folder:
        with opened_store(settings) as (mlflow, _):
            mlflow.artifacts.download_artifacts(
                artifact_uri=registered.source, dst_path=folder, tracking_uri=settings.mlflow_uri
            )
        document = find_document(Path(folder))
        if document is None:
            raise StorageError(
                "Version %(version)s of %(model)s has no %(document)s. Choose "
                "another version with --model, or train again.",
                version=registered.version,
                model=MODEL_NAME,
                document=DOCUMENT_NAME,
            )
        return load_reranker(document)


def set_alias(alias: str, version: str | None, settings: Settings) -> None:
    """Let an alias name a version, or nothing."""
    with opened_store(settings) as (_, client):
        if version is not None:
            client.set_registered_model_alias(MODEL_NAME, alias, version)
        elif alias in _aliases(client):
            client.delete_registered_model_alias(MODEL_NAME, alias)


def tag_version(version: str, tags: Mapping[str, str], settings: Settings) -> None:
    """Write tags on a version."""
    with opened_store(settings) as (_, client):
        for key, value in tags.items():
            client.set_model_version_tag(MODEL_NAME, version, key, value)


def version_tags(version: str, settings: Settings) -> dict[str, str]:
    """Return the tags of a version; raises InputError when there is no such version."""
    with opened_store(settings) as (_, client):
        for found in client.search_model_versions(f"name='{MODEL_NAME}'"):
            if str(found.version) == version:
                return dict(found.tags)
    raise InputError("%(model)s has no version %(version)s.", model=MODEL_NAME, version=version)


def _metrics(record: TrainingRecord) -> dict[str, float]:
    metrics = dict(calibration_figures(record.probabilities, record.outcomes))
    for collection, intervals in record.results.items():
        metrics |= named_intervals(f"{_name(collection)}/", intervals)
    for collection, error in record.calibration_errors.items():
        metrics[f"{_name(collection)}/expected_calibration_error"] = error
    return metrics


def _hashes(record: TrainingRecord) -> dict[str, str]:
    return {
        f"{_HASH_TAG}{_name(collection)}.{_name(file)}": value
        for collection, files in record.hashes.items()
        for file, value in files.items()
    }


def _log_model(client: Any, experiment_id: str, run_id: str, folder: Path) -> str:
    """Log a model's files; return where they lie."""
    logged = client.create_logged_model(
        experiment_id, name=MODEL_NAME, source_run_id=run_id, model_type="reranker"
    )
    client.log_model_artifacts(logged.model_id, str(folder))
    client.finalize_logged_model(logged.model_id, "READY")
    return str(logged.artifact_location)


def _register(client: Any, run_id: str, source: str) -> str:
    if not client.search_registered_models(f"name='{MODEL_NAME}'"):
        client.create_registered_model(MODEL_NAME)
    # the files' place, not `models:/ID`: for that MLflow asks the store of its global state
    made = client.create_model_version(MODEL_NAME, source=source, run_id=run_id)
    client.set_registered_model_alias(MODEL_NAME, CHALLENGER, made.version)
    return str(made.version)


def _aliases(client: Any) -> dict[str, str]:
    found = client.search_registered_models(f"name='{MODEL_NAME}'")
    return {alias: str(version) for model in found for alias, version in model.aliases.items()}


def _name(text: str) -> str:
    return _NOT_IN_NAMES.sub("_", text)


def register_trained(
    trained: Trained, files: Mapping[str, Mapping[str, str]], settings: Settings
) -> str:
    """Register it as challenger and return its version; `files` has the sha256 by collection."""
    chosen = trained.compared[trained.chosen]
    record = TrainingRecord(
        parameters={
            "kind": trained.chosen,
            "features": ", ".join(trained.document["features"]),
            "encoder": str(trained.document["encoder_checksum"]),
        },
        results={name: bootstrap_intervals(table) for name, table in chosen.per_need.items()},
        hashes=files,
        probabilities=trained.probabilities,
        outcomes=trained.outcomes,
        calibration_errors=trained.errors,
    )
    return register_reranker(reranker_of(trained.document), record, settings).version
