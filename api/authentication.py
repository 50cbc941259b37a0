"""Who asks: the one dependency by which routes learn their viewer; knows no way of signing in."""

from collections.abc import AsyncIterator
from typing import Annotated, Protocol

from fastapi import Depends, Request

from catalogue.database.viewer import Viewer

OPEN_PATHS = frozenset(  # what somebody unknown may ask for; every other route has a viewer
    {"/healthz", "/readyz", "/login", "/login/oidc", "/login/oidc/callback", "/oauth/token"}
)


class RequestAuthenticator(Protocol):
    """Tells who sent a request."""

    async def viewer(self, request: Request) -> Viewer:
        """Return who asks; raises NotSignedInError for nobody known."""
        ...


async def current_viewer(request: Request) -> Viewer:
    """Return who sent the request, by the application's doorkeeper, which is asked once."""
    known: Viewer | None = getattr(request.state, "viewer", None)
    if known is not None:
        return known
    authenticator: RequestAuthenticator = request.app.state.authenticator
    viewer = await authenticator.viewer(request)
    request.state.viewer = viewer
    return viewer


async def admit(request: Request) -> AsyncIterator[None]:
    """Let nobody unknown past, except to the open paths: the application runs it before every route.

    A form that was read for its token is closed in the end, with the files in it.
    """
    try:
        if request.scope["path"] not in OPEN_PATHS:
            await current_viewer(request)
        yield
    finally:
        await request.close()


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]
