"""Gives every request an id, and notes how it ended: a line in the log, a count in the metrics.

Neither holds the path as it was asked for, a query, or anything of a body: a route is told by its
template, who asked by their id.
"""

import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.rate_limits import Allowance
from api.observability.logs import FIELDS, REQUEST_ID
from api.observability.metrics import Metrics

REQUEST_ID_HEADER = "X-Request-Id"
NO_ROUTE, FILES = "(none)", "(file)"
ABANDONED = 499  # who asked went away before there was an answer
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CONVERTER = re.compile(r":\w+}")  # how a template says what a part may be
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log = logging.getLogger("enmusubi.requests")


class Watch:
    """Middleware around all others."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        state = scope.setdefault("state", {})
        status, began = ABANDONED, time.monotonic()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID_HEADER] = request_id
                allowance: Allowance | None = state.get("allowance")
                headers.update(allowance.headers() if allowance else {})
            await send(message)

        token = REQUEST_ID.set(request_id)
        try:
            await self._app(scope, receive, watched)
        finally:
            self._note(scope, status, time.monotonic() - began)
            REQUEST_ID.reset(token)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = route_of(scope)
        self._metrics.request_answered(method, route, status, seconds)
        viewer = scope["state"].get("viewer")
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
            "viewer": viewer.owner if viewer else "",
        }
        _log.info("answered", extra={FIELDS: fields})


def route_of(scope: Scope) -> str:
    """Return the template of the route that took a request, `(none)` where none did."""
    if isinstance(scope.get("endpoint"), StaticFiles):
        return FILES
    return _CONVERTER.sub("}", str(getattr(scope.get("route"), "path", NO_ROUTE)))


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
    return given if _SANE_ID.fullmatch(given) else secrets.token_hex(12)
