"""Puts the routes under /v1 together."""

from fastapi import Depends, HTTPException, Request

from api.dependencies import Services
from api.v1 import (
    cases,
    clinic,
    companies,
    consortia,
    dormant,
    feedback,
    inquiries,
    jobs,
    matches,
    ndas,
    need_texts,
    needs,
    releases,
    researchers,
    screening,
    teams,
    veils,
    webhooks,
)
from api.v1.json_bodies import Router

PARTS = (
    matches,
    releases,
    feedback,
    screening,
    teams,
    veils,
    clinic,
    companies,
    needs,
    researchers,
    consortia,
    dormant,
    ndas,
    inquiries,
    cases,
    jobs,
    webhooks,
)


def build_router(services: Services) -> Router:
    """Return the API's routes, wired to what they answer from."""
    router, of_json = Router(), Router(dependencies=[Depends(takes_json)])
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
