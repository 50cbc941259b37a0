"""Fits the linear re-ranker to how suitable people are: a logistic regression that several needs share.

    P(suitable) = sigmoid(X w + c),   loss = sum over groups of the mean log loss, scaled to the number of
    suitable pairs, + penalty / 2 sum of w^2

Graded tables say of every pair whether it suits. In the others only some of the suitable people are known
(a teacher of one course, a winner of one award), so that each has an intercept c of its own, which takes
up what was never judged, and teaches the weights alone. The intercept that serves is that of the graded
tables. Known directions bound the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.features.definitions import FEATURES, OF_SCALE
from matcher.reranking.calibration import sigmoid
from training.feature_tables import FeatureTable
from training.ranking_loss import LinearWeights, bound, standard

FloatArray = NDArray[np.float64]
PENALTY = 0.1
GRADED_WEIGHT = 4.0  # of a graded group against one of the others
SCALE_PENALTY = 0.1  # of PENALTY, for the indicators of a pair of languages
MASS = 100.0  # suitable pairs that a group counts as, however many it has


@dataclass(frozen=True)
class SuitabilityWeights(LinearWeights):
    """Linear weights and the intercept of graded judgements: the score is the log-odds of suitable."""

    intercept: float

    def score(self, table: FeatureTable) -> FloatArray:
        """Return the log-odds of each row."""
        return super().score(table) + self.intercept


@dataclass(frozen=True)
class _Part:
    values: FloatArray
    wanted: FloatArray
    weights: FloatArray


def fit_suitability(
    tables: Sequence[FeatureTable], features: Sequence[str], *, penalty: float = PENALTY
) -> SuitabilityWeights:
    """Return the weights; tables with not one suitable pair are left out.

    Without graded tables the intercept is the mean of the others'.
    """
    from scipy.optimize import minimize

    means, scales = standard(tables, features)
    indicators = np.array([name in OF_SCALE and name.endswith(("_ja", "_en")) for name in features])
    means, scales = np.where(indicators, 0.0, means), np.where(indicators, 1.0, scales)
    used = [table for table in tables if table.suitability().any()]
    parts = [_part(table, used, features, means, scales) for table in used]
    penalties = penalty * np.where(indicators, SCALE_PENALTY, 1.0)
    directions = {feature.name: feature.direction for feature in FEATURES}
    bounds = [bound(directions[name]) for name in features] + [(None, None)] * len(parts)
    start = np.r_[np.zeros(len(features)), np.full(len(parts), -3.0)]
    fitted = minimize(
        lambda w: _loss(w, parts, penalties), start, jac=True, method="L-BFGS-B", bounds=bounds
    ).x
    intercepts = fitted[len(features) :]
    graded = np.array([table.graded for table in used])
    return SuitabilityWeights(
        tuple(features),
        np.asarray(fitted[: len(features)]),
        means,
        scales,
        intercept=float(intercepts[graded].mean() if graded.any() else intercepts.mean()),
    )


def _part(
    table: FeatureTable,
    tables: Sequence[FeatureTable],
    features: Sequence[str],
    means: FloatArray,
    scales: FloatArray,
) -> _Part:
    wanted, pair_weight = table.suitability(), table.weights()
    shared = sum(other.group == table.group for other in tables)
    mass = MASS * (GRADED_WEIGHT if table.graded else 1.0) / shared
    return _Part(
        values=(table.rows[list(features)].to_numpy(np.float64) - means) / scales,
        wanted=wanted,
        weights=pair_weight * mass / float(pair_weight @ wanted),
    )


def _loss(w: FloatArray, parts: Sequence[_Part], penalties: FloatArray) -> tuple[float, FloatArray]:
    """Return the loss and its gradient by weights and intercepts, shape (n_features + n_parts,)."""
    count = len(penalties)
    weights = w[:count]
    total = 0.5 * float(penalties @ weights**2)
    gradient = np.r_[penalties * weights, np.zeros(len(parts))]
    for place, part in enumerate(parts, start=count):
        logits = part.values @ weights + w[place]
        total += float(part.weights @ (np.logaddexp(0, logits) - part.wanted * logits))
        left = part.weights * (sigmoid(logits) - part.wanted)
        gradient[:count] += part.values.T @ left
        gradient[place] = left.sum()
    return total, gradient
