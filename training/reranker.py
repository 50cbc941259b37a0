"""Trains a re-ranker: compares the kinds on collections left out, fits the chosen one, calibrates it.

The result is one document (see `matcher.reranking.reranker`): numbers and names, no text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enmusubi import __version__
from matcher.features.definitions import NAMES
from matcher.reranking import reranker as serving
from training.boosting import fit_lambdamart
from training.calibrating import Curve, Scored, calibration_error, fit_curve, shown
from training.feature_tables import FeatureTable
from training.leaving_out import (
    FIRST_STAGE,
    LAMBDAMART,
    LINEAR,
    LINEAR_FEATURES,
    METRIC,
    LeftOut,
    choose_penalty,
    fits,
    leave_one_out,
    scored_tables,
)
from training.metrics import bootstrap_intervals
from training.ranking_loss import fit_linear

FloatArray = NDArray[np.float64]
CUTS = {"strong": 0.5, "good": 0.25, "possible": 0.1}
# docs/quality.md: when it said so, the catalogue lacked the need's field in 96 of 100 cases
ABSTENTION = {"abstain_feature": "dense_best_z", "abstain_below": 2.2}


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
    abstention: Mapping[str, Any] = ABSTENTION,
) -> Trained:
    """Compare the kinds, fit `kind` on all tables (or the kind that wins), calibrate it.

    A kind that is not named is chosen by the mean over collections left out; boosted trees only
    if they are nowhere below the linear model, which is simpler.
    """
    compared = compare_kinds(tables)
    chosen = kind or choose_kind(compared)
    left_out = scored_tables(tables, compared[chosen])
    curve = fit_curve(left_out)
    document = {
        "format": serving.FORMAT,
        **_model(tables, chosen),
        "encoder_checksum": encoder_checksum,
        "calibration": {**vars(curve), **CUTS, **abstention},
        "trained": _record(tables, compared, chosen),
    }
    serving.reranker_of(document)
    held_out = probabilities_left_out(left_out)
    return Trained(
        document=document,
        chosen=chosen,
        compared=compared,
        errors={name: calibration_error(p, y) for name, (p, y) in held_out.items()},
        probabilities=np.concatenate([p for p, _ in held_out.values()]),
        outcomes=np.concatenate([y for _, y in held_out.values()]),
    )


def compare_kinds(tables: Sequence[FeatureTable]) -> dict[str, LeftOut]:
    """Return what each kind reaches on collections that it was not fitted on."""
    return {kind: leave_one_out(tables, kind, fit) for kind, fit in fits(NAMES).items()}


def choose_kind(compared: Mapping[str, LeftOut]) -> str:
    """Return LINEAR or LAMBDAMART: the trees only if they are on no collection below the linear."""
    trees, linear = compared[LAMBDAMART].per_need, compared[LINEAR].per_need
    wins = all(trees[name][METRIC].mean() >= linear[name][METRIC].mean() for name in linear)
    return LAMBDAMART if wins else LINEAR


def probabilities_left_out(
    scored: Sequence[Scored],
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return, by collection, probability and label of whom people see, from the others' curve."""
    held_out = {}
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
    features = LINEAR_FEATURES if kind == LINEAR else (LINEAR_FEATURES[0],)
    linear = fit_linear(tables, features, penalty=choose_penalty(tables))
    return {
        "kind": serving.LINEAR,
        "features": list(linear.features),
        "weights": linear.weights.round(6).tolist(),
        "means": linear.means.round(6).tolist(),
        "scales": linear.scales.round(6).tolist(),
        "intercept": 0.0,
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
    return {"program": __version__, "left_out": figures}
