"""Measures runs against judgements, with intervals and a test of the difference of two runs.

Per-need values come from ir_measures (trec_eval's formulas); see docs/evaluation.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.errors import InputError
from matcher.tables import NEED_ID, RANK, RESEARCHER_ID
from training.trec import RELEVANCE

METRICS = ("ndcg@10", "recall@10", "recall@100", "mrr")
RESAMPLES = 1000
PERMUTATIONS = 10_000
RANDOM_STATE = 20260401
_CONFIDENCE = 95.0
_IR_NAMES = {"ndcg": "nDCG", "recall": "R", "precision": "P", "mrr": "RR", "map": "AP"}
_CHUNK = 1000
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A mean over needs and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """Two runs on one metric; `p_value` is two-sided, of the hypothesis that they are equal."""

    mean_a: float
    mean_b: float
    difference: float  # b minus a
    p_value: float
    needs: int


def evaluate_run(
    run: pd.DataFrame, qrels: pd.DataFrame, metrics: Sequence[str] = METRICS
) -> pd.DataFrame:
    """Return the metrics of every need with a relevant researcher: index need_id, a column each.

    A need that the run lacks has 0. The run's `rank` decides, so ties are already broken. nDCG
    takes the relevance itself as gain (Järvelin and Kekäläinen 2002, as trec_eval computes it);
    recall, precision, mrr and map count relevance above 0.
    """
    from ir_measures import iter_calc, parse_measure

    measures = {parse_measure(_ir_name(metric)): metric for metric in metrics}
    useful = qrels.loc[qrels[RELEVANCE] > 0, NEED_ID].unique()
    judged = qrels[qrels[NEED_ID].isin(useful)]
    values = pd.DataFrame(0.0, index=pd.Index(useful, name=NEED_ID), columns=list(metrics))
    ranked = run[run[NEED_ID].isin(useful)]
    if ranked.empty:
        return values
    documents = pd.DataFrame(
        {
            "query_id": ranked[NEED_ID].astype(object),
            "doc_id": ranked[RESEARCHER_ID].astype(object),
            "score": -ranked[RANK].astype(float),
        }
    )
    judgements = pd.DataFrame(
        {
            "query_id": judged[NEED_ID].astype(object),
            "doc_id": judged[RESEARCHER_ID].astype(object),
            "relevance": judged[RELEVANCE].clip(lower=0).astype(int),
        }
    )
    for measured in iter_calc(list(measures), judgements, documents):
        values.loc[measured.query_id, measures[measured.measure]] = float(measured.value)
    return values


def bootstrap_intervals(
    per_need: pd.DataFrame, *, resamples: int = RESAMPLES, random_state: int = RANDOM_STATE
) -> dict[str, Interval]:
    """Return mean and 95 % percentile interval by metric, over resampled needs (Efron 1979)."""
    if per_need.empty:
        raise InputError("There are no needs to average. Expected a row for every need measured.")
    values = per_need.to_numpy(dtype=np.float64)
    random = np.random.default_rng(random_state)
    chosen = random.integers(0, len(values), size=(resamples, len(values)))
    means = np.stack([values[rows].mean(axis=0) for rows in chosen])
    tail = (100.0 - _CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100.0 - tail], axis=0)
    return {
        str(metric): Interval(float(mean), float(low[i]), float(high[i]))
        for i, (metric, mean) in enumerate(zip(per_need.columns, values.mean(axis=0), strict=True))
    }


def compare_runs(
    per_need_a: pd.DataFrame,
    per_need_b: pd.DataFrame,
    *,
    permutations: int = PERMUTATIONS,
    random_state: int = RANDOM_STATE,
) -> dict[str, Difference]:
    """Return the paired randomisation test by metric (Smucker, Allan and Carterette 2007).

    The signs of the differences of the needs are flipped at random; the p-value is the share of
    flips with a mean difference at least as large, the observed one included.
    """
    if set(per_need_a.index) != set(per_need_b.index) or per_need_a.empty:
        shared = len(set(per_need_a.index) & set(per_need_b.index))
        raise InputError(
            "The runs were measured on %(first)s and %(second)s needs, of which "
            "%(shared)s are shared. Measure both with the same qrels.",
            first=len(per_need_a),
            second=len(per_need_b),
            shared=shared,
        )
    metrics = [str(column) for column in per_need_a.columns if column in per_need_b.columns]
    a = per_need_a[metrics].to_numpy(dtype=np.float64)
    b = per_need_b.loc[per_need_a.index, metrics].to_numpy(dtype=np.float64)
    p_values = _randomisation_p_values(b - a, permutations, random_state)
    return {
        metric: Difference(
            mean_a=float(a[:, i].mean()),
            mean_b=float(b[:, i].mean()),
            difference=float((b[:, i] - a[:, i]).mean()),
            p_value=float(p_values[i]),
            needs=len(a),
        )
        for i, metric in enumerate(metrics)
    }


def _randomisation_p_values(
    differences: FloatArray, permutations: int, random_state: int
) -> FloatArray:
    random = np.random.default_rng(random_state)
    observed = np.abs(differences.sum(axis=0)) - 1e-9  # sums of floats differ by their order
    as_large = np.zeros(differences.shape[1])
    for first in range(0, permutations, _CHUNK):
        count = min(_CHUNK, permutations - first)
        signs = 2.0 * random.integers(0, 2, size=(count, len(differences))) - 1.0
        as_large += (np.abs(signs @ differences) >= observed).sum(axis=0)
    return (as_large + 1.0) / (permutations + 1.0)


def _ir_name(metric: str) -> str:
    name, at, depth = metric.partition("@")
    if name not in _IR_NAMES or (at and not (depth.isdecimal() and int(depth))):
        raise InputError(
            "There is no metric %(metric)r. Expected one of %(known)s, with or "
            "without a depth, such as ndcg@10.",
            metric=metric,
            known=", ".join(_IR_NAMES),
        )
    return _IR_NAMES[name] + (f"@{int(depth)}" if at else "")
