"""Puts the routes under /v1 together."""

from fastapi import APIRouter, Depends, HTTPException, Request

from api.dependencies import Services
from api.v1 import (
    feedback,
    jobs,
    matches,
    need_texts,
    needs,
    releases,
    researchers,
    webhooks,
)

PARTS = (matches, releases, feedback, needs, researchers, jobs, webhooks)


def build_router(services: Services) -> APIRouter:
    """Return the API's routes, wired to what they answer from."""
    router, of_json = APIRouter(), APIRouter(dependencies=[Depends(takes_json)])
    for part in PARTS:
        of_json.include_router(part.build_router(services))
    router.include_router(need_texts.build_router(services))
    router.include_router(of_json)
    return router


def takes_json(request: Request) -> None:
    """Raise 415 for a body that does not say that it is JSON."""
    headers = request.headers
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )
    if has_body and not is_json:
        raise HTTPException(415, "The body must be JSON: send Content-Type: application/json.")
