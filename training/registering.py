"""Enters a re-ranker that was just trained into the registry, with all that was measured of it."""

from collections.abc import Mapping

from enmusubi.settings import Settings
from matcher.reranking.reranker import reranker_of
from training.metrics import bootstrap_intervals
from training.registry import TrainingRecord, register_reranker
from training.reranker import Trained


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
