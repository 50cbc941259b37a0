"""Puts the routes of all pages together; the administrator's are opened by no other role."""

from fastapi import APIRouter, Depends

from api.dependencies import Services
from api.pages import (
    ask,
    calendar,
    exports,
    need,
    needs,
    releases,
    reports,
    researchers,
    searches,
    seeds,
    shortlist_page,
    statistics,
)
from api.pages.admin import accounts, identities, mail, operations, trail, uploads
from api.pages.admin.frame import OneTimeSecrets, administrator

PARTS = (
    ask,
    calendar,
    exports,
    researchers,
    seeds,
    shortlist_page,
    needs,
    releases,
    need,
    searches,
    reports,
    statistics,
)
WITH_SECRETS = (operations, accounts)
ADMIN_PARTS = (identities, mail, trail, uploads)


def build_router(services: Services) -> APIRouter:
    """Return the routes of every page; they are no part of the API's description."""
    router = APIRouter(include_in_schema=False)
    for part in PARTS:
        router.include_router(part.build_router(services))
    router.include_router(build_admin_router(services))
    return router


def build_admin_router(services: Services) -> APIRouter:
    """Return the routes under /admin."""
    router = APIRouter(dependencies=[Depends(administrator)])
    secrets = OneTimeSecrets()
    for page in WITH_SECRETS:
        router.include_router(page.build_router(services, secrets))
    for page_without in ADMIN_PARTS:
        router.include_router(page_without.build_router(services))
    return router
