"""The cookies of signing in: the session's, a form's before sign-in, and how they are set.

With https a cookie's name begins with `__Host-`: browsers then take it from this host only.
"""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION = "enmusubi"
FORM = "enmusubi-form"
JOURNEY = "enmusubi-oidc"
LOCAL = "enmusubi-local"
DEVICE = "enmusubi-device"
DEVICE_AGE_S = 180 * 86_400
ROTATED = "rotated_session"  # in the request's state: the new token, and whether by https
_SECURE_PREFIX = "__Host-"


def read(request: Request, name: str, *, secure: bool) -> str:
    """Return a cookie's value, empty without one."""
    return request.cookies.get(_full(name, secure), "")


def put(
    response: Response, name: str, value: str, *, secure: bool, max_age_s: int | None = None
) -> None:
    """Set a cookie that no script reads and no other site's form sends; it ends with the browser."""
    response.set_cookie(
        _full(name, secure),
        value,
        max_age=max_age_s,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop(response: Response, name: str, *, secure: bool) -> None:
    """Let the browser forget a cookie."""
    response.delete_cookie(
        _full(name, secure), path="/", secure=secure, httponly=True, samesite="lax"
    )


class RotatedSession:
    """Middleware that sends the session's new cookie with the answer to the request that rotated it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and ROTATED in state:
                token, secure = state[ROTATED]
                cookie = Response()
                put(cookie, SESSION, token, secure=secure)
                MutableHeaders(scope=message).append("set-cookie", cookie.headers["set-cookie"])
            await send(message)

        await self._app(scope, receive, with_cookie)


def _full(name: str, secure: bool) -> str:
    return f"{_SECURE_PREFIX}{name}" if secure else name
