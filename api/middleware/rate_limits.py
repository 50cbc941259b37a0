"""How often a caller may ask, and an address or account may try to sign in: counted in memory."""

import ipaddress
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Depends, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.dependencies import arrived_viewer
from api.problems import ErrorAnswer
from catalogue.database.viewer import LOCAL_VIEWER
from enmusubi.errors import TooManyRequestsError
from enmusubi.messages import Message

WINDOW_S = 300
MAX_KEYS = 50_000
WIDER = 4  # so much more is allowed to a /56 than to one of its 256 /64
MAX_BUCKETS = 10_000  # who did not ask for longest is forgotten beyond


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
        self._buckets.pop(asker, None)  # who asked last stands last
        self._buckets[asker] = (left, now)
        if len(self._buckets) > MAX_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        reset_s = math.ceil((self._burst - left) / self._per_second)
        return Allowance(self._burst, int(left), reset_s), wait_s

    def _left(self, asker: str, now: float) -> float:
        left, since = self._buckets.get(asker, (float(self._burst), now))
        return min(float(self._burst), left + (now - since) * self._per_second)


def network_of(address: str) -> str:
    """Return whom an address stands for: itself, or of IPv6 the /64 that one customer has."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed)


def network_above(address: str) -> str:
    """Return the /56 of an IPv6 address, which one customer may have whole; empty for other addresses."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(parsed, ipaddress.IPv6Address) or parsed.ipv4_mapped:
        return ""
    return str(ipaddress.IPv6Network((parsed, 56), strict=False))


class AddressLimit:
    """Middleware that answers 429 to an address that asks too often, whoever it says it is."""

    def __init__(
        self, app: ASGIApp, *, limiter: RateLimiter, wider: RateLimiter, answer: ErrorAnswer
    ) -> None:
        self._app = app
        self._limiter, self._wider = limiter, wider
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        if scope["type"] == "http":
            client = scope.get("client")
            address = client[0] if client else ""
            _, wait_s = self._limiter.take(network_of(address))
            if not wait_s and (above := network_above(address)):
                _, wait_s = self._wider.take(above)
            if wait_s:
                detail = Message("Too many requests came from your address. Wait a little.")
                response = self._answer(scope, 429, detail)
                response.headers["Retry-After"] = str(math.ceil(wait_s))
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def limit_rate(request: Request) -> None:
    """Raise TooManyRequestsError for an asker of the API who has none left; this computer's may ask on."""
    if not request.scope["path"].startswith("/v1/") or hasattr(request.state, "is_counted"):
        return
    request.state.is_counted = True
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
    viewer = await arrived_viewer(request)
    if viewer == LOCAL_VIEWER:
        return 0
    request.state.allowance, wait_s = limiter.take(viewer.owner)
    return math.ceil(wait_s)


SEARCHES = (Depends(limit_searches),)  # the dependencies of routes that match or export


class AddressAttempts:
    """Counts attempts by the networks that an address is of: of IPv6 a /64, and the /56 above it."""

    def __init__(self, limit: int) -> None:
        self._narrow, self._wide = AttemptLimiter(limit), AttemptLimiter(limit * WIDER)

    def count(self, address: str) -> None:
        """Count one attempt; raises TooManyRequestsError beyond either limit."""
        self._narrow.count(network_of(address))
        if above := network_above(address):
            self._wide.count(above)


class AttemptLimiter:
    """Counts attempts by key; safe to share among threads."""

    def __init__(
        self,
        limit: int,
        clock: Callable[[], float] = time.monotonic,
        *,
        window_s: float = WINDOW_S,
    ) -> None:
        self._limit = limit
        self._window_s = window_s
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
                self._counts.pop(key, None)
                self._make_room(now)
                ends_at, count = now + self._window_s, 0
            self._counts[key] = (ends_at, count + 1)
        if count >= self._limit:
            raise TooManyRequestsError(
                "There were more than %(count)s attempts to sign in within five minutes. "
                "Wait a little and try again.",
                retry_after_s=max(1, round(ends_at - now)),
                count=self._limit,
            )

    def _make_room(self, now: float) -> None:
        """Forget windows that are over, which began first, and the oldest where all are open."""
        while self._counts:
            oldest = next(iter(self._counts))
            if self._counts[oldest][0] > now and len(self._counts) < MAX_KEYS:
                break
            del self._counts[oldest]
