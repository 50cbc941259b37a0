"""What MLflow loads when it opens a registered reranker: the JSON document as a pyfunc model.

No pickle takes part: the model in the registry is the JSON file and the name of this module.
"""

from pathlib import Path

import pandas as pd

from matcher.reranking.reranker import Reranker, load_reranker


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
