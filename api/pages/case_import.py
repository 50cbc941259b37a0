"""The page that takes running cases over from a spreadsheet, and says what became of each row."""

from typing import Any

from fastapi import Request, Response

from api.dependencies import CurrentViewer, Services
from api.languages import language_of
from api.pages.cases import PATH
from api.pages.need_upload import ChosenFile
from api.pages.rendering import render
from api.pages.sent_tables import read_table
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, UnreadableFileError
from office.access.rules import WORK_ON_CASES, require
from office.cases.case_words import MEANS_WORDS, REASON_WORDS, STAGE_WORDS, STATE_WORDS
from office.cases.importing import CaseImport, import_cases

SHOWN_REJECTIONS = 200
_WORDS = {
    "stage": STAGE_WORDS, "state": STATE_WORDS, "means": MEANS_WORDS, "reason": REASON_WORDS,
}  # fmt: skip


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
    language = language_of(request)
    words = {name: tuple(known[language].values()) for name, known in _WORDS.items()}
    context: dict[str, Any] = {
        "report": report,
        "fault": error.message if error else None,
        "words": words,
    }
    shown = report.rejections[:SHOWN_REJECTIONS] if report else ()
    status = 422 if error else 200
    return render(request, viewer, "case_import.html", status, rejections=shown, **context)
