"""The routes that change a case besides its gates: what it says, its turn, its end, notes, documents."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import Form, Request, Response
from sqlalchemy import Connection

from api.dependencies import CurrentViewer, Number, Services
from api.pages.case import ONE, Typed, shown
from api.pages.case_form import CaseForm
from api.pages.cases import PATH
from api.pages.rendering import see_other
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, InputError
from office.access.scoped import writing_as
from office.cases.changing import (
    CaseChange,
    add_note,
    change_case,
    complete,
    set_turn,
    take_up,
)
from office.cases.documents import DocumentDraft, add_document, remove_document
from office.cases.kept import KeptCase

Version = Annotated[int, Form(ge=0)]
Text = Annotated[str, Form(max_length=6_000)]
Change = Callable[[Connection], KeptCase]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_changes(router, services)
    _add_documents(router, services)
    return router


def _add_changes(router: LazyRouter, services: Services) -> None:
    settings = services.settings

    def done(case_id: int, viewer: Viewer, change: Change, notice: str = "saved") -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            change(connection)
        return see_other(f"{PATH}/{case_id}", notice)

    @router.post(f"{ONE}/change")
    def change(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        form: Annotated[CaseForm, Form()],
    ) -> Response:
        def work(connection: Connection) -> KeptCase:
            people = form.people
            changed = CaseChange(
                form.title, form.company, form.means, form.amount,
                clears_amount=not form.amount_jpy.strip(), next_step=form.next_step,
                manager=form.manager or None, is_closed=bool(form.is_closed),
                researcher_ids=people, lead=form.lead if form.lead in people else "",
            )  # fmt: skip
            return change_case(connection, viewer, case_id, changed, expected_version=form.version)

        try:
            return done(case_id, viewer, work)
        except (InputError, ConflictError) as error:
            typed = Typed("change", form.model_dump(), error, form)
            return shown(request, viewer, services, case_id, typed=typed)

    @router.post(f"{ONE}/turn")
    def turn(
        viewer: CurrentViewer, case_id: Number, turn: Text = "", version: Version = 0
    ) -> Response:
        change = partial(
            set_turn, viewer=viewer, case_id=case_id, turn=turn, settings=settings.cases,
            expected_version=version,
        )  # fmt: skip
        return done(case_id, viewer, change)

    @router.post(f"{ONE}/take-up")
    def take(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        reason: Text = "",
        version: Version = 0,
    ) -> Response:
        change = partial(
            take_up, viewer=viewer, case_id=case_id, settings=settings.cases, reason=reason,
            expected_version=version,
        )  # fmt: skip
        try:
            return done(case_id, viewer, change)
        except (InputError, ConflictError) as error:
            typed = Typed("take-up", {"reason": reason}, error)
            return shown(request, viewer, services, case_id, typed=typed)

    @router.post(f"{ONE}/complete")
    def end(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        outcome: Text = "",
        version: Version = 0,
    ) -> Response:
        change = partial(
            complete, viewer=viewer, case_id=case_id, outcome=outcome, expected_version=version
        )
        try:
            return done(case_id, viewer, change)
        except (InputError, ConflictError) as error:
            typed = Typed("complete", {"outcome": outcome}, error)
            return shown(request, viewer, services, case_id, typed=typed)

    @router.post(f"{ONE}/notes")
    def note(request: Request, viewer: CurrentViewer, case_id: Number, text: Text = "") -> Response:
        try:
            return done(
                case_id, viewer, lambda connection: add_note(connection, viewer, case_id, text)
            )
        except (InputError, ConflictError) as error:
            typed = Typed("note", {"text": text}, error)
            return shown(request, viewer, services, case_id, typed=typed)


def _add_documents(router: LazyRouter, services: Services) -> None:
    @router.post(f"{ONE}/documents")
    def add(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        kind: Text = "",
        name: Text = "",
        link: Text = "",
        gate: Text = "",
        version: Version = 0,
    ) -> Response:
        draft = DocumentDraft(kind, name, link, gate)
        try:
            with writing_as(services.catalogue, viewer) as connection:
                add_document(connection, viewer, case_id, draft, expected_version=version)
        except (InputError, ConflictError) as error:
            values = {"kind": kind, "name": name, "link": link, "gate": gate}
            typed = Typed("document", values, error)
            return shown(request, viewer, services, case_id, typed=typed)
        return see_other(f"{PATH}/{case_id}", "saved")

    @router.post(f"{ONE}/documents/{{document_id}}/remove")
    def remove(
        viewer: CurrentViewer, case_id: Number, document_id: Number, version: Version = 0
    ) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            remove_document(connection, viewer, case_id, document_id, expected_version=version)
        return see_other(f"{PATH}/{case_id}", "removed")
