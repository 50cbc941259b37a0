"""Fits the linear re-ranker: listwise softmax over each need's candidates, drawn to the first stage.

    loss = mean over collections of mean over needs of -(1 / n) sum over relevant r of ln softmax(s)_r
           + sum over features of penalty w^2 / 2,       s = X w

This is ListNet's top-one loss (Cao et al. 2007) with the relevant sharing the mass. The first
stage's score is hardly penalised, the others are: with a strong penalty the order is the first
stage's, with a weak one the collections decide. Known directions bound the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.features.definitions import FEATURES
from training.feature_tables import FeatureTable

ANCHOR = "first_stage"
ANCHOR_PENALTY = 0.001  # above 0, so that the minimum is unique where a table has few needs
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class LinearWeights:
    """score = sum of weight x (value - mean) / scale, by feature."""

    features: tuple[str, ...]
    weights: FloatArray
    means: FloatArray
    scales: FloatArray

    def score(self, table: FeatureTable) -> FloatArray:
        """Return the score of each row."""
        values = table.rows[list(self.features)].to_numpy(np.float64)
        return np.asarray((values - self.means) / self.scales @ self.weights)


@dataclass(frozen=True)
class Block:
    """A table's needs that have a relevant candidate, standardised; `target` sums to 1 a need.

    `pair_weight` multiplies a row wherever it is summed: against position bias, an inverse
    propensity.
    """

    values: FloatArray
    target: FloatArray
    pair_weight: FloatArray
    need: IntArray
    count: int
    weight: float


def fit_linear(
    tables: Sequence[FeatureTable], features: Sequence[str], *, penalty: float
) -> LinearWeights:
    """Return the weights; every group of tables counts the same, however many needs it has."""
    from scipy.optimize import minimize

    means, scales = standard(tables, features)
    blocks = [
        block for table in tables if (block := block_of(table, features, tables, means, scales))
    ]
    penalties = np.array([ANCHOR_PENALTY if name == ANCHOR else penalty for name in features])
    directions = {feature.name: feature.direction for feature in FEATURES}
    # a feature that can only speak for a person never gets a negative weight, whatever the sample says
    bounds = [bound(directions[name]) for name in features]
    fitted = minimize(
        lambda w: _loss(w, blocks, penalties),
        np.zeros(len(features)),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
    )
    return LinearWeights(tuple(features), np.asarray(fitted.x), means, scales)


def bound(direction: int) -> tuple[float | None, float | None]:
    """Return the bounds of a weight whose feature can only speak for or against a person."""
    return (0.0 if direction > 0 else None, 0.0 if direction < 0 else None)


def standard(
    tables: Sequence[FeatureTable], features: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """Return mean and spread of each feature, every group of tables counted the same."""
    groups = sorted({table.group for table in tables})
    means, variances = [], []
    for group in groups:
        values = np.concatenate(
            [t.rows[list(features)].to_numpy(np.float64) for t in tables if t.group == group]
        )
        means.append(values.mean(axis=0))
        variances.append(values.var(axis=0))
    spread = np.sqrt(np.mean(variances, axis=0))
    return np.mean(means, axis=0), np.where(spread > 1e-9, spread, 1.0)


def block_of(
    table: FeatureTable,
    features: Sequence[str],
    tables: Sequence[FeatureTable],
    means: FloatArray,
    scales: FloatArray,
) -> Block | None:
    """Return a table's needs, standardised, or None where none of them has a relevant candidate."""
    need, pair_weight = table.needs(), table.weights()
    labels = table.labels() * pair_weight
    found = np.bincount(need, weights=labels)
    # a need without a relevant candidate has no target to move mass to: its loss would be constant
    kept = found[need] > 0
    if not kept.any():
        return None
    values = (table.rows[list(features)].to_numpy(np.float64)[kept] - means) / scales
    renumbered = np.unique(need[kept], return_inverse=True)[1]
    return Block(
        values=values,
        target=labels[kept] / found[need[kept]],
        pair_weight=pair_weight[kept],
        need=renumbered,
        count=int(renumbered.max()) + 1,
        weight=table.share / sum(other.group == table.group for other in tables),
    )


def _loss(
    w: FloatArray, blocks: Sequence[Block], penalties: FloatArray
) -> tuple[float, FloatArray]:
    """Return the loss and its gradient by w, shape (n_features,)."""
    total = 0.5 * float(penalties @ (w * w))
    gradient = penalties * w
    for block in blocks:
        value, slope = listwise(w, block)
        total += value
        gradient = gradient + slope
    return total, gradient


def listwise(w: FloatArray, block: Block) -> tuple[float, FloatArray]:
    """Return the loss of one table, every need counted the same, and its gradient by w."""
    scores = block.values @ w
    # softmax by need, the highest score taken away first: exp of a large score would overflow
    highest = np.full(block.count, -np.inf)
    np.maximum.at(highest, block.need, scores)
    powers = block.pair_weight * np.exp(scores - highest[block.need])
    sums = np.bincount(block.need, weights=powers, minlength=block.count)
    log_share = scores - highest[block.need] - np.log(sums[block.need])
    factor = block.weight / block.count
    # of the softmax, predicted minus wanted mass
    slope = (powers / sums[block.need] - block.target) @ block.values
    return -factor * float(block.target @ log_share), factor * slope
