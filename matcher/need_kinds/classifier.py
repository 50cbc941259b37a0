"""Whether a need is for something better or for something else: sustaining or disruptive.

After Christensen (1997, "The Innovator's Dilemma"): a sustaining need improves what a company makes for the
customers that it has; a disruptive one looks for another market, another principle or another business. A
logistic regression on the need's centred vector; words alone did not tell them (docs/exploring.md). Weights
hold for one encoder, named by its checksum; for another one nothing is said. `tools/fit_need_kinds.py` fits
them to made-up needs (`training/need_kinds.json`).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import StorageError

SUSTAINING, DISRUPTIVE = "sustaining", "disruptive"
NEED_KINDS = (SUSTAINING, DISRUPTIVE)
DEFAULT_FILE = Path(__file__).with_name("classifier.npz")
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class KindGuess:
    """The likelier kind of a need, and the probability of that kind, from .5 to 1."""

    kind: str
    probability: float


@dataclass(frozen=True)
class NeedKinds:
    """The fitted weights, shape (dimension + 1,), the intercept last."""

    weights: FloatArray

    def guess(self, vector: NDArray[np.floating]) -> KindGuess:
        """Return the likelier kind of a need from its centred unit vector; in doubt it is sustaining."""
        log_odds = float(vector.astype(np.float64) @ self.weights[:-1] + self.weights[-1])
        disruptive = 1 / (1 + np.exp(-log_odds))
        if disruptive > 0.5:
            return KindGuess(DISRUPTIVE, round(float(disruptive), 4))
        return KindGuess(SUSTAINING, round(float(1 - disruptive), 4))


@cache
def load_kinds(model_checksum: str, path: Path = DEFAULT_FILE) -> NeedKinds | None:
    """Read the weights for an encoder, None where they are another's; raises StorageError."""
    try:
        with np.load(path) as stored:
            if str(stored["model_checksum"]) != model_checksum:
                return None
            return NeedKinds(stored["weights"].astype(np.float64))
    except (OSError, ValueError, KeyError) as error:
        raise StorageError(
            "The classifier of kinds of needs %(path)s cannot be read (%(kind)s). Install the "
            "package again, or fit it with tools/fit_need_kinds.py.",
            path=path,
            kind=type(error).__name__,
        ) from error


def save_kinds(path: Path, fitted: NeedKinds, model_checksum: str) -> None:
    """Write the weights, in half precision, with the encoder that they hold for."""
    np.savez_compressed(
        path,
        weights=fitted.weights.astype(np.float16),
        model_checksum=np.array(model_checksum),
    )
