"""Calibration: turns scores into probabilities and words, and says when no candidate fits.

    p = sigmoid(a s + b ln share + c),   share = exp(s) / sum of exp over the need's candidates

`s` is the re-ranker's score. The first term says how well a candidate fits on its own, the second
how large its share of the softmax over all candidates of the need is, also those whom a filter leaves
out: no candidate fits better because others are not looked at. Both grow with `s`, so p orders a list
as s does. a, b and c are fitted on held-out needs (Platt 1999, "Probabilistic outputs for support vector
machines", with a second input); docs/quality.md has the reliability.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enmusubi.messages import UnfitError
from matcher.features.definitions import NAMES

FloatArray = NDArray[np.float64]
# levels of strength, as they stand in answers; `explaining.words` has what they are called
STRONG, GOOD, POSSIBLE, WEAK = "strong", "good", "possible", "weak"
PROBABILITY = "probability"
WORDS = (STRONG, GOOD, POSSIBLE, WEAK)


@dataclass(frozen=True)
class Calibration:
    """The fitted curve, the cuts between the words, and when no candidate of a list is said to fit.

    `own`, `share` and `intercept` are a, b and c. A person is strong from the probability `strong`
    on, good from `good`, possible from `possible`, else weak. No candidate fits where `abstain_feature` of
    the best person is below `abstain_below`: the PROBABILITY where it was fitted on needs of which some
    have nobody, else a feature, since a probability is then too high for a need that has none.
    """

    own: float
    share: float
    intercept: float
    strong: float
    good: float
    possible: float
    abstain_feature: str
    abstain_below: float

    def __post_init__(self) -> None:
        numbers = [value for value in vars(self).values() if not isinstance(value, str)]
        if not np.isfinite(numbers).all():
            raise UnfitError("a calibration's numbers must be finite")
        if self.abstain_feature not in (PROBABILITY, *NAMES):
            raise UnfitError(
                "it abstains by %(feature)r, which this program lacks", feature=self.abstain_feature
            )
        if self.own < 0 or self.share < 0:
            raise UnfitError("a calibration that falls with the score would reorder lists")
        if not 1 >= self.strong >= self.good >= self.possible >= 0:
            raise UnfitError("the cuts must fall from strong to possible, within 0 and 1")

    def probability(self, scores: FloatArray, among: FloatArray | None = None) -> FloatArray:
        """Return the probability of being relevant of each candidate of one need, shape (n,).

        `among` are the scores of all candidates of the need, where `scores` are only some of them.
        """
        if not len(scores):
            return np.zeros(0)
        shares = log_share(scores, among)
        return sigmoid(self.own * scores + self.share * shares + self.intercept)

    def word(self, probability: float) -> str:
        """Return the level of strength of a probability: strong, good, possible or weak.

        Levels are cut by probability, not by rank: the first of a list of strangers to the need is weak,
        and a need with ten good candidates has ten.
        """
        return next((word for word, cut in self.cuts if probability >= cut), WEAK)

    @property
    def cuts(self) -> tuple[tuple[str, float], ...]:
        """The words but the last, and from which probability on each holds, falling."""
        return tuple(zip(WORDS, (self.strong, self.good, self.possible), strict=False))

    def document(self) -> dict[str, Any]:
        """Return what `Calibration(**document)` needs."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Calibration":
        """Return the calibration of a document; raises TypeError or ValueError when it is none."""
        return cls(**{key: _plain(value) for key, value in document.items()})


@dataclass(frozen=True)
class Recalibration:
    """What the judgements of an office change in the probabilities: logit p' = slope x logit p + shift.

    They are of `judged` pairs, `suitable` of which were judged suitable, of `needs` needs. The order of a
    list stays.
    """

    slope: float
    shift: float
    judged: int
    suitable: int
    needs: int

    def __post_init__(self) -> None:
        if not (np.isfinite([self.slope, self.shift]).all() and self.slope > 0):
            raise UnfitError("a recalibration that falls with the probability would reorder lists")

    def probability(self, probabilities: FloatArray) -> FloatArray:
        """Return the probabilities as the office's judgements have them, of the same shape."""
        return sigmoid(self.slope * logit(probabilities) + self.shift)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else float(value)


def sigmoid(logits: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-x)) of each x, however far from 0."""
    return np.asarray(np.exp(-np.logaddexp(0, -logits)), dtype=np.float64)


def logit(probabilities: FloatArray) -> FloatArray:
    """Return ln(p / (1 - p)) of each p, held within 1e-9 of 0 and 1."""
    inside = np.clip(probabilities, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)


def log_share(scores: FloatArray, among: FloatArray | None = None) -> FloatArray:
    """Return ln of each score's share of the sum of exp over all scores, shape (n,).

    All are those of `among`, or else the scores themselves.
    """
    every = scores if among is None or not len(among) else among
    highest = every.max()
    return np.asarray(scores - highest - np.log(np.exp(every - highest).sum()))
