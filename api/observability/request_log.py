"""The log: the form of its lines, and the middleware that gives each request an id and a line.

A line holds neither the path as it was asked for, a query, nor anything of a body: a route is told by its
template, the caller by their id. The text of an error may quote what was worked on; the log says its type
and where it came from.
"""

import json
import logging
import re
import secrets
import time
import traceback
import warnings
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.rate_limits import Allowance
from api.observability.metrics import Metrics

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
FIELDS = "fields"  # the attribute of a record that holds more than a message
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
REQUEST_ID_HEADER = "X-Request-Id"
OURS = ("enmusubi", "api", "office", "catalogue", "matcher", "indexes")  # loggers by package
NO_ROUTE, FILES = "(none)", "(file)"
ABANDONED = 499  # who asked went away before there was an answer
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CONVERTER = re.compile(r":\w+}")  # how a template says what a part may be
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log = logging.getLogger("enmusubi.requests")
_Error = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Lines(logging.Formatter):
    def formatException(self, ei: _Error) -> str:  # noqa: N802 - logging's name
        """Return an error's type and the lines of code it passed."""
        kind, _, trace = ei
        places = "".join(traceback.format_tb(trace))
        return f"{kind.__name__ if kind else 'no error'} at\n{places}".rstrip()


class TextLines(_Lines):
    """A line for people; whatever it quotes cannot begin another one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line, more lines of it moved in."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        said = " ".join(part for part in (record.getMessage(), fields) if part)
        if record.exc_info:
            said += f"\n{self.formatException(record.exc_info)}"
        shown = _CONTROL.sub(_escaped, said).replace("\n", "\n    ")
        request_id = f" [{REQUEST_ID.get()}]" if REQUEST_ID.get() else ""
        return f"{moment} {record.levelname} {record.name}{request_id} {shown}"


class JsonLines(_Lines):
    """One JSON object a line: time, level, logger, message, request_id, and the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        content: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if REQUEST_ID.get():
            content["request_id"] = REQUEST_ID.get()
        if record.exc_info:
            content["error"] = self.formatException(record.exc_info)
        return json.dumps({**content, **_fields(record)}, ensure_ascii=False)


def configure_logs(log_format: str) -> None:
    """Send the log of the process to standard error in the format of the settings.

    Libraries are heard only where something failed: what they warn of or tell of themselves is no
    concern of who runs the service, and some of it goes past the log.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    warnings.simplefilter("ignore")


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return getattr(record, FIELDS, {})


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


class RequestLog:
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

        async def send_and_note(message: Message) -> None:
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
            await self._app(scope, receive, send_and_note)
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
