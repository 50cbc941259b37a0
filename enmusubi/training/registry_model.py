"""Opens models that earlier versions registered: MLflow stored this module's name with each of them.

The loader itself lies in `training.registry_model`. It is found by name when a model is opened, so that
the innermost package imports no outer one.
"""

from importlib import import_module
from typing import Any


def _load_pyfunc(data_path: str) -> Any:
    """Return the re-ranker of a registered model; MLflow calls it by this name."""
    return import_module("training.registry_model")._load_pyfunc(data_path)
