"""Feature tables made up for the tests of fitting: random values, relevance by a known rule."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from matcher.features.definitions import NAMES
from training.feature_tables import FeatureTable


def made_table(
    name: str,
    weights: Mapping[str, float],
    *,
    group: str = "",
    needs: int = 20,
    people: int = 30,
    relevant: int = 3,
    noise: float = 0.0,
    seed: int = 0,
) -> FeatureTable:
    """Return a table in which the people highest by `weights` are relevant to each need."""
    rng = np.random.default_rng(seed)
    count = needs * people
    # few distinct values: scikit-learn takes seconds to bin others
    values = rng.normal(size=(count, len(NAMES))).round(1)
    rows = pd.DataFrame(values, columns=list(NAMES))
    worth = sum(weight * rows[feature] for feature, weight in weights.items())
    worth = np.asarray(worth + noise * rng.normal(size=count)).reshape(needs, people)
    places = np.argsort(np.argsort(-worth, axis=1), axis=1).ravel()
    rows.insert(0, "need_id", np.repeat([f"{name}-n{i:02d}" for i in range(needs)], people))
    rows.insert(1, "researcher_id", [f"r{i % people:02d}" for i in range(count)])
    rows.insert(2, "relevance", (places < relevant).astype(int))
    return table_of(name, group or name, rows)


def table_of(name: str, group: str, rows: pd.DataFrame) -> FeatureTable:
    """Return the table of these rows, whose relevant people are all that there are."""
    qrels = rows.loc[rows["relevance"] > 0, ["need_id", "researcher_id", "relevance"]]
    return FeatureTable(name, group, rows, qrels.reset_index(drop=True))


def small_table(
    name: str, values: Sequence[Sequence[float]], labels: Sequence[int], features: Sequence[str]
) -> FeatureTable:
    """Return a table of one need with these values and labels."""
    rows = pd.DataFrame(values, columns=list(features), dtype=float)
    rows.insert(0, "need_id", f"{name}-n")
    rows.insert(1, "researcher_id", [f"r{i}" for i in range(len(rows))])
    rows.insert(2, "relevance", list(labels))
    return table_of(name, name, rows)
