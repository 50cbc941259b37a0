"""Probabilities: fits what turns scores into them, and measures how far they can be believed.

Platt scaling with a second input (see `matcher.reranking.calibration`); a reliability table, figures and
their picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from enmusubi.errors import InputError
from matcher.reranking.calibration import log_share, sigmoid

SHOWN = 10  # calibrated where people look: the first of each list
BINS = 10
MIN_SPREAD = 1e-6
# with more of it the best of every list looks likely, also where nobody fits: a worse likelihood on
# topics held out (docs/quality.md)
MOST_SHARE = 0.5
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """One collection's re-ranked candidates: scores, labels and the number of each row's need.

    `topics` numbers what is left out together; None where each need stands for itself.
    """

    name: str
    group: str
    scores: FloatArray
    labels: FloatArray
    needs: NDArray[np.int64]
    topics: NDArray[np.int64] | None = None

    def of(self, kept: NDArray[np.bool_]) -> "Scored":
        """Return these rows."""
        topics = None if self.topics is None else self.topics[kept]
        needs = np.unique(self.needs[kept], return_inverse=True)[1]
        return Scored(self.name, self.group, self.scores[kept], self.labels[kept], needs, topics)


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

    That of the share is at most MOST_SHARE.

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

    bounds = [(MIN_SPREAD, None), (0, MOST_SHARE), (None, None)]
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


def equal_count_error(probabilities: FloatArray, labels: FloatArray, bins: int = BINS) -> float:
    """Return the expected calibration error over bins that hold equally many (Nixon et al. 2019).

    Most probabilities of a list are small: bins of equal width would measure two or three of them.
    """
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [len(p) * abs(probabilities[p].mean() - labels[p].mean()) for p in parts]
    return float(sum(gaps) / max(1, len(probabilities)))


def left_out_by_topic(scored: Scored, folds: int) -> tuple[FloatArray, FloatArray]:
    """Return probability and label of whom people see, each from the curve of the other topics."""
    topics = scored.needs if scored.topics is None else scored.topics
    probabilities = np.zeros(len(scored.scores))
    for fold in range(folds):
        out = topics % folds == fold
        if out.any() and not out.all():
            probabilities[out] = fit_curve([scored.of(~out)]).probability(scored.of(out))
    among = shown(scored)
    return probabilities[among], scored.labels[among]


def _inputs(scored: Scored) -> FloatArray:
    """Return score and ln share of every row, shape (n, 2)."""
    shares = np.empty(len(scored.scores))
    order = np.argsort(scored.needs, kind="stable")
    borders = np.flatnonzero(np.diff(scored.needs[order])) + 1
    for rows in np.split(order, borders):
        shares[rows] = log_share(scored.scores[rows])
    return np.column_stack([scored.scores, shares])


_SIZE_INCHES = (5.0, 5.0)
_MARKS = (10.0, 200.0)  # areas of the smallest and the largest bin's mark, in points squared


def reliability_table(
    probabilities: ArrayLike, outcomes: ArrayLike, *, bins: int = BINS
) -> pd.DataFrame:
    """Return a row for each of `bins` equal intervals of [0, 1] that holds a probability.

    Columns: low, high, count, predicted (mean probability) and observed (share of outcomes that are
    true). Raises InputError for values that are not probabilities, or for arrays of two lengths.
    """
    predicted, observed = _checked(probabilities, outcomes)
    place = np.minimum((predicted * bins).astype(int), bins - 1)
    rows = [
        (i / bins, (i + 1) / bins, int(own.sum()), predicted[own].mean(), observed[own].mean())
        for i in range(bins)
        if (own := place == i).any()
    ]
    return pd.DataFrame(rows, columns=["low", "high", "count", "predicted", "observed"])


def calibration_figures(probabilities: ArrayLike, outcomes: ArrayLike) -> Mapping[str, float]:
    """Return expected calibration error, Brier score, base rate and number of pairs.

    The Brier score is the mean squared error of the probabilities.
    """
    predicted, observed = _checked(probabilities, outcomes)
    return {
        "expected_calibration_error": calibration_error(predicted, observed),
        "brier_score": float(((predicted - observed) ** 2).mean()),
        "base_rate": float(observed.mean()),
        "pairs": float(len(predicted)),
    }


def plot_reliability(probabilities: ArrayLike, outcomes: ArrayLike, path: Path) -> None:
    """Draw predicted against observed into a PNG file; a mark's area grows with its bin's count."""
    from matplotlib.figure import Figure  # without pyplot: no window system, no global state

    bins = reliability_table(probabilities, outcomes)
    error = calibration_figures(probabilities, outcomes)["expected_calibration_error"]
    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="perfect")
    axes.plot(bins["predicted"], bins["observed"], color="C0", linewidth=1)
    areas = _MARKS[0] + (_MARKS[1] - _MARKS[0]) * bins["count"] / bins["count"].max()
    axes.scatter(bins["predicted"], bins["observed"], s=areas, color="C0", label="held out")
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
        xlabel="predicted probability of being relevant",
        ylabel="share that was relevant",
        title=f"{int(bins['count'].sum()):,} pairs, expected calibration error {error:.3f}",
    )
    axes.legend(loc="upper left", frameon=False)
    figure.savefig(path, format="png", dpi=120)


def _checked(
    probabilities: ArrayLike, outcomes: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    predicted = np.asarray(probabilities, dtype=np.float64)
    observed = np.asarray(outcomes, dtype=np.float64)
    if predicted.ndim != 1 or predicted.shape != observed.shape or not len(predicted):
        raise InputError(
            "Probabilities of shape %(predicted)s and outcomes of shape %(observed)s were "
            "given. Expected one outcome for each probability, and at least one.",
            predicted=predicted.shape,
            observed=observed.shape,
        )
    if not ((predicted >= 0) & (predicted <= 1)).all() or not np.isin(observed, (0, 1)).all():
        raise InputError("Expected probabilities from 0 to 1 and outcomes that are 0 or 1.")
    return predicted, observed
