"""What a request's body may cost: its size."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from enmusubi.api.problems import ErrorAnswer


class BodyLimit:
    """Middleware that answers 413 once a body exceeds `max_bytes`, declared or streamed."""

    def __init__(self, app: ASGIApp, *, max_bytes: int, answer: ErrorAnswer) -> None:
        self._app = app
        self._answer = answer
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._max_bytes:
            await self._refuse(scope, receive, send)
            return
        await self._count(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        read, exceeded, started = 0, False, False

        async def counted() -> Message:
            nonlocal read, exceeded
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._max_bytes:
                exceeded = True
                return {"type": "http.disconnect"}
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            if not exceeded:
                started = True
                await send(message)

        try:
            await self._app(scope, counted, watched)
        except Exception:
            if not exceeded:
                raise
        if exceeded and not started:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"The request's body is larger than {self._max_bytes:,} bytes."
        await self._answer(scope, 413, detail)(scope, receive, send)
