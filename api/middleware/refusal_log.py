"""Middleware that counts what was refused (401 to a key, 403, 429) for the audit trail, cheaply."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.rate_limits import network_of
from office.access.refusals import KEY, OAUTH, RATE, ROLE, TOKEN, Refusals

OAUTH_PATH = "/oauth/token"
_KEY_PREFIX = b"enm_"


class RefusalLog:
    """Counts refusals by what was refused and to whom; `Refusals` writes them down once a minute."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self._app(scope, receive, noting)
        kind = kind_of(scope, status)
        refusals: Refusals | None = getattr(scope["app"].state, "refusals", None)
        if refusals is None or not kind:
            return
        refusals.note(kind, _who(scope))


def kind_of(scope: Scope, status: int) -> str:
    """Return which kind of refusal an answer was, empty for none.

    A caller who sent nothing to be known by was not refused: they are led to the sign-in page.
    """
    if status == 429:
        return RATE
    if scope["path"] == OAUTH_PATH:
        return OAUTH if status in {400, 401} else ""
    if status == 403:
        return ROLE
    sent = dict(scope["headers"]).get(b"authorization", b"")
    if status != 401 or not sent:
        return ""
    return KEY if sent.partition(b" ")[2].strip().startswith(_KEY_PREFIX) else TOKEN


def _who(scope: Scope) -> str:
    """Return who was refused: a known caller, or the network that an address stands for."""
    viewer = scope.get("state", {}).get("viewer")
    client = scope.get("client")
    return viewer.owner if viewer is not None else network_of(client[0] if client else "")
