"""Puts the administrator's pages together; nobody else opens any of them."""

from fastapi import APIRouter, Depends

from api.pages.admin import identities, imports, jobs, machines, overview, people, trail, versions
from api.pages.admin.frame import administrator
from api.pages.admin.shown_once import ShownOnce
from api.services import Services


def build_router(services: Services) -> APIRouter:
    """Return the routes under /admin."""
    router = APIRouter(dependencies=[Depends(administrator)])
    once = ShownOnce()
    for part in (overview, people, machines):
        router.include_router(part.build_router(services, once))
    for one in (imports, versions, identities, jobs, trail):
        router.include_router(one.build_router(services))
    return router
