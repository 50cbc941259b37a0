"""Logs evaluations to MLflow: parameters, hashes, metrics and the run file; never a need's text.

MLflow is an optional extra and is imported here alone, when something is logged.
"""

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from enmusubi.errors import EnmusubiError, SettingsError, StorageError
from enmusubi.settings import Settings
from indexes import lexical
from matcher import aggregation, retrieval
from training.collections import Collection
from training.evaluation import EvaluationResult
from training.metrics import Interval
from training.trec import write_run

EXPERIMENT = "enmusubi-evaluate"
ARTIFACTS_NAME = "mlflow-artifacts"
RUN_FILE_NAME = "run.txt"
_TELEMETRY_VARIABLE = "MLFLOW_DISABLE_TELEMETRY"
_PROGRESS_VARIABLE = "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"


def import_mlflow() -> ModuleType:
    """Return the module `mlflow`, quiet and sending nothing home.

    Raises SettingsError that names the extra when it is not installed.
    """
    os.environ.setdefault(_TELEMETRY_VARIABLE, "true")  # read once, when mlflow is imported
    os.environ.setdefault(_PROGRESS_VARIABLE, "false")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import mlflow
    except ImportError as error:
        raise SettingsError(
            "Tracking needs MLflow, which is not installed. Install it with "
            "`pip install 'enmusubi[tracking]'`, or leave --mlflow out."
        ) from error
    return mlflow  # type: ignore[no-any-return]


def log_evaluation(
    result: EvaluationResult, collection: Collection, settings: Settings, *, depth: int
) -> str:
    """Log one evaluation and return the id of its MLflow run.

    The store is `settings.mlflow_uri`. Files of a local store lie in `data_dir`. Raises
    StorageError when the store cannot be reached or written.
    """
    with opened_store(settings) as (mlflow, client):
        experiment_id = experiment_of(client, settings, EXPERIMENT)
        with logged_run(client, experiment_id, result.collection, _hashes(collection)) as run_id:
            _log(client, mlflow.entities, run_id, result, depth)
        return run_id


@contextmanager
def opened_store(settings: Settings) -> Iterator[tuple[ModuleType, Any]]:
    """Give mlflow and a client of `settings.mlflow_uri`; nothing of MLflow's global state changes.

    MLflow is quiet meanwhile. Raises StorageError when the store cannot be reached or written.
    """
    mlflow = import_mlflow()
    uri = settings.mlflow_uri
    try:
        with _quiet():
            if uri.startswith("sqlite:"):
                settings.data_dir.mkdir(parents=True, exist_ok=True)
            yield mlflow, mlflow.MlflowClient(tracking_uri=uri)
    except EnmusubiError:
        raise
    except Exception as error:  # MLflow, SQLAlchemy and the network each have their own kinds
        raise StorageError(
            "The tracking store %(uri)s cannot be used (%(kind)s). Check "
            "ENMUSUBI_TRACKING_URI, and that the store's folder is writable and has room.",
            uri=_without_password(uri),
            kind=type(error).__name__,
        ) from error


def parameters_of(result: EvaluationResult, depth: int) -> dict[str, str]:
    """Return what made the metrics: model, precision, weights of the pipeline, depth, sizes."""
    model = result.index["model"]
    return {
        "collection": result.collection,
        "model": str(model["name"]),
        "model_checksum": str(model["checksum"]),
        "precision": str(model["precision"]),
        "dimension": str(model["dimension"]),
        "program": str(result.index["program"]),
        "depth": str(depth),
        "bm25_k1": str(lexical.K1),
        "bm25_b": str(lexical.B),
        "weight_same_language": str(retrieval.SAME_LANGUAGE_WEIGHT),
        "weight_cross_language": str(retrieval.CROSS_LANGUAGE_WEIGHT),
        "candidates": f"{retrieval.BY_VECTOR} by vector, {retrieval.BY_WORDS} by words",
        "temperature": str(aggregation.TEMPERATURE),
        "counted_seeds": str(aggregation.POOLED_SEEDS),
        "profile_weight": str(aggregation.PROFILE_WEIGHT),
        "breadth_weight": str(aggregation.BREADTH_WEIGHT),
        **{f"count_{name}": str(count) for name, count in result.counts.items()},
    }


def metrics_of(result: EvaluationResult) -> dict[str, float]:
    """Return means and interval ends, named as MLflow allows: `ja/ndcg_at_10_low`."""
    named = named_intervals("", result.metrics)
    for language, intervals in result.by_language.items():
        named |= named_intervals(f"{language}/", intervals)
    return {**named, "seconds": result.seconds}


def named_intervals(prefix: str, intervals: Mapping[str, Interval]) -> dict[str, float]:
    """Return means and interval ends with MLflow's names, each with `prefix` before it."""
    values = {}
    for metric, interval in intervals.items():
        name = prefix + metric.replace("@", "_at_")
        values[name] = interval.mean
        values[f"{name}_low"] = interval.low
        values[f"{name}_high"] = interval.high
    return values


def _hashes(collection: Collection) -> dict[str, str]:
    hashes = {f"sha256.{name}": value for name, value in collection.files.items()}
    return {**hashes, "corpus_state": collection.corpus.state}


def experiment_of(client: Any, settings: Settings, name: str) -> str:
    """Return the id of the experiment `name`; a local one that is new keeps files in `data_dir`."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    remote = settings.mlflow_uri.startswith(("http:", "https:", "databricks"))
    location = None if remote else (settings.data_dir / ARTIFACTS_NAME).absolute().as_uri()
    return str(client.create_experiment(name, artifact_location=location))


@contextmanager
def logged_run(
    client: Any, experiment_id: str, name: str, tags: Mapping[str, str]
) -> Iterator[str]:
    """Give the id of a new run; it ends as finished, or as failed when the block raises."""
    run = client.create_run(experiment_id, run_name=name, tags=dict(tags))
    run_id = str(run.info.run_id)
    try:
        yield run_id
    except BaseException:
        client.set_terminated(run_id, status="FAILED")
        raise
    client.set_terminated(run_id)


def log_values(
    client: Any,
    entities: Any,
    run_id: str,
    parameters: Mapping[str, str],
    metrics: Mapping[str, float],
) -> None:
    """Log parameters and metrics of a run at once."""
    client.log_batch(
        run_id,
        params=[entities.Param(key, value) for key, value in parameters.items()],
        metrics=[entities.Metric(key, value, 0, 0) for key, value in metrics.items()],
    )


def _log(client: Any, entities: Any, run_id: str, result: EvaluationResult, depth: int) -> None:
    log_values(client, entities, run_id, parameters_of(result, depth), metrics_of(result))
    with tempfile.TemporaryDirectory(prefix="enmusubi-") as folder:
        path = Path(folder) / RUN_FILE_NAME
        write_run(result.run, path)
        client.log_artifact(run_id, str(path))


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence MLflow and Alembic, which log every table that they make."""
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _without_password(uri: str) -> str:
    scheme, separator, rest = uri.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
