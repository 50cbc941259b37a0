"""The two routes that a load balancer asks; they need no signing in."""

import anyio
from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.problems import Problem
from api.services import Services


class State(BaseModel):
    """Whether the service can answer."""

    status: str = Field(examples=["ready"])
    index_version: str = ""
    model: str = ""


def build_router(services: Services) -> APIRouter:
    """Return the routes of a load balancer."""
    router = APIRouter(tags=["service"])

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

    return router
