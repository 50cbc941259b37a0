"""Fits what turns scores into probabilities, and measures how far they can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.reranking.calibration import log_share, sigmoid

SHOWN = 10  # calibrated where people look: the first of each list
BINS = 10
MIN_SPREAD = 1e-6
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """One collection's re-ranked candidates: scores, labels and the number of each row's need."""

    name: str
    group: str
    scores: FloatArray
    labels: FloatArray
    needs: NDArray[np.int64]


@dataclass(frozen=True)
class Curve:
    """p = sigmoid(own x score + share x ln share + intercept)."""

    own: float
    share: float
    intercept: float

    def probability(self, scored: Scored) -> FloatArray:
        """Return the probability of each row."""
        inputs = _inputs(scored)
        logit = inputs @ np.array([self.own, self.share]) + self.intercept
        return sigmoid(logit)


def fit_curve(collections: Sequence[Scored]) -> Curve:
    """Return the curve of largest likelihood over the SHOWN best of each need; weights not below 0.

    Every group of collections counts the same.
    """
    from scipy.optimize import minimize

    parts = [(_inputs(c)[t], c.labels[t], c.group) for c in collections for t in [shown(c)]]
    groups = [group for *_, group in parts]
    inputs = np.concatenate([p[0] for p in parts])
    labels = np.concatenate([p[1] for p in parts])
    weights = np.concatenate(
        [np.full(len(p[1]), 1 / (len(p[1]) * groups.count(p[2]))) for p in parts]
    )
    design = np.column_stack([inputs, np.ones(len(inputs))])

    def loss(w: FloatArray) -> tuple[float, FloatArray]:
        logit = design @ w
        value = float(weights @ (np.logaddexp(0, logit) - labels * logit))
        return value, design.T @ (weights * (sigmoid(logit) - labels))

    bounds = [(MIN_SPREAD, None), (0, None), (None, None)]
    fitted = minimize(loss, np.array([0.1, 0.1, -1.0]), jac=True, bounds=bounds, method="L-BFGS-B")
    return Curve(*(float(value) for value in fitted.x))


def shown(scored: Scored) -> NDArray[np.bool_]:
    """Say of each row whether it is among the SHOWN best of its need."""
    order = np.lexsort((-scored.scores, scored.needs))
    starts = np.searchsorted(scored.needs[order], np.arange(scored.needs.max() + 1))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - starts[scored.needs[order]]
    return np.asarray(place < SHOWN)


def calibration_error(probabilities: FloatArray, labels: FloatArray, bins: int = BINS) -> float:
    """Return the expected calibration error over bins of equal width (Naeini et al. 2015)."""
    place = np.minimum((probabilities * bins).astype(int), bins - 1)
    error = 0.0
    for one in np.unique(place):
        inside = place == one
        error += inside.mean() * abs(probabilities[inside].mean() - labels[inside].mean())
    return float(error)


def _inputs(scored: Scored) -> FloatArray:
    """Return score and ln share of every row, shape (n, 2)."""
    shares = np.empty(len(scored.scores))
    order = np.argsort(scored.needs, kind="stable")
    borders = np.flatnonzero(np.diff(scored.needs[order])) + 1
    for rows in np.split(order, borders):
        shares[rows] = log_share(scored.scores[rows])
    return np.column_stack([scored.scores, shares])
