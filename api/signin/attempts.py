"""How often one address or account may try to sign in: counted in memory, in windows of five minutes."""

import threading
import time
from collections.abc import Callable

from enmusubi.errors import TooManyRequestsError

WINDOW_S = 300
MAX_KEYS = 50_000


class Attempts:
    """Counts attempts by key; safe to share among threads."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._counts: dict[
            str, tuple[float, int]
        ] = {}  # key → when its window ends, attempts in it
        self._lock = threading.Lock()

    def count(self, key: str) -> None:
        """Count one attempt; raises TooManyRequestsError beyond the limit."""
        now = self._clock()
        with self._lock:
            ends_at, count = self._counts.get(key, (0.0, 0))
            if ends_at <= now:
                self._make_room(now)
                ends_at, count = now + WINDOW_S, 0
            self._counts[key] = (ends_at, count + 1)
        if count >= self._limit:
            raise TooManyRequestsError(
                "There were more than %(count)s attempts to sign in within five minutes. "
                "Wait a little and try again.",
                retry_after_s=max(1, round(ends_at - now)),
                count=self._limit,
            )

    def _make_room(self, now: float) -> None:
        """Forget windows that are over, and all of them where that is not enough."""
        if len(self._counts) >= MAX_KEYS:
            self._counts = {key: kept for key, kept in self._counts.items() if kept[0] > now}
        if len(self._counts) >= MAX_KEYS:
            self._counts.clear()
