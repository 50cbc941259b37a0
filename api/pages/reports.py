"""The routes of past nights: each reader sees the lists of the needs that they may see.

A stored page and workbook hold all needs, so that they are the chief's alone. A name from a request
is looked up in the listing of reports and never made into a path.
"""

from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import FileResponse, Response
from sqlalchemy import Connection

from api.dependencies import CurrentViewer, Services
from api.middleware.rate_limits import SEARCHES
from api.pages.rendering import render
from api.routing import LazyRouter
from catalogue.database.viewer import CHIEF, Viewer
from enmusubi.errors import ForbiddenError, UnknownIdError
from enmusubi.messages import N_
from matcher.explaining import summary, words
from matcher.explaining.standing import heading, nobody_fits
from office.access import audit
from office.access.access_log import note_naming
from office.access.rules import FIND_COMPANIES, SEE_REPORTS, WORK_ON_CASES, may, require
from office.access.scoped import reading_as
from office.cases.kept import KeptCase, cases_by_ids
from office.outbound.dormant import dormant_news
from office.reports.night_reading import (
    ALL,
    FAILED,
    MINE,
    NEWS,
    NOBODY,
    details_of,
    night_page,
    themes_seen,
)
from office.reports.page import PAGE_NAME
from office.reports.past_nights import PastNight, read_night
from office.reports.publication import past_folder, past_names
from office.reports.workbook import WORKBOOK_NAME
from office.screening.list_screening import screen_needs

NIGHTS_ON_A_PAGE = 30
NEEDS_ON_A_PAGE = 12
SHOWN_PEOPLE = 10  # of each need; the match list has the others
VIEW_LABELS = {
    NEWS: N_("With news"),
    MINE: N_("Managed by me"),
    NOBODY: N_("Nobody fits well"),
    FAILED: N_("Not matched"),
    ALL: N_("All needs"),
}
REPORT = "report"  # the kind of the audit trail's object
FILES = {  # what may be downloaded, and as what
    "page": (PAGE_NAME, "text/html; charset=utf-8"),
    "workbook": (
        WORKBOOK_NAME,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}

SHOWN_CASES = 100
CASES_OF_NIGHT = {
    "escalated": N_("Cases that were overdue for the first time: the chief was told"),
    "overdue": N_("Cases that were overdue"),
    "due_soon": N_("Cases that were due soon"),
}


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_list(router, services)
    _add_report(router, services)
    _add_download(router, services)
    return router


def _add_list(router: LazyRouter, services: Services) -> None:
    root = services.settings.reports_dir

    @router.get("/reports")
    def reports(
        request: Request,
        viewer: CurrentViewer,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        require(viewer, SEE_REPORTS)
        names = past_names(root)
        first = (page - 1) * NIGHTS_ON_A_PAGE
        shown = names[first : first + NIGHTS_ON_A_PAGE]
        more = len(names) > first + NIGHTS_ON_A_PAGE
        return render(request, viewer, "reports.html", names=shown, page=page, more=more)


def _add_report(router: LazyRouter, services: Services) -> None:
    catalogue, root = services.catalogue, services.settings.reports_dir

    @router.get("/reports/{name}")
    def report(
        request: Request,
        viewer: CurrentViewer,
        name: str,
        view: Annotated[str, Query(max_length=20)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        require(viewer, SEE_REPORTS)
        folder = _folder(root, name)
        night = read_night(folder) or PastNight(folder.name, folder.name[:10], "", "", "")
        with reading_as(catalogue, viewer) as connection:
            listed = night_page(
                connection, viewer, night, view=view, page=page, limit=NEEDS_ON_A_PAGE
            )
            people = [p for need in listed.needs for p in need.found.people[:SHOWN_PEOPLE]]
            details = details_of(connection, viewer, people)
            people_of = {
                need.need_id: [p.researcher_id for p in need.found.people[:SHOWN_PEOPLE]]
                for need in listed.needs
            }
            screening = screen_needs(connection, viewer, people_of, services.settings.screening)
            cases = _cases_of(connection, viewer, night)
            themes = themes_seen(connection, viewer, night)
            dormant = dormant_news(connection, viewer) if may(viewer, FIND_COMPANIES) else ()
        named = {need.need_id for need in listed.needs}
        named |= {one.need_id for found in cases.values() for one in found} - {""}
        note_naming(catalogue, viewer, named, "report")
        audit.note(catalogue, viewer, "read", REPORT, folder.name, needs=len(listed.needs))
        shown: dict[str, Any] = {"night": night, "listed": listed, "page": page, **night_words()}
        return render(
            request,
            viewer,
            "report.html",
            **shown,
            details=details,
            screening=screening,
            cases=cases,
            case_titles=CASES_OF_NIGHT,
            themes=themes,
            dormant=len(dormant),
            top=SHOWN_PEOPLE,
            view_labels=VIEW_LABELS,
            may_download=viewer.role == CHIEF,
        )


def _cases_of(
    connection: Connection, viewer: Viewer, night: PastNight
) -> dict[str, list[KeptCase]]:
    """Return the cases that a night found due, by what it found, as far as the viewer sees them."""
    if not may(viewer, WORK_ON_CASES):
        return {}
    told = {kind: night.cases.get(kind, ())[:SHOWN_CASES] for kind in CASES_OF_NIGHT}
    found = {kind: cases_by_ids(connection, viewer, ids) for kind, ids in told.items() if ids}
    return {kind: cases for kind, cases in found.items() if cases}


def night_words() -> dict[str, Any]:
    """Return what the lines about people of a night are said with (`_night.html`)."""
    return {
        "strength_words": words.STRENGTHS,
        "group_words": words.GROUP_LABELS,
        "list_heading": heading,
        "nobody_fits": nobody_fits,
        "steps": summary.steps,
    }


def _add_download(router: LazyRouter, services: Services) -> None:
    catalogue, root = services.catalogue, services.settings.reports_dir

    @router.get("/reports/{name}/files/{kind}", dependencies=SEARCHES)
    def download(viewer: CurrentViewer, name: str, kind: str) -> Response:
        require(viewer, SEE_REPORTS)
        if viewer.role != CHIEF:
            raise ForbiddenError("The stored report holds all needs: only the chief takes it out.")
        folder = _folder(root, name)
        if kind not in FILES or not (folder / FILES[kind][0]).is_file():
            raise UnknownIdError("The report has no such file.")
        audit.note(catalogue, viewer, "export", REPORT, folder.name, what=kind)
        file_name, media_type = FILES[kind]
        return FileResponse(
            folder / file_name,
            media_type=media_type,
            filename=f"{folder.name}-{file_name}",
            content_disposition_type="attachment",
        )


def _folder(root: Path, name: str) -> Path:
    folder = past_folder(root, name)
    if folder is None:
        raise UnknownIdError("There is no report of that name. The page of reports lists them.")
    return folder
