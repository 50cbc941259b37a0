"""Puts the routes of all pages together."""

from fastapi import APIRouter

from api.pages import ask, need, needs, reports, researchers, searches
from api.pages import exports as takeaway
from api.pages import shortlist_page as keeping
from api.pages.admin import router as admin
from api.services import Services

PARTS = (ask, takeaway, researchers, keeping, needs, need, searches, reports, admin)


def build_router(services: Services) -> APIRouter:
    """Return the routes of every page; they are no part of the API's description."""
    router = APIRouter(include_in_schema=False)
    for part in PARTS:
        router.include_router(part.build_router(services))
    return router
