"""The routes of the list of needs and of writing one down: new, change, and both versions of a clash.

The form of a need has its fields as strings, from a stored need or from what was sent.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from api.dependencies import AfterRow, CurrentViewer, Services
from api.middleware.form_deduplication import FormToken
from api.pages.rendering import need_path, render, see_other
from api.pages.texts import AREA_LABELS, STATUS_LABELS
from api.problems import status_of
from catalogue.database.viewer import Viewer
from enmusubi.errors import EmptyNeedError, InputError, StaleVersionError
from office.access.access_log import note_listing, note_reading
from office.access.rules import CREATE_NEEDS, SEE_NEEDS, require
from office.access.scoped import reading_as, writing_as
from office.needs.editing import change_need, changeable_need, create_need
from office.needs.participants import Manager, possible_managers
from office.needs.reading import (
    NeedFilter,
    SeenNeed,
    count_needs,
    known_companies,
    need_of,
    needs_page,
)

Line = Annotated[str, Form(max_length=1_000)]
Prose = Annotated[str, Form()]

NEEDS_ON_A_PAGE = 30
ANY, UNDECLARED = "any", "undeclared"
Word = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True)
class NeedForm:
    """A need as the form shows it and sends it; everything is text."""

    title: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    company: str = field(default="", repr=False)
    area: str = ""
    horizon: str = field(default="", repr=False)
    budget_jpy: str = field(default="", repr=False)
    constraints: str = field(default="", repr=False)
    confidentiality: str = "confidential"
    manager: str = ""

    @classmethod
    def of(cls, need: SeenNeed) -> "NeedForm":
        """Return the form filled in with a need."""
        plain = {name: getattr(need, name) for name in NAMES if name != "budget_jpy"}
        budget = "" if need.budget_jpy is None else str(need.budget_jpy)
        return cls(**plain, budget_jpy=budget)

    def fields(self) -> dict[str, Any]:
        """Return what is to be written; a company that was emptied is taken off by its id."""
        values: dict[str, Any] = {name: getattr(self, name) for name in NAMES}
        values["budget_jpy"] = re.sub(r"[,，、\s円]", "", self.budget_jpy)
        if not self.company.strip():
            del values["company"]
            values["organisation_id"] = ""
        return values

    def differing(self, other: "NeedForm") -> list[str]:
        """Return the names of the fields in which two forms differ; line ends don't count."""
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in NAMES)
        return [name for name, mine, theirs in pairs if _plain(mine) != _plain(theirs)]


NAMES = tuple(NeedForm.__dataclass_fields__)


def sent_form(  # noqa: PLR0917 - FastAPI passes them by name
    title: Line = "",
    text: Prose = "",
    company: Line = "",
    area: Line = "",
    horizon: Line = "",
    budget_jpy: Line = "",
    constraints: Prose = "",
    confidentiality: Line = "",
    manager: Line = "",
) -> NeedForm:
    """Return the form that a request sends."""
    return NeedForm(
        title.strip(),
        text,
        company.strip(),
        area,
        horizon.strip(),
        budget_jpy.strip(),
        constraints,
        confidentiality,
        manager.strip(),
    )


Sent = Annotated[NeedForm, Depends(sent_form)]


def manager_choices(managers: Iterable[Manager], *present: str) -> dict[str, str]:
    """Return how each login that can be chosen is shown; who is the manager at present stays a choice."""
    choices = {
        one.user_id: one.name if one.name == one.user_id else f"{one.name} ({one.user_id})"
        for one in managers
    }
    return choices | {login: login for login in present if login not in choices}


def faulty_fields(error: InputError) -> Collection[str]:
    """Return the names of the fields that an error is about."""
    if isinstance(error, EmptyNeedError):
        return {"text"}
    found = error.fields & {*NAMES, "organisation_id"}
    return {"company" if name == "organisation_id" else name for name in found}


def chosen(value: str, allowed: Mapping[str, str]) -> str:
    """Return a value if it is one of those allowed, else nothing: filters in addresses may be old."""
    return value if value in allowed else ""


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def build_router(services: Services) -> APIRouter:
    """Return the routes."""
    router = APIRouter(include_in_schema=False)
    _add_list(router, services)
    _add_creation(router, services)
    _add_change(router, services)
    return router


def _add_list(router: APIRouter, services: Services) -> None:
    @router.get("/needs")
    def needs(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        status: Word = "open",
        area: Word = ANY,
        mine: Word = "",
        after: AfterRow = "",
    ) -> Response:
        require(viewer, SEE_NEEDS)
        wanted = NeedFilter(
            status=chosen(status, STATUS_LABELS),
            area=_area(area),
            manager=viewer.viewer_id if mine else "",
        )
        with reading_as(services.catalogue, viewer) as connection:
            page = needs_page(connection, viewer, wanted, after=after, limit=NEEDS_ON_A_PAGE)
            count = count_needs(connection, viewer, wanted)
        note_listing(services.catalogue, viewer, page.items, "needs")
        filters = {"status": status, "area": area, "mine": mine}
        return render(
            request, viewer, "needs.html", page=page, count=count, filters=filters, after=after
        )


def _area(choice: str) -> str | None:
    if choice == UNDECLARED:
        return ""
    return chosen(choice, AREA_LABELS) or None


def _add_creation(router: APIRouter, services: Services) -> None:
    max_chars = services.settings.need.max_chars

    @router.get("/needs/new")
    def new(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, CREATE_NEEDS)
        form = NeedForm(manager=viewer.viewer_id)
        return _form(request, viewer, services, form)

    @router.post("/needs/new")
    def create(
        request: Request, viewer: CurrentViewer, form: Sent, form_token: FormToken = ""
    ) -> Response:
        require(viewer, CREATE_NEEDS)
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
        return see_other(need_path(need_id), "saved")


def _add_change(router: APIRouter, services: Services) -> None:
    max_chars = services.settings.need.max_chars

    @router.get("/needs/{need_id:path}/change")
    def change_form(request: Request, viewer: CurrentViewer, need_id: str) -> Response:
        with reading_as(services.catalogue, viewer) as connection:
            need = changeable_need(connection, viewer, need_id)
        note_reading(services.catalogue, viewer, need, "form")
        form, version = NeedForm.of(need), need.version
        return _form(request, viewer, services, form, need_id=need_id, version=version)

    @router.post("/needs/{need_id:path}/change")
    def change(
        request: Request,
        viewer: CurrentViewer,
        need_id: str,
        form: Sent,
        version: Annotated[str, Form(max_length=200)],
    ) -> Response:
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
            return _clash(request, viewer, services, form, need_id)
        except InputError as error:
            named: dict[str, Any] = {"need_id": need_id, "version": version}
            return _form(request, viewer, services, form, error=error, **named)
        return see_other(need_path(need_id), "saved")


def _clash(
    request: Request, viewer: Viewer, services: Services, form: NeedForm, need_id: str
) -> Response:
    """Return the form with what was entered, and beside it what another user wrote meanwhile."""
    with reading_as(services.catalogue, viewer) as connection:
        need = need_of(connection, viewer, need_id)
    note_reading(services.catalogue, viewer, need, "form")
    theirs = NeedForm.of(need)
    shown: dict[str, Any] = {
        "need_id": need_id,
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
) -> Response:
    with reading_as(services.catalogue, viewer) as connection:
        companies = known_companies(connection, viewer)
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
        companies=companies,
        managers=manager_choices(managers, *sorted(present)),
        names=NAMES,
    )
