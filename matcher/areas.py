"""Tells whether a need lies in a competitive or a non-competitive area, and who fits a competitive one.

What the need declares holds. Otherwise rules look for cues in its text (`area_cues`), each of which
counts once: p(competitive) = 1 / (1 + exp(-sum of weights)). Without cues nothing is known (p = .5),
and between 35 % and 65 % nothing is said. A cue that is denied nearby doesn't count.
"""

import math
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from enmusubi.language import JAPANESE
from matcher.area_cues import CUES
from matcher.records import COMPETITIVE, NON_COMPETITIVE

UNKNOWN = "unknown"
SURE = 0.65
RECORD_WEIGHTS = {"patents": 0.35, "industry": 0.30, "recent": 0.20, "confidential": 0.15}
HALF_COUNT = 2.0  # so many seeds of a kind are half of what can be shown by their number
FULL_SHARE = 0.2  # a fifth of the record is as good as all of it

_DENIED_AFTER = re.compile(
    r"^[^。、]{0,10}?(?:ない|なく|なし(?!と)|せず|しません|ません|不要|求め(?:ず|ない)|問わ|以前|より前|ではな)"
)
_DENIED_BEFORE = re.compile(r"\b(?:no|not|non|never|without|neither|nor|n't)\b[- ](?:\w+ ){0,3}$")


@dataclass(frozen=True)
class AreaGuess:
    """An area, the probability that it is competitive, and the names of the cues that said so."""

    area: str  # competitive, non-competitive or unknown
    probability: float
    cues: tuple[str, ...] = ()

    @property
    def competitive(self) -> float:
        """The probability where the area was called competitive, else 0: what features are made of."""
        return self.probability if self.area == COMPETITIVE else 0.0


NO_AREA = AreaGuess(UNKNOWN, 0.5)


def infer_area(text: str, language: str, declared: str = "") -> AreaGuess:
    """Return the declared area if there is one, or else what the text's cues make probable."""
    if declared in {COMPETITIVE, NON_COMPETITIVE}:
        return AreaGuess(declared, float(declared == COMPETITIVE), ("declared",))
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    found = [
        cue for cue in CUES if _says(cue.japanese if language == JAPANESE else cue.english, plain)
    ]
    probability = 1 / (1 + math.exp(-sum(cue.weight for cue in found)))
    area = UNKNOWN
    if probability >= SURE:
        area = COMPETITIVE
    elif probability <= 1 - SURE:
        area = NON_COMPETITIVE
    return AreaGuess(area, probability, tuple(cue.name for cue in found))


def _says(pattern: re.Pattern[str], text: str) -> bool:
    """Say whether the pattern stands in the text without being denied."""
    return any(
        not _DENIED_AFTER.search(text[match.end() : match.end() + 20])
        and not _DENIED_BEFORE.search(text[max(match.start() - 40, 0) : match.start()])
        for match in pattern.finditer(text)
    )


def competitive_fit(
    patents: ArrayLike,
    industry_seeds: ArrayLike,
    recent_industry: ArrayLike,
    confidential_seeds: ArrayLike,
    seeds: ArrayLike,
) -> NDArray[np.float64]:
    """Return how far people's records fit competitive work, in [0, 1]; all arguments have shape (n,).

    `patents`, `industry_seeds` (made with companies) and `confidential_seeds` are counts out of
    `seeds`; `recent_industry` is 1 for those who worked with a company lately, else 0, or a share.
    With g(n) = n / (n + 2) * (1 + min(1, n / (0.2 seeds))) / 2, which grows with the number and with
    its share of the record, so that neither one patent nor a thousand papers decide,
    fit = .35 g(patents) + .30 g(industry) + .20 recent + .15 g(confidential).
    """
    total = np.asarray(seeds, dtype=np.float64)
    counted = {
        "patents": _shown(patents, total),
        "industry": _shown(industry_seeds, total),
        "recent": np.clip(np.asarray(recent_industry, dtype=np.float64), 0, 1),
        "confidential": _shown(confidential_seeds, total),
    }
    fits = [weight * counted[name] for name, weight in RECORD_WEIGHTS.items()]
    return np.asarray(np.sum(fits, axis=0), dtype=np.float64)


def _shown(counts: ArrayLike, seeds: NDArray[np.float64]) -> NDArray[np.float64]:
    number = np.maximum(np.asarray(counts, dtype=np.float64), 0)
    share = np.minimum(1, number / (FULL_SHARE * np.maximum(seeds, 1)))
    return np.asarray(number / (number + HALF_COUNT) * (1 + share) / 2, dtype=np.float64)
