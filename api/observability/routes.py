"""The routes for operations: `/healthz` and `/readyz` for a load balancer, `/metrics` for Prometheus."""

import ipaddress

import anyio
from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from api.dependencies import CurrentViewer, Services
from api.problems import Problem
from api.routing import LazyRouter
from catalogue.database.viewer import LOCAL_VIEWER, MACHINE, Viewer
from enmusubi.errors import UnknownIdError
from office.access.rules import ADMINISTER, SEE_METRICS, require


class State(BaseModel):
    """Whether the service can answer."""

    status: str = Field(examples=["ready"])
    index_version: str = ""
    model: str = ""


def build_router(services: Services) -> LazyRouter:
    """Return the routes for operations."""
    router = LazyRouter(tags=["service"])

    @router.get("/healthz", operation_id="isAlive")
    async def healthz() -> State:
        """Say that the process runs."""
        return State(status="alive")

    @router.get(
        "/readyz",
        operation_id="isReady",
        responses={503: {"description": "Problem details", "model": Problem}},
    )
    async def readyz() -> State:
        """Say that an index is loaded; 503 until then, with the reason."""
        ready = await anyio.to_thread.run_sync(services.live.ready)
        return State(status="ready", index_version=ready.index_version, model=ready.model)

    _add_metrics(router, services)
    return router


def _add_metrics(router: LazyRouter, services: Services) -> None:
    @router.get("/metrics", include_in_schema=False)
    def metrics(viewer: CurrentViewer, request: Request) -> Response:
        """Answer Prometheus: an operator's key, an administrator, or this computer.

        Figures are of all companies together: a portal's key never opens them.
        """
        if services.settings.server.metrics == "off":
            raise UnknownIdError("Metrics are off. Set server.metrics to have them.")
        if not _is_at_home(viewer, request):
            require(viewer, SEE_METRICS)
            if viewer.kind != MACHINE:
                require(viewer, ADMINISTER)
        with services.catalogue.reading() as connection:
            waiting, serving = services.gate.waiting, services.live.serving
            text = services.metrics.read(connection, waiting, serving)
        return Response(text, media_type=CONTENT_TYPE_LATEST)


def _is_at_home(viewer: Viewer, request: Request) -> bool:
    """Return whether there are no accounts yet and the request comes from this very computer."""
    if viewer != LOCAL_VIEWER or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
