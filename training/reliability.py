"""How far probabilities can be believed: reliability table, figures and their picture."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from enmusubi.errors import InputError
from training.calibrating import BINS, calibration_error

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
