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

from enmusubi.indexes import lexical
from enmusubi.matcher import aggregation, retrieval
from enmusubi.matcher.errors import EnmusubiError, SettingsError, StorageError
from enmusubi.matcher.settings import Settings
from enmusubi.training.collections import Collection
from enmusubi.training.evaluation import EvaluationResult
from enmusubi.training.metrics import Interval
from enmusubi.training.runs import write_run

EXPERIMENT = "enmusubi-evaluate"
ARTIFACTS_NAME = "mlflow-artifacts"
RUN_FILE_NAME = "run.txt"
_TELEMETRY_VARIABLE = "MLFLOW_DISABLE_TELEMETRY"


def import_mlflow() -> ModuleType:
    """Return the module `mlflow`, quiet and sending nothing home.

    Raises SettingsError that names the extra when it is not installed.
    """
    os.environ.setdefault(_TELEMETRY_VARIABLE, "true")  # read once, when mlflow is imported
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
    mlflow = import_mlflow()
    uri = settings.mlflow_uri
    try:
        with _quiet():
            if uri.startswith("sqlite:"):
                settings.data_dir.mkdir(parents=True, exist_ok=True)
            client = mlflow.MlflowClient(tracking_uri=uri)
            run = client.create_run(
                _experiment(client, settings), run_name=result.collection, tags=_hashes(collection)
            )
            run_id = str(run.info.run_id)
            _log(client, mlflow.entities, run_id, result, depth)
            return run_id
    except EnmusubiError:
        raise
    except Exception as error:  # MLflow, SQLAlchemy and the network each have their own kinds
        raise StorageError(
            f"The tracking store {_without_password(uri)} cannot be used ({type(error).__name__}). "
            "Check ENMUSUBI_TRACKING_URI, and that the store's folder is writable and has room."
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
        "candidates": str(retrieval.CANDIDATES),
        "temperature": str(aggregation.TEMPERATURE),
        "counted_seeds": str(aggregation.COUNTED_SEEDS),
        "profile_weight": str(aggregation.PROFILE_WEIGHT),
        "breadth_weight": str(aggregation.BREADTH_WEIGHT),
        **{f"count_{name}": str(count) for name, count in result.counts.items()},
    }


def metrics_of(result: EvaluationResult) -> dict[str, float]:
    """Return means and interval ends, named as MLflow allows: `ja/ndcg_at_10_low`."""
    named = _named("", result.metrics)
    for language, intervals in result.by_language.items():
        named |= _named(f"{language}/", intervals)
    return {**named, "seconds": result.seconds}


def _named(prefix: str, intervals: Mapping[str, Interval]) -> dict[str, float]:
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


def _experiment(client: Any, settings: Settings) -> str:
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return str(found.experiment_id)
    remote = settings.mlflow_uri.startswith(("http:", "https:", "databricks"))
    location = None if remote else (settings.data_dir / ARTIFACTS_NAME).absolute().as_uri()
    return str(client.create_experiment(EXPERIMENT, artifact_location=location))


def _log(client: Any, entities: Any, run_id: str, result: EvaluationResult, depth: int) -> None:
    try:
        client.log_batch(
            run_id,
            params=[entities.Param(k, v) for k, v in parameters_of(result, depth).items()],
            metrics=[entities.Metric(k, v, 0, 0) for k, v in metrics_of(result).items()],
        )
        with tempfile.TemporaryDirectory(prefix="enmusubi-") as folder:
            path = Path(folder) / RUN_FILE_NAME
            write_run(result.run, path)
            client.log_artifact(run_id, str(path))
    except BaseException:
        client.set_terminated(run_id, status="FAILED")
        raise
    client.set_terminated(run_id)


@contextmanager
def _quiet() -> Iterator[None]:
    """MLflow and Alembic tell of every table they make; nobody asked."""
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
