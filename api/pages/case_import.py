"""The page that takes running cases over from a spreadsheet, and says what became of each row."""

from typing import Any

from fastapi import Request, Response

from api.dependencies import CurrentViewer, Services
from api.pages.cases import PATH
from api.pages.need_upload import ChosenFile
from api.pages.rendering import render
from api.pages.sent_tables import read_table
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, UnreadableFileError
from office.access.rules import WORK_ON_CASES, require
from office.cases.importing import CaseImport, import_cases

SHOWN_REJECTIONS = 200


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)

    @router.get(f"{PATH}/import")
    def page(request: Request, viewer: CurrentViewer) -> Response:
        return _page(request, viewer, None, None)

    @router.post(f"{PATH}/import")
    async def take(request: Request, viewer: CurrentViewer, file: ChosenFile) -> Response:
        require(viewer, WORK_ON_CASES)
        most = services.settings.need.max_file_bytes
        try:
            report = await read_table(
                file,
                "cases",
                most,
                lambda path: import_cases(services.catalogue, viewer, path, services.settings),
            )
        except (InputError, UnreadableFileError) as error:
            return _page(request, viewer, None, error)
        return _page(request, viewer, report, None)

    return router


def _page(
    request: Request,
    viewer: Viewer,
    report: CaseImport | None,
    error: EnmusubiError | None,
) -> Response:
    require(viewer, WORK_ON_CASES)
    context: dict[str, Any] = {"report": report, "fault": error.message if error else None}
    shown = report.rejections[:SHOWN_REJECTIONS] if report else ()
    status = 422 if error else 200
    return render(request, viewer, "case_import.html", status, rejections=shown, **context)
