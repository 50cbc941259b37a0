"""How fast answers come, and so how long those have to wait who find too many before them."""

import math
import time
from collections.abc import Callable

UNKNOWN_S = 5  # before the first answer
LONGEST_S = 60
_WEIGHT = 0.3  # of the latest batch, against all before


class LatencyEstimate:
    """The seconds for an answer while others wait, smoothed over the latest batches.

    Batches overlap: one is encoded while another is answered. A batch counts from the end of the one
    before it, or from its own beginning where nothing was done in between.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._each_s: float | None = None
        self._ended = -math.inf

    def note(self, answers: int, began: float) -> None:
        """Take account of a batch that has just had its answers; `began` by the same clock."""
        now = self._clock()
        each_s = (now - max(began, self._ended)) / answers
        before = each_s if self._each_s is None else self._each_s
        self._each_s, self._ended = before + _WEIGHT * (each_s - before), now

    def wait_s(self, answers: int) -> int:
        """Return the seconds until so many will be answered: whole ones, as Retry-After says them."""
        if self._each_s is None:
            return UNKNOWN_S
        return min(max(1, math.ceil(self._each_s * answers)), LONGEST_S)
