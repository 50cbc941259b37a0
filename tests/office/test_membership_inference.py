"""What a company learns of the office's judgements from the probabilities of lists that are released to it.

The recalibration is fitted to judgements, so every judgement moves all probabilities a little. A company has
a list of one need from before and after a night in which some pairs were judged, and guesses whether a pair
of its own need was found suitable among them. The figure is the chance to guess right (area under the curve).
"""

import logging

import numpy as np
import pytest

from matcher.reranking.calibration import Recalibration, logit, sigmoid
from office.recalibration import fit_recalibration, steadied

log = logging.getLogger(__name__)
TRIALS, PEOPLE = 300, 10
TARGET = 0.45  # what the list said of the pair


def fitted(history: np.ndarray, verdicts: np.ndarray) -> Recalibration:
    slope, shift = fit_recalibration(history, verdicts)
    return Recalibration(slope, shift, judged=len(history), suitable=0, needs=0)


def area_under_the_curve(judged: int, others: int, *, steady: bool) -> float:
    """Return how well the night's change tells whether the pair was found suitable, 0.5 being not at all."""
    random = np.random.default_rng(11)
    people = logit(sigmoid(random.normal(-0.5, 1, PEOPLE)))
    told: tuple[list[float], list[float]] = ([], [])
    for trial in range(TRIALS):
        p = sigmoid(random.normal(-1, 1.5, judged + random.poisson(others)))
        verdicts = (random.random(len(p)) < p).astype(float)
        is_in = trial % 2
        before = fitted(p[:judged], verdicts[:judged])
        after = fitted(np.append(p, [TARGET] * is_in), np.append(verdicts, [1.0] * is_in))
        after = steadied(after, before) if steady else after
        shown = [sigmoid(one.slope * people + one.shift) for one in (before, after)]
        told[is_in].append(float((shown[1] - shown[0]).mean()))
    out, into = (np.array(one) for one in told)
    above = (into[:, None] > out[None, :]).mean() + 0.5 * (into[:, None] == out[None, :]).mean()
    return float(above)


@pytest.mark.parametrize(
    ("judged", "others", "least_before"),
    [(20, 0, 0.99), (200, 0, 0.99), (20, 3, 0.7), (200, 3, 0.7)],
)
def test_a_company_cannot_tell_what_the_office_judged_in_a_night(
    judged: int, others: int, least_before: float
) -> None:
    every, steady = (area_under_the_curve(judged, others, steady=s) for s in (False, True))
    log.info("%s judged, %s others: %.2f before, %.2f now", judged, others, every, steady)
    assert every >= least_before
    assert steady <= 0.56
