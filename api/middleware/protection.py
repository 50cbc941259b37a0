"""Middleware that protects the service: headers of every answer, limits of bodies, unexpected exceptions."""

import logging
import time
import traceback
from collections.abc import Callable

import anyio
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ErrorAnswer
from enmusubi import messages
from enmusubi.messages import N_

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send our own forms as from nowhere
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SMALL_REST, AT_ONCE_S = 65_536, 0.02  # of a body that nobody reads: what has come already
REST, REST_S = 1_000_000, 1.0  # and what is taken in before its connection is closed
_GONE: Message = {"type": "http.disconnect"}
DETAIL = N_("The server failed on this request. Where it failed was logged; the request was not.")
_log = logging.getLogger(__name__)


def has_body(scope: Scope) -> bool:
    """Return whether a request's head says that a body follows."""
    headers = dict(scope["headers"])
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


class SecurityHeaders:
    """Middleware that sends the same protective headers with every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class BodyLimit:
    """Middleware that answers 413 once a body exceeds what `limit_of` allows, declared or streamed.

    A body that has not come after `timeout_s` is answered 408. Where an answer goes out before its
    request's body was read, a little of the rest is taken in and the connection closed: who is still
    sending gets the answer, and can keep nobody busy.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit_of: Callable[[Scope], int],
        timeout_s: float,
        answer: ErrorAnswer,
    ) -> None:
        self._app = app
        self._answer = answer
        self._limit_of = limit_of
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        if scope["type"] != "http" or not has_body(scope):
            await self._app(scope, receive, send)
            return
        max_bytes = self._limit_of(scope)
        body = _Body(receive, max_bytes, self._timeout_s)
        answering = _Answering(body, send)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > max_bytes:
            body.refused = 413
        else:
            await self._forward(body, scope, answering)
        if body.refused and not answering.has_started:
            await self._refuse(body, scope, answering)

    async def _forward(self, body: "_Body", scope: Scope, answering: "_Answering") -> None:
        async def send_unless_refused(message: Message) -> None:
            if not body.refused:
                await answering.send(message)

        try:
            await self._app(scope, body.receive, send_unless_refused)
        except Exception:
            if not body.refused:
                raise

    async def _refuse(self, body: "_Body", scope: Scope, answering: "_Answering") -> None:
        detail = messages.Message(
            "The request's body is larger than %(most)s bytes.", {"most": f"{body.max_bytes:,}"}
        )
        if body.refused == 408:
            detail = messages.Message(
                "The request's body did not arrive within %(seconds)s seconds.",
                {"seconds": f"{self._timeout_s:g}"},
            )
        await self._answer(scope, body.refused, detail)(scope, body.receive, answering.send)


class _Body:
    """A request's body as it arrives; `refused` is the status it is refused with, 0 while it is not."""

    def __init__(self, receive: Receive, max_bytes: int, timeout_s: float) -> None:
        self._receive = receive
        self.max_bytes = max_bytes
        self._until = time.monotonic() + timeout_s
        self._read, self.is_whole = 0, False
        self.refused = 0

    async def receive(self) -> Message:
        """Return the next message; a reader of a refused body is told that the client is gone."""
        if self.refused:
            return _GONE
        if self.is_whole:  # what is waited for now is that the asker goes away
            return await self._receive()
        message = _GONE
        with anyio.move_on_after(self._until - time.monotonic()) as limit:
            message = await self._receive()
        if limit.cancelled_caught:
            self.refused = 408
            return _GONE
        self.is_whole = not message.get("more_body", False)
        self._read += len(message.get("body", b""))
        if self._read > self.max_bytes:
            self.refused = 413
            return _GONE
        return message

    async def discard(self, most_bytes: int, most_s: float) -> None:
        """Take in the rest, but no more than that, and for no longer."""
        taken = 0
        with anyio.move_on_after(most_s):
            while not self.is_whole and taken < most_bytes:
                message = await self._receive()
                self.is_whole = not message.get("more_body", False)
                taken += len(message.get("body", b""))


class _Answering:
    """The answer to a request whose body may not have been read."""

    def __init__(self, body: _Body, send: Send) -> None:
        self._body, self._send = body, send
        self.has_started = False

    async def send(self, message: Message) -> None:
        """Send on what the application answers."""
        if message["type"] == "http.response.start":
            self.has_started = True
            await self._body.discard(SMALL_REST, AT_ONCE_S)
            if not self._body.is_whole:
                MutableHeaders(scope=message)["Connection"] = "close"
        elif not message.get("more_body", False) and not self._body.is_whole:
            await self._send({**message, "more_body": True})
            await self._body.discard(REST, REST_S)
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)


class Failures:
    """Middleware that turns an unexpected exception into an answer and a line in the log.

    The log names the exception's type and the lines of code it passed, never its text.
    """

    def __init__(self, app: ASGIApp, *, answer: ErrorAnswer) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as error:
            places = "".join(traceback.format_tb(error.__traceback__))
            _log.error("unexpected %s at\n%s", type(error).__name__, places)
            if scope["type"] == "http" and not started:
                await self._answer(scope, 500, messages.Message(DETAIL))(scope, receive, send)
