"""When what failed is tried again: after pauses that double, so that nobody is asked too often."""

import random

LONGEST_PAUSE_S = 12 * 3600


def pause_s(attempts: int, first_s: float) -> float:
    """Return how long to wait after that many attempts: twice as long each time, give or take."""
    doubled = min(first_s * 2.0 ** min(attempts - 1, 30), LONGEST_PAUSE_S)
    return doubled * random.uniform(0.8, 1.2)  # noqa: S311 - only spreads the load
