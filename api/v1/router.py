"""Puts the routes under /v1 together."""

from fastapi import Depends, FastAPI, HTTPException, Request

from api.dependencies import Services
from api.routing import include
from api.v1 import (
    cases,
    clinic,
    companies,
    consortia,
    contracts,
    counterfactuals,
    delegations,
    dormant,
    estimates,
    feedback,
    inquiries,
    jobs,
    kpis,
    matches,
    members,
    ndas,
    need_texts,
    needs,
    neutrality,
    privacy_notice,
    projects,
    releases,
    researchers,
    screening,
    teams,
    veils,
    webhooks,
)

PARTS = (
    matches,
    counterfactuals,
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
    members,
    delegations,
    inquiries,
    cases,
    projects,
    estimates,
    contracts,
    jobs,
    kpis,
    neutrality,
    privacy_notice,
    webhooks,
)


def add_api(app: FastAPI, services: Services) -> None:
    """Give an application the API's routes, wired to what they answer from."""
    include(app, need_texts.build_router(services))
    for part in PARTS:
        include(app, part.build_router(services), dependencies=[Depends(takes_json)])


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
