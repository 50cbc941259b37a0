"""How often a caller may ask, and an address or account may try to sign in: counted in memory."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Depends, Request

from api.dependencies import current_viewer
from catalogue.database.viewer import LOCAL_VIEWER
from enmusubi.errors import TooManyRequestsError

WINDOW_S = 300
MAX_KEYS = 50_000
MAX_BUCKETS = 10_000  # full ones are forgotten beyond


@dataclass(frozen=True)
class Allowance:
    """What is left to an asker after a request."""

    limit: int
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """Return the headers that tell it."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


class RateLimiter:
    """The buckets of all askers, in this process's memory."""

    def __init__(
        self, per_minute: int, burst: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_minute / 60
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # what is left, and when that was

    def take(self, asker: str) -> tuple[Allowance, float]:
        """Take one request; returns what is left and the seconds to wait, 0 where it is allowed."""
        now = self._clock()
        left = self._left(asker, now)
        wait_s = max(0.0, (1 - left) / self._per_second)
        if not wait_s:
            left -= 1
        self._buckets[asker] = (left, now)
        if len(self._buckets) > MAX_BUCKETS:
            self._forget(now)
        reset_s = math.ceil((self._burst - left) / self._per_second)
        return Allowance(self._burst, int(left), reset_s), wait_s

    def _left(self, asker: str, now: float) -> float:
        left, since = self._buckets.get(asker, (float(self._burst), now))
        return min(float(self._burst), left + (now - since) * self._per_second)

    def _forget(self, now: float) -> None:
        full = [asker for asker in self._buckets if self._left(asker, now) >= self._burst]
        for asker in full:
            del self._buckets[asker]


async def limit_rate(request: Request) -> None:
    """Raise TooManyRequestsError for an asker of the API who has none left; this computer's may ask on."""
    if not request.scope["path"].startswith("/v1/"):
        return
    wait_s = await _taken(request, request.app.state.rate_limiter)
    if wait_s:
        raise TooManyRequestsError(
            "You ask more often than the settings allow. Wait as long as Retry-After says.",
            retry_after_s=wait_s,
        )


async def limit_searches(request: Request) -> None:
    """Raise TooManyRequestsError for a viewer with no search or export left on the pages.

    Routes that match or write a file ask it; this computer's own user may search on.
    """
    wait_s = await _taken(request, request.app.state.search_rate_limiter)
    if wait_s:
        raise TooManyRequestsError(
            "You search and export more often than the settings allow. Seconds to wait: %(wait)s.",
            retry_after_s=wait_s,
            wait=wait_s,
        )


async def _taken(request: Request, limiter: RateLimiter) -> int:
    """Take one request of who asks; returns the whole seconds to wait, 0 where it is allowed."""
    viewer = await current_viewer(request)
    if viewer == LOCAL_VIEWER:
        return 0
    request.state.allowance, wait_s = limiter.take(viewer.owner)
    return math.ceil(wait_s)


SEARCHES = (Depends(limit_searches),)  # the dependencies of routes that match or export


class AttemptLimiter:
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
