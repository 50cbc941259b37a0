"""The page that takes running cases over from a spreadsheet, and says what became of each row."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from fastapi import APIRouter, Request, Response

from api.dependencies import CurrentViewer, Services
from api.pages.cases import PATH
from api.pages.need_upload import ChosenFile
from api.pages.rendering import render
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, UnreadableFileError
from office.access.rules import WORK_ON_CASES, require
from office.cases.importing import CaseImport, import_cases

SHOWN_REJECTIONS = 200


def build_router(services: Services) -> APIRouter:
    """Return the routes."""
    router = APIRouter(include_in_schema=False)

    @router.get(f"{PATH}/import")
    def page(request: Request, viewer: CurrentViewer) -> Response:
        return _page(request, viewer, None, None)

    @router.post(f"{PATH}/import")
    async def take(request: Request, viewer: CurrentViewer, file: ChosenFile) -> Response:
        require(viewer, WORK_ON_CASES)
        most = services.settings.need.max_file_bytes
        try:
            if file is None:
                raise InputError("Choose a file first.")
            content = await file.read(most + 1)
            if len(content) > most:
                raise UnreadableFileError(
                    "The file has more than %(most)s bytes.", most=f"{most:,}"
                )
            work = partial(_take, services, viewer, file.filename or "", content)
            report = await anyio.to_thread.run_sync(work)
        except (InputError, UnreadableFileError) as error:
            return _page(request, viewer, None, error)
        return _page(request, viewer, report, None)

    return router


def _take(services: Services, viewer: Viewer, name: str, content: bytes) -> CaseImport:
    """Import a file that was sent; it lies in a temporary folder as long as it is read."""
    ending = Path(name).suffix[:10]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"cases{ending}"
        path.write_bytes(content)
        return import_cases(services.catalogue, viewer, path, services.settings)


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
