"""Who asks: the one dependency by which routes learn their viewer; knows no way of signing in."""

from typing import Annotated, Protocol

from fastapi import Depends, Request

from enmusubi.matcher.access.viewer import LOCAL_VIEWER, Viewer


class Doorkeeper(Protocol):
    """Tells who sent a request."""

    async def viewer(self, request: Request) -> Viewer:
        """Return who asks; raises NotSignedInError for nobody known."""
        ...


class OpenDoor:
    """Takes everyone for this computer's own user."""

    async def viewer(self, request: Request) -> Viewer:
        """Return the local viewer."""
        return LOCAL_VIEWER


async def current_viewer(request: Request) -> Viewer:
    """Return who sent the request, by the application's doorkeeper."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    viewer = await doorkeeper.viewer(request)
    request.state.viewer = viewer
    return viewer


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]
