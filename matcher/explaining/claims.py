"""From which cosine on a sentence may be said to answer a part of the need.

A similar sentence is no answer. Fitted to pairs of a sentence and a part that were read one by one
(docs/quality.md):

    P(answers) = sigmoid(5.6 cosine + 0.72 logit(p) + 1.24 [the part says what is wanted] - 4.79)

where p is the person's probability of being suitable. A part is said to be answered where that is more likely
than not: the less likely the person, the nearer the sentence must be.
"""

import numpy as np
from numpy.typing import NDArray

from matcher.reranking.calibration import logit

NEARNESS_WEIGHT = 5.6
PERSON_WEIGHT = 0.72
WANTED_WEIGHT = 1.24
INTERCEPT = -4.79
LEAST_ANSWER = 0.4  # whoever the person is: what is less near has not been read
FloatArray = NDArray[np.float64]


def least_nearness(probability: float | None, wanted: NDArray[np.bool_]) -> FloatArray:
    """Return for each part the cosine from which on a sentence is said to answer it; shape (n_parts,).

    `wanted` says which parts are a title or a wish. Without a probability nothing is answered: the cosines
    are infinite.
    """
    if probability is None:
        return np.full(len(wanted), np.inf)
    person = float(logit(np.array([probability]))[0])
    known = INTERCEPT + PERSON_WEIGHT * person + WANTED_WEIGHT * wanted
    return np.asarray(np.maximum(LEAST_ANSWER, -known / NEARNESS_WEIGHT), dtype=np.float64)
