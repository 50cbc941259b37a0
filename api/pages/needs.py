"""The routes of the list of needs and of writing one down: new, change, and both versions of a clash.

A file fills the box of the text, to be corrected; what is read is saved only as the form says it then.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Form, Query, Request, Response
from starlette.datastructures import UploadFile

from api.dependencies import AfterRow, CurrentViewer, Services, allowed
from api.languages import switch_language
from api.middleware.form_deduplication import FormToken
from api.pages.ask_page import ADVICE
from api.pages.need_form import (
    NAMES,
    NeedForm,
    Sent,
    faulty_fields,
    is_same_text,
    manager_choices,
)
from api.pages.need_upload import ChosenFile, ReadFile, read_chosen, rows_of
from api.pages.rendering import list_path, need_path, render, see_other
from api.pages.search_form import SHOWN_IN
from api.pages.texts import AREA_LABELS, STATUS_LABELS
from api.problems import status_of
from api.routing import LazyRouter
from catalogue.database.viewer import CHIEF, Viewer
from catalogue.importers.need_files import ENDINGS
from enmusubi.errors import InputError, StaleVersionError, UnreadableFileError
from office.access.access_log import note_listing, note_reading
from office.access.rules import CREATE_NEEDS, SEE_NEEDS, require
from office.access.scoped import reading_as, writing_as
from office.needs.editing import change_need, changeable_need, create_need
from office.needs.managers import possible_managers
from office.needs.reading import NeedFilter, SeenNeed, count_needs, known_companies, needs_page

NEEDS_ON_A_PAGE = 30
ANY, UNDECLARED, NOBODY = "any", "undeclared", "nobody"
TEXT_ROWS = 8
Word = Annotated[str, Query(max_length=20)]
Id = Annotated[str, Query(max_length=300)]
READ = "read"  # the button that has a file read
ReadButton = Annotated[str, Form(alias=READ, max_length=20)]
SwitchButton = Annotated[str, Form(alias=SHOWN_IN, max_length=20)]  # nothing is saved then
FindButton = Annotated[
    str, Form(alias="find", max_length=20)
]  # saves, then leads to the need's list


def chosen(value: str, allowed: Mapping[str, str]) -> str:
    """Return a value if it is one of those allowed, else nothing: filters in addresses may be old."""
    return value if value in allowed else ""


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_list(router, services)
    _add_creation(router, services)
    _add_change(router, services)
    return router


def _add_list(router: LazyRouter, services: Services) -> None:
    @router.get("/needs")
    def needs(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        status: Word = "open",
        area: Word = ANY,
        mine: Word = "",
        company: Id = "",
        manager: Word = "",
        after: AfterRow = "",
    ) -> Response:
        require(viewer, SEE_NEEDS)
        wanted = NeedFilter(
            status=chosen(status, STATUS_LABELS),
            area=_area(area),
            organisation_id=company,
            manager=viewer.viewer_id if mine else "",
            is_unmanaged=manager == NOBODY and viewer.role == CHIEF,
        )
        with reading_as(services.catalogue, viewer) as connection:
            page = needs_page(connection, viewer, wanted, after=after, limit=NEEDS_ON_A_PAGE)
            count = count_needs(connection, viewer, wanted)
            shown: dict[str, Any] = {"companies": known_companies(connection, viewer)}
        note_listing(services.catalogue, viewer, page.items, "needs")
        filters = {"status": status, "area": area, "mine": mine, "company": company}
        shown |= {"filters": filters | {"manager": NOBODY if wanted.is_unmanaged else ""}}
        return render(request, viewer, "needs.html", page=page, count=count, after=after, **shown)


def _area(choice: str) -> str | None:
    if choice == UNDECLARED:
        return ""
    return chosen(choice, AREA_LABELS) or None


def _add_creation(router: LazyRouter, services: Services) -> None:
    max_chars = services.settings.need.max_chars

    @router.get("/needs/new")
    def new(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, CREATE_NEEDS)
        form = NeedForm(manager=viewer.viewer_id)
        return _form(request, viewer, services, form)

    @router.post("/needs/new", dependencies=allowed(CREATE_NEEDS))
    def create(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        form: Sent,
        file: ChosenFile,
        read: ReadButton = "",
        find: FindButton = "",
        shown_in: SwitchButton = "",
        form_token: FormToken = "",
    ) -> Response:
        switch_language(request, shown_in)
        if file or read:
            return _with_file(request, viewer, services, form, file)
        if shown_in:
            return _form(request, viewer, services, form)
        fields = {name: value for name, value in form.fields().items() if value}

        def write() -> str:
            with writing_as(services.catalogue, viewer) as connection:
                return create_need(connection, viewer, fields, max_chars=max_chars).need_id

        try:
            need_id = services.form_deduplicator.run_once(
                viewer, form_token, ("need", fields), write
            )
        except InputError as error:
            return _form(request, viewer, services, form, error=error)
        return see_other(list_path(need_id) if find else need_path(need_id), "saved")


def _add_change(router: LazyRouter, services: Services) -> None:
    max_chars = services.settings.need.max_chars

    @router.get("/needs/{need_id:path}/change")
    def change_form(request: Request, viewer: CurrentViewer, need_id: str) -> Response:
        need = _need_to_change(services, viewer, need_id)
        form, version = NeedForm.of(need), need.version
        return _form(request, viewer, services, form, need_id=need_id, version=version)

    @router.post("/needs/{need_id:path}/change")
    def change(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        need_id: str,
        form: Sent,
        version: Annotated[str, Form(max_length=200)],
        file: ChosenFile,
        read: ReadButton = "",
        find: FindButton = "",
        shown_in: SwitchButton = "",
        beside: Word = "",  # what somebody else wrote stands beside what was entered
    ) -> Response:
        named: dict[str, Any] = {"need_id": need_id, "version": version}
        switch_language(request, shown_in)
        if file or read or shown_in:
            need = _need_to_change(services, viewer, need_id)
            if file or read:
                return _with_file(request, viewer, services, form, file, **named)
            if beside:
                return _clash(request, viewer, services, form, need)
            return _form(request, viewer, services, form, **named)
        try:
            with writing_as(services.catalogue, viewer) as connection:
                change_need(
                    connection,
                    viewer,
                    need_id,
                    form.fields(),
                    max_chars=max_chars,
                    expected_version=version,
                )
        except StaleVersionError:
            need = _need_to_change(services, viewer, need_id)
            return _clash(request, viewer, services, form, need)
        except InputError as error:
            return _form(request, viewer, services, form, error=error, **named)
        return see_other(list_path(need_id) if find else need_path(need_id), "saved")


def _need_to_change(services: Services, viewer: Viewer, need_id: str) -> SeenNeed:
    """Return a need that the viewer may change, and note that its form shows it."""
    with reading_as(services.catalogue, viewer) as connection:
        need = changeable_need(connection, viewer, need_id)
    note_reading(services.catalogue, viewer, need, "form")
    return need


def _with_file(
    request: Request,
    viewer: Viewer,
    services: Services,
    form: NeedForm,
    file: UploadFile | None,
    **named: Any,
) -> Response:
    """Return the form with the text of a file in it, and below it what stood there; nothing is saved."""
    if file is None:
        return _form(request, viewer, services, form, lacks_file=True, status=422, **named)
    try:
        read = read_chosen(file, services.settings.need.max_file_bytes)
    except UnreadableFileError as error:
        return _form(request, viewer, services, form, error=error, **named)
    before = "" if is_same_text(form.text, read.text) else form.text.strip()
    filled = replace(form, text=read.text)
    return _form(request, viewer, services, filled, read=read, before=before, **named)


def _clash(
    request: Request, viewer: Viewer, services: Services, form: NeedForm, need: SeenNeed
) -> Response:
    """Return the form with what was entered, and beside it what another user wrote meanwhile."""
    theirs = NeedForm.of(need)
    shown: dict[str, Any] = {
        "need_id": need.need_id,
        "version": need.version,
        "theirs": theirs,
        "differing": form.differing(theirs),
        "status": 412,
    }
    return _form(request, viewer, services, form, **shown)


def _form(
    request: Request,
    viewer: Viewer,
    services: Services,
    form: NeedForm,
    *,
    need_id: str = "",
    version: str = "",
    theirs: NeedForm | None = None,
    differing: list[str] | None = None,
    status: int = 200,
    error: InputError | None = None,
    read: ReadFile | None = None,
    before: str = "",
    lacks_file: bool = False,
) -> Response:
    with reading_as(services.catalogue, viewer) as connection:
        companies = dict.fromkeys(known_companies(connection, viewer).values())
        managers = possible_managers(connection, viewer)
    present = {form.manager, theirs.manager if theirs else form.manager}
    return render(
        request,
        viewer,
        "need_form.html",
        status_of(error) if error else status,
        form=form,
        need_id=need_id,
        version=version,
        theirs=theirs,
        differing=differing or [],
        faulty=faulty_fields(error) if error else set(),
        detail=error.message if error else None,
        file_advice=ADVICE[UnreadableFileError] if isinstance(error, UnreadableFileError) else "",
        lacks_file=lacks_file,
        read=read,
        before=before,
        endings=ENDINGS,
        text_rows=rows_of(form.text, TEXT_ROWS) if read else TEXT_ROWS,
        companies=companies,
        managers=manager_choices(managers, *sorted(present)),
        names=NAMES,
    )
