"""Puts the application together from parts that are passed in; creates none at import."""

from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from enmusubi import __version__
from enmusubi.api import pages, problems
from enmusubi.api.limits import BodyLimit, EncoderGate
from enmusubi.api.live import LiveRecommender
from enmusubi.api.routes import build_router
from enmusubi.matcher.catalogue.catalogue import Catalogue
from enmusubi.matcher.settings import Settings

STATIC_DIR = Path(__file__).parent / "static"
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


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


def create_app(live: LiveRecommender, catalogue: Catalogue, settings: Settings) -> FastAPI:
    """Return the application: the API, the page at `/`, and their error answers."""
    app = FastAPI(
        title="Enmusubi",
        version=__version__,
        summary="Finds the researchers who could meet a company's need, and says why.",
        docs_url=None,  # the usual page loads scripts from another host
        redoc_url=None,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(BodyLimit, max_bytes=settings.server.max_body_bytes),
        ],
    )
    gate = EncoderGate(settings.server.max_waiting)
    app.include_router(build_router(live, catalogue, settings, gate))
    app.include_router(pages.build_router(live, settings, gate))
    app.mount("/static", StaticFiles(directory=STATIC_DIR), name="static")
    problems.install(app)
    return app
