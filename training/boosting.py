"""Fits boosted trees to feature tables, with the known directions as monotone constraints.

Compared with the linear model by leaving collections out; served only where they win.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.features.definitions import FEATURES
from training.feature_tables import FeatureTable

RANDOM_STATE = 20260401
TREES = 150
LEAVES = 15
LEARNING_RATE = 0.05
MIN_ROWS_IN_LEAF = 50
MAX_RATIO = 50  # candidates a relevant one; more add time and little else
FloatArray = NDArray[np.float64]


class BoostedModel:
    """A fitted booster; `predict` gives one score a row of a table."""

    def __init__(self, model: object, features: Sequence[str], text: str = "") -> None:
        self._model = model
        self.features = tuple(features)
        self.text = text  # LightGBM's own format, empty for scikit-learn

    def score(self, table: FeatureTable) -> FloatArray:
        """Return the score of each row, log-odds like."""
        values = table.rows[list(self.features)].to_numpy(np.float64)
        if self.text:
            return np.asarray(self._model.predict(values), dtype=np.float64)  # type: ignore[attr-defined]
        return np.asarray(self._model.decision_function(values), dtype=np.float64)  # type: ignore[attr-defined]


def fit_lambdamart(tables: Sequence[FeatureTable], features: Sequence[str]) -> BoostedModel:
    """Fit LightGBM's LambdaMART (Burges 2010): pairs within a need, weighed by what nDCG loses."""
    from lightgbm import Dataset, train

    values, labels, sizes, weights = _stacked(tables, features)
    data = Dataset(values, labels, group=sizes, weight=weights, feature_name=list(features))
    settings = {
        "objective": "lambdarank",
        "lambdarank_truncation_level": 30,
        "num_leaves": LEAVES,
        "learning_rate": LEARNING_RATE,
        "min_data_in_leaf": MIN_ROWS_IN_LEAF,
        "monotone_constraints": _directions(features),
        "seed": RANDOM_STATE,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    booster = train(settings, data, num_boost_round=TREES)
    return BoostedModel(booster, features, booster.model_to_string())


def fit_histogram_boosting(tables: Sequence[FeatureTable], features: Sequence[str]) -> BoostedModel:
    """Fit scikit-learn's gradient boosting on single candidates: relevant or not."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    values, labels, _, weights = _stacked(tables, features)
    model = HistGradientBoostingClassifier(
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        learning_rate=LEARNING_RATE,
        min_samples_leaf=MIN_ROWS_IN_LEAF,
        monotonic_cst=_directions(features),
        random_state=RANDOM_STATE,
    )
    return BoostedModel(model.fit(values, labels, sample_weight=weights), features)


def _directions(features: Sequence[str]) -> list[int]:
    known = {feature.name: feature.direction for feature in FEATURES}
    return [known[name] for name in features]


def _stacked(
    tables: Sequence[FeatureTable], features: Sequence[str]
) -> tuple[FloatArray, FloatArray, NDArray[np.int64], FloatArray]:
    """Return values, labels, rows a need, and weights that make every group count the same."""
    values, labels, sizes, weights = [], [], [], []
    for table in tables:
        need, label = table.needs(), table.labels()
        kept = (np.bincount(need, weights=label) > 0)[need]
        kept &= _hard_enough(table, label)
        shared = sum(other.group == table.group for other in tables)
        values.append(table.rows[list(features)].to_numpy(np.float64)[kept])
        labels.append(label[kept])
        counts = np.bincount(need[kept])
        sizes.append(counts[counts > 0])
        weights.append(np.full(int(kept.sum()), 1.0 / (shared * len(sizes[-1]))))
    weight = np.concatenate(weights)
    return (
        np.concatenate(values),
        np.concatenate(labels),
        np.concatenate(sizes),
        weight / weight.mean(),
    )


def _hard_enough(table: FeatureTable, label: FloatArray) -> NDArray[np.bool_]:
    """Keep the relevant, and of each need's others the MAX_RATIO that the first stage put highest."""
    need = table.needs()
    order = np.lexsort((-table.rows["first_stage"].to_numpy(), need))
    place = np.empty(len(order), dtype=np.int64)
    starts = np.searchsorted(need[order], np.arange(need.max() + 1))
    place[order] = np.arange(len(order)) - starts[need[order]]
    return np.asarray((label > 0) | (place < MAX_RATIO))
