"""Puts the routes of all pages together."""

from fastapi import APIRouter

from enmusubi.api.pages import ask, keeping, need, needs, reports, researchers, searches, takeaway
from enmusubi.api.pages.admin import router as admin
from enmusubi.api.services import Services

PARTS = (ask, takeaway, researchers, keeping, needs, need, searches, reports, admin)


def build_router(services: Services) -> APIRouter:
    """Return the routes of every page; they are no part of the API's description."""
    router = APIRouter(include_in_schema=False)
    for part in PARTS:
        router.include_router(part.build_router(services))
    return router
