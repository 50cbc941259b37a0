"""Middleware that protects the service: headers of every answer, limits of bodies, unexpected exceptions."""

import logging
import time
import traceback

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
_GONE: Message = {"type": "http.disconnect"}
DETAIL = N_("The server failed on this request. Where it failed was logged; the request was not.")
_log = logging.getLogger(__name__)


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
    """Middleware that answers 413 once a body exceeds `max_bytes`, declared or streamed.

    A body that has not come after `timeout_s` is answered 408.
    """

    def __init__(
        self, app: ASGIApp, *, max_bytes: int, timeout_s: float, answer: ErrorAnswer
    ) -> None:
        self._app = app
        self._answer = answer
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._max_bytes:
            await self._refuse(413, scope, receive, send)
            return
        body = _Body(receive, self._max_bytes, self._timeout_s)
        await self._forward(body, scope, send)

    async def _forward(self, body: "_Body", scope: Scope, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            if not body.refused:
                started = True
                await send(message)

        try:
            await self._app(scope, body.receive, send_and_note)
        except Exception:
            if not body.refused:
                raise
        if body.refused and not started:
            await self._refuse(body.refused, scope, body.receive, send)

    async def _refuse(self, status: int, scope: Scope, receive: Receive, send: Send) -> None:
        detail = messages.Message(
            "The request's body is larger than %(most)s bytes.", {"most": f"{self._max_bytes:,}"}
        )
        if status == 408:
            detail = messages.Message(
                "The request's body did not arrive within %(seconds)s seconds.",
                {"seconds": f"{self._timeout_s:g}"},
            )
        response = self._answer(scope, status, detail)
        response.headers["Connection"] = "close"
        await response(scope, receive, send)


class _Body:
    """A request's body as it arrives; `refused` is the status it is refused with, 0 while it is not."""

    def __init__(self, receive: Receive, max_bytes: int, timeout_s: float) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._until = time.monotonic() + timeout_s
        self._read, self._is_whole = 0, False
        self.refused = 0

    async def receive(self) -> Message:
        """Return the next message; a reader of a refused body is told that the client is gone."""
        if self.refused:
            return _GONE
        if self._is_whole:  # what is waited for now is that the asker goes away
            return await self._receive()
        message = _GONE
        with anyio.move_on_after(self._until - time.monotonic()) as limit:
            message = await self._receive()
        if limit.cancelled_caught:
            self.refused = 408
            return _GONE
        self._is_whole = not message.get("more_body", False)
        self._read += len(message.get("body", b""))
        if self._read > self._max_bytes:
            self.refused = 413
            return _GONE
        return message


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
