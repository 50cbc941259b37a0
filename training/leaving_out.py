"""Compares kinds of re-rankers by leaving out one group of collections at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.tables import NEED_ID, RANK, RESEARCHER_ID
from training.boosting import fit_histogram_boosting, fit_lambdamart
from training.calibrating import Scored
from training.feature_tables import FeatureTable
from training.metrics import evaluate_run
from training.ranking_loss import fit_linear

FIRST_STAGE, LINEAR, BOOSTING, LAMBDAMART = "first stage", "linear", "boosting", "lambdamart"
METRIC = "ndcg@10"
MEASURED_DEPTH = 10
LINEAR_FEATURES = (
    "first_stage",
    "profile",
    "sentence_best",
    "coverage",
    "lexical_coverage",
)
PENALTIES = (0.5, 1.0, 2.0, 4.0, 8.0)
FloatArray = NDArray[np.float64]
Score = Callable[[FeatureTable], FloatArray]
Fit = Callable[[Sequence[FeatureTable]], Score]


@dataclass(frozen=True)
class LeftOut:
    """What one kind of model reaches on collections that it was not fitted on.

    `scores` gives the scores of each table's rows by table name, `per_need` the metrics.
    """

    kind: str
    scores: Mapping[str, FloatArray]
    per_need: Mapping[str, pd.DataFrame]

    def mean(self) -> float:
        """Return METRIC, every collection counted the same."""
        return float(np.mean([table[METRIC].mean() for table in self.per_need.values()]))


def fits(features: Sequence[str], penalty: float | None = None) -> dict[str, Fit]:
    """Return how each kind is fitted; the penalty is chosen by leaving out unless it is given."""
    return {
        FIRST_STAGE: lambda tables: _first_stage,
        LINEAR: lambda tables: (
            fit_linear(tables, LINEAR_FEATURES, penalty=penalty or choose_penalty(tables)).score
        ),
        BOOSTING: lambda tables: fit_histogram_boosting(tables, features).score,
        LAMBDAMART: lambda tables: fit_lambdamart(tables, features).score,
    }


def leave_one_out(tables: Sequence[FeatureTable], kind: str, fit: Fit) -> LeftOut:
    """Fit on all groups but one, score that one, for each group in turn."""
    scores: dict[str, FloatArray] = {}
    for group in sorted({table.group for table in tables}):
        others = [table for table in tables if table.group != group]
        score = fit(others)
        scores |= {table.name: score(table) for table in tables if table.group == group}
    measured = {table.name: measure(table, scores[table.name]) for table in tables}
    return LeftOut(kind, scores, measured)


def choose_penalty(tables: Sequence[FeatureTable]) -> float:
    """Return the penalty of the linear model that is best on groups left out among `tables`."""
    if len({table.group for table in tables}) < 2:
        return PENALTIES[len(PENALTIES) // 2]
    reached = {
        penalty: leave_one_out(tables, LINEAR, fits((), penalty)[LINEAR]).mean()
        for penalty in PENALTIES
    }
    return max(reached, key=lambda penalty: (round(reached[penalty], 6), penalty))


def measure(table: FeatureTable, scores: FloatArray) -> pd.DataFrame:
    """Return METRIC of each judged need when its candidates are ordered by the scores."""
    ordered = table.rows[[NEED_ID, RESEARCHER_ID]].assign(score=np.round(scores, 6))
    ordered = ordered.sort_values(
        [NEED_ID, "score", RESEARCHER_ID], ascending=[True, False, True], kind="stable"
    )
    ordered[RANK] = ordered.groupby(NEED_ID, sort=False).cumcount() + 1
    return evaluate_run(ordered[ordered[RANK] <= MEASURED_DEPTH], table.qrels, [METRIC])


def scored_tables(tables: Sequence[FeatureTable], left_out: LeftOut) -> list[Scored]:
    """Return the tables with the scores of models that had not seen them."""
    return [Scored(t.name, t.group, left_out.scores[t.name], t.labels(), t.needs()) for t in tables]


def _first_stage(table: FeatureTable) -> FloatArray:
    return table.rows["first_stage"].to_numpy(np.float64)
