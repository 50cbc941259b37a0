"""The administrator's pages of imports: what each did, and what it did not take and why."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.dependencies import AfterRow, Services
from api.pages.admin.frame import Administrator, show
from office.access.scoped import reading_as
from office.imports import commonest_reasons, get_import, list_imports, not_taken_page

RunId = Annotated[int, Path(ge=0, lt=2**31)]


def build_router(services: Services) -> APIRouter:
    """Return the routes of imports."""
    router = APIRouter()

    @router.get("/admin/imports")
    def imports(request: Request, viewer: Administrator) -> Response:
        with reading_as(services.catalogue, viewer) as connection:
            runs = list_imports(connection, viewer)
        return show(request, viewer, "admin_imports.html", {"runs": runs})

    @router.get("/admin/imports/{run_id}")
    def one(
        request: Request, viewer: Administrator, run_id: RunId, after: AfterRow = ""
    ) -> Response:
        with reading_as(services.catalogue, viewer) as connection:
            run = get_import(connection, viewer, run_id)
            page = not_taken_page(connection, viewer, run_id, after=after)
            reasons = [] if after else commonest_reasons(connection, viewer, run_id)
        context = {"run": run, "page": page, "reasons": reasons, "is_first": not after}
        return show(request, viewer, "admin_import.html", context)

    return router
