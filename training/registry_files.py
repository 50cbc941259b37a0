"""The files of a registered reranker: its JSON document in MLflow's form of a pyfunc model."""

import json
import tempfile
from pathlib import Path
from typing import Any

import enmusubi
from matcher.reranking.reranker import Reranker

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
