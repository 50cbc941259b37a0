"""The route `/metrics`."""

import ipaddress

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.authentication import CurrentViewer
from api.services import Services
from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from office.access.rules import SEE_METRICS, require


def build_router(services: Services) -> APIRouter:
    """Return the route of the metrics."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    def metrics(viewer: CurrentViewer, request: Request) -> Response:
        """Answer Prometheus: a machine with the scope metrics:read, or this computer."""
        if not _is_at_home(viewer, request):
            require(viewer, SEE_METRICS)
        with services.catalogue.reading() as connection:
            waiting, serving = services.gate.waiting, services.live.serving
            text = services.metrics.read(connection, waiting, serving)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return router


def _is_at_home(viewer: Viewer, request: Request) -> bool:
    """Return whether there are no accounts yet and the request comes from this very computer."""
    if viewer != LOCAL_VIEWER or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
