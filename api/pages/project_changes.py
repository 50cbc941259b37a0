"""The routes that change a project: what belongs to it, its period, its light, its money from a file."""

from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import Form, Request, Response

from api.dependencies import CurrentViewer, Number, Services
from api.pages.cases import PATH
from api.pages.need_upload import ChosenFile
from api.pages.project import PROJECT, TypedEntry, shown
from api.pages.project_form import ProjectForm
from api.pages.rendering import render, see_other
from api.pages.sent_tables import read_table
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import (
    ConflictError,
    EnmusubiError,
    ForbiddenError,
    InputError,
)
from office.access.scoped import reading_as, writing_as
from office.cases.clocks import Clocks
from office.projects.changing import (
    add_entry,
    change_entry,
    remove_entry,
    set_light,
    set_period,
)
from office.projects.drafts import kind_of
from office.projects.importing import MoneyImport, import_money
from office.projects.kept import project_of

ENTRIES = f"{PROJECT}/entries/{{entry}}"
ONE_ENTRY = f"{ENTRIES}/{{entry_id}}"
Sent = Annotated[ProjectForm, Form()]
Version = Annotated[int, Form(ge=0)]
SHOWN_REJECTIONS = 200


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_entries(router, services)
    _add_whole(router, services)
    _add_import(router, services)
    return router


def _done(case_id: int, place: str, notice: str = "saved") -> Response:
    return see_other(f"{PATH}/{case_id}/project#{place}", notice)


def _add_entries(router: LazyRouter, services: Services) -> None:
    @router.post(ENTRIES)
    def add(
        request: Request, viewer: CurrentViewer, case_id: Number, entry: str, form: Sent
    ) -> Response:
        kind = kind_of(entry)
        try:
            draft = form.draft(kind)
            with writing_as(services.catalogue, viewer) as connection:
                add_entry(
                    connection, viewer, case_id, kind.name, draft, expected_version=form.version
                )
        except (InputError, ConflictError) as error:
            typed = TypedEntry(kind.name, 0, form, error)
            return shown(request, viewer, services, case_id, typed)
        return _done(case_id, kind.name)

    @router.post(ONE_ENTRY)
    def change(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        entry: str,
        entry_id: Number,
        form: Sent,
    ) -> Response:
        kind = kind_of(entry)
        try:
            draft = form.draft(kind)
            with writing_as(services.catalogue, viewer) as connection:
                change_entry(
                    connection, viewer, case_id, kind.name, entry_id, draft,
                    expected_version=form.version,
                )  # fmt: skip
        except (InputError, ConflictError) as error:
            typed = TypedEntry(kind.name, entry_id, form, error)
            return shown(request, viewer, services, case_id, typed)
        return _done(case_id, kind.name)

    @router.post(f"{ONE_ENTRY}/remove")
    def remove(
        viewer: CurrentViewer, case_id: Number, entry: str, entry_id: Number, version: Version = 0
    ) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            remove_entry(connection, viewer, case_id, entry, entry_id, expected_version=version)
        return _done(case_id, kind_of(entry).name, "removed")


def _add_whole(router: LazyRouter, services: Services) -> None:
    @router.post(f"{PROJECT}/period")
    def period(request: Request, viewer: CurrentViewer, case_id: Number, form: Sent) -> Response:
        try:
            first, last = form.day("starts_on"), form.day("ends_on")
            with writing_as(services.catalogue, viewer) as connection:
                set_period(connection, viewer, case_id, first, last, expected_version=form.version)
        except (InputError, ConflictError) as error:
            typed = TypedEntry("period", 0, form, error)
            return shown(request, viewer, services, case_id, typed)
        return _done(case_id, "period")

    @router.post(f"{PROJECT}/light")
    def light(request: Request, viewer: CurrentViewer, case_id: Number, form: Sent) -> Response:
        try:
            until = form.day("until_day")
            today = Clocks(services.settings.cases).days.today()
            with writing_as(services.catalogue, viewer) as connection:
                set_light(
                    connection, viewer, case_id, form.light, form.reason, until, today,
                    expected_version=form.version,
                )  # fmt: skip
        except (InputError, ConflictError) as error:
            typed = TypedEntry("light", 0, form, error)
            return shown(request, viewer, services, case_id, typed)
        return _done(case_id, "light")


def _add_import(router: LazyRouter, services: Services) -> None:
    @router.get(f"{PROJECT}/import")
    def page(request: Request, viewer: CurrentViewer, case_id: Number) -> Response:
        return _import_page(request, viewer, services, case_id)

    @router.post(f"{PROJECT}/import")
    async def take(
        request: Request, viewer: CurrentViewer, case_id: Number, file: ChosenFile
    ) -> Response:
        most = services.settings.need.max_file_bytes
        report, fault = None, None
        try:
            report = await read_table(
                file,
                "money",
                most,
                lambda path: import_money(services.catalogue, viewer, case_id, path),
            )
        except InputError as error:
            fault = error
        answer = partial(_import_page, request, viewer, services, case_id, report, fault)
        return await anyio.to_thread.run_sync(answer)


def _import_page(  # noqa: PLR0917 - in the order of the sentence
    request: Request,
    viewer: Viewer,
    services: Services,
    case_id: int,
    report: MoneyImport | None = None,
    fault: EnmusubiError | None = None,
) -> Response:
    with reading_as(services.catalogue, viewer) as connection:
        project = project_of(connection, viewer, case_id)
    if not project.handles_money:
        raise ForbiddenError(
            "Money of projects is for the chief, project and finance managers, and the case's manager."
        )
    context: dict[str, Any] = {"report": report, "fault": fault.message if fault else None}
    shown_rejections = report.rejections[:SHOWN_REJECTIONS] if report else ()
    return render(
        request, viewer, "project_import.html", 422 if fault else 200, project=project,
        case=project.case, rejections=shown_rejections, **context,
    )  # fmt: skip
