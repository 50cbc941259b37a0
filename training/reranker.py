"""Trains a re-ranker: compares the kinds on collections left out, fits the chosen one, calibrates it.

The result is one document (see `matcher.reranking.reranker`): numbers and names, no text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi import __version__
from enmusubi.errors import InputError
from matcher.features.definitions import NAMES
from matcher.reranking import reranker as serving
from matcher.reranking.calibration import PROBABILITY
from matcher.tables import NEED_ID, RANK, RESEARCHER_ID
from training.boosting import fit_histogram_boosting, fit_lambdamart
from training.calibration import (
    Curve,
    Scored,
    equal_count_error,
    fit_curve,
    left_out_by_topic,
    shown,
)
from training.feature_tables import FeatureTable
from training.metrics import bootstrap_intervals, evaluate_run
from training.ranking_loss import LinearWeights, fit_linear
from training.suitability import fit_served

FIRST_STAGE, LINEAR, BOOSTING, LAMBDAMART = "first stage", "linear", "boosting", "lambdamart"
SUITABILITY = "suitability"  # a linear model, fitted to graded judgements

METRIC = "ndcg@10"
MEASURED_DEPTH = 10
LINEAR_FEATURES = (
    "first_stage",
    "profile",
    "sentence_best",
    "coverage",
    "lexical_coverage",
)
FOLDS = 11  # of topics, where a graded collection measures what was fitted on others of its topics
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
        SUITABILITY: lambda tables: fit_served(tables).score,
        BOOSTING: lambda tables: fit_histogram_boosting(tables, features).score,
        LAMBDAMART: lambda tables: fit_lambdamart(tables, features).score,
    }


def leave_one_out(tables: Sequence[FeatureTable], kind: str, fit: Fit) -> LeftOut:
    """Fit on all groups but one, score that one, for each group in turn.

    SUITABILITY learns its scale from grades: graded tables are left out by folds of their topics.
    """
    scores: dict[str, FloatArray] = {}
    for group in sorted({table.group for table in tables}):
        others = [table for table in tables if table.group != group]
        own = [table for table in tables if table.group == group]
        if kind == SUITABILITY and any(table.graded for table in own):
            scores |= {table.name: _left_out_by_topic(table, others, fit) for table in own}
        else:
            score = fit(others)
            scores |= {table.name: score(table) for table in own}
    measured = {table.name: measure(table, scores[table.name]) for table in tables}
    return LeftOut(kind, scores, measured)


def _left_out_by_topic(table: FeatureTable, others: Sequence[FeatureTable], fit: Fit) -> FloatArray:
    topics, scores = table.topics(), np.zeros(len(table.rows))
    if len(np.unique(topics)) == 1 and not any(other.graded for other in others):
        raise InputError(
            "All grades of %(name)s are of one need, and nothing is left to learn from when that is "
            "measured. Give judgements of more needs, or another graded collection beside it.",
            name=table.name,
        )
    for fold in range(FOLDS):
        out = topics % FOLDS == fold
        if out.any():
            score = fit([*others, table.of(~out)])
            scores[out] = score(table.of(out))
    return scores


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
    return [
        Scored(
            name=t.name,
            group=t.group,
            scores=left_out.scores[t.name],
            labels=t.is_suitable(),
            needs=t.needs(),
            topics=t.topics() if t.graded else None,
        )
        for t in tables
    ]


def _first_stage(table: FeatureTable) -> FloatArray:
    return table.rows["first_stage"].to_numpy(np.float64)


CUTS = {"strong": 0.8, "good": 0.5, "possible": 0.25}
# without grades: when it said so, the catalogue lacked the need's field in 96 of 100 cases
FAR = {"abstain_feature": "dense_best_z", "abstain_below": 2.2}
# by the probability of the best person, a little above where the last word but one begins (docs/quality.md)
NOBODY_BELOW = 0.3
UNLIKELY = {"abstain_feature": PROBABILITY, "abstain_below": NOBODY_BELOW}


@dataclass(frozen=True)
class Trained:
    """A document that can serve, and what was measured on the way.

    `compared` has what each kind reached on the collections left out, `errors` the expected
    calibration error on each collection when the others fitted the curve; `probabilities` and
    `outcomes` are the pairs that the errors were measured on.
    """

    document: dict[str, Any]
    chosen: str
    compared: Mapping[str, LeftOut]
    errors: Mapping[str, float]
    probabilities: FloatArray
    outcomes: FloatArray

    def figures(self) -> dict[str, dict[str, float]]:
        """Return METRIC by kind and collection, left out."""
        return {
            kind: {name: float(table[METRIC].mean()) for name, table in left.per_need.items()}
            for kind, left in self.compared.items()
        }


def train_reranker(
    tables: Sequence[FeatureTable],
    *,
    encoder_checksum: str,
    kind: str = "",
    abstention: Mapping[str, Any] | None = None,
) -> Trained:
    """Compare the kinds, fit `kind` on all tables (or the kind that wins), calibrate it.

    A kind that is not named is chosen by the mean over collections left out; boosted trees only
    if they are nowhere below the linear model, which is simpler.
    """
    compared = compare_kinds(tables)
    chosen = kind or choose_kind(compared)
    left_out = scored_tables(tables, compared[chosen])
    graded = [scored for scored in left_out if scored.topics is not None]
    curve = fit_curve(graded or left_out)
    usual = UNLIKELY if graded else FAR
    document = {
        "format": serving.FORMAT,
        **_model(tables, chosen),
        "encoder_checksum": encoder_checksum,
        "calibration": {**vars(curve), **CUTS, **(abstention or usual)},
        "trained": _record(tables, compared, chosen),
    }
    serving.reranker_of(document)
    held_out = probabilities_left_out(left_out)
    return Trained(
        document=document,
        chosen=chosen,
        compared=compared,
        errors={name: equal_count_error(p, y) for name, (p, y) in held_out.items()},
        probabilities=np.concatenate([p for p, _ in held_out.values()]),
        outcomes=np.concatenate([y for _, y in held_out.values()]),
    )


def compare_kinds(tables: Sequence[FeatureTable]) -> dict[str, LeftOut]:
    """Return what each kind reaches on collections that it was not fitted on."""
    kinds = dict(fits(NAMES))
    if not any(table.graded for table in tables):
        kinds.pop(SUITABILITY)
    return {kind: leave_one_out(tables, kind, fit) for kind, fit in kinds.items()}


def choose_kind(compared: Mapping[str, LeftOut]) -> str:
    """Return SUITABILITY where it was compared, else LINEAR, or LAMBDAMART.

    Graded judgements alone say how likely a person suits; the trees are chosen only if they are on no
    collection below the linear model.
    """
    if SUITABILITY in compared:
        return SUITABILITY
    trees, linear = compared[LAMBDAMART].per_need, compared[LINEAR].per_need
    wins = all(trees[name][METRIC].mean() >= linear[name][METRIC].mean() for name in linear)
    return LAMBDAMART if wins else LINEAR


def probabilities_left_out(
    scored: Sequence[Scored],
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return, by collection, probability and label of whom people see, from the others' curve.

    Where there are grades, of graded collections alone, from the curve of their other topics: elsewhere a
    person who was never judged is no evidence against a probability.
    """
    held_out = {}
    graded = [one for one in scored if one.topics is not None]
    if graded:
        return {one.name: left_out_by_topic(one, FOLDS) for one in graded}
    for one in scored:
        others = [other for other in scored if other.group != one.group]
        curve: Curve = fit_curve(others or scored)
        among = shown(one)
        held_out[one.name] = (curve.probability(one)[among], one.labels[among])
    return held_out


def _model(tables: Sequence[FeatureTable], kind: str) -> dict[str, Any]:
    if kind == LAMBDAMART:
        fitted = fit_lambdamart(tables, NAMES)
        return {"kind": serving.TREES, "features": list(NAMES), "booster": fitted.text}
    if kind == SUITABILITY:
        suited = fit_served(tables)
        return _linear_document(suited, suited.intercept)
    features = LINEAR_FEATURES if kind == LINEAR else (LINEAR_FEATURES[0],)
    return _linear_document(fit_linear(tables, features, penalty=choose_penalty(tables)), 0.0)


def _linear_document(linear: LinearWeights, intercept: float) -> dict[str, Any]:
    return {
        "kind": serving.LINEAR,
        "features": list(linear.features),
        "weights": linear.weights.round(6).tolist(),
        "means": linear.means.round(6).tolist(),
        "scales": linear.scales.round(6).tolist(),
        "intercept": round(intercept, 6),
    }


def _record(
    tables: Sequence[FeatureTable], compared: Mapping[str, LeftOut], chosen: str
) -> dict[str, Any]:
    """Return what the document says of its making: figures by collection, left out."""
    figures = {}
    for table in tables:
        interval = bootstrap_intervals(compared[chosen].per_need[table.name])[METRIC]
        figures[table.name] = {
            "needs": len(compared[chosen].per_need[table.name]),
            "first_stage": round(compared[FIRST_STAGE].per_need[table.name][METRIC].mean(), 4),
            METRIC: round(interval.mean, 4),
            "interval": [round(interval.low, 4), round(interval.high, 4)],
        }
    shares = {table.name: table.share for table in tables if table.share != 1}
    return {"program": __version__, "left_out": figures, **({"weights": shares} if shares else {})}
