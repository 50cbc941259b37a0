"""A registered re-ranker in MLflow's form of a pyfunc model: its files, and what MLflow loads.

No pickle takes part: the model in the registry is the JSON document and the name of this module, which
must therefore stay.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

import enmusubi
from matcher.reranking.reranker import Reranker, load_reranker

DOCUMENT_NAME = "reranker.json"
LOADER = "training.registry_model"
OUTPUTS = ("score", "probability")


def write_model(mlflow: Any, reranker: Reranker, folder: Path) -> None:
    """Write an MLflow model into a new folder: the document, its signature, what it needs.

    Inputs are the features by name, outputs `score` and `probability`, all doubles.
    """
    column, schema = mlflow.types.ColSpec, mlflow.types.Schema
    signature = mlflow.models.ModelSignature(
        inputs=schema([column("double", name) for name in reranker.features]),
        outputs=schema([column("double", name) for name in OUTPUTS]),
    )
    with tempfile.TemporaryDirectory(prefix="enmusubi-") as parent:
        document = Path(parent) / DOCUMENT_NAME
        document.write_bytes(document_bytes(reranker.document))
        mlflow.pyfunc.save_model(
            str(folder),
            loader_module=LOADER,
            data_path=str(document),
            signature=signature,
            pip_requirements=[f"enmusubi=={enmusubi.__version__}"],
        )


def find_document(folder: Path) -> Path | None:
    """Return the JSON document among the files of a model, or None."""
    return next(folder.rglob(DOCUMENT_NAME), None)


def document_bytes(document: Any) -> bytes:
    """Return a document as its file's content: UTF-8 JSON, keys in their order, one a line."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


class RerankerModel:
    """Scores feature tables; what `mlflow.pyfunc.load_model` wraps."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return `score` and `probability` for each row of features, in its order."""
        scores = self._reranker.score(features)
        probability = self._reranker.probability(scores)
        return pd.DataFrame({"score": scores, "probability": probability}, index=features.index)


def _load_pyfunc(data_path: str) -> RerankerModel:
    """Load the JSON document; MLflow calls it by this name."""
    return RerankerModel(load_reranker(Path(data_path)))
