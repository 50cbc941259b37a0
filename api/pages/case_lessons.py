"""What stands on a case's page besides: its odds, what similar cases teach, its income, templates of it."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import Form, Request, Response
from sqlalchemy import Connection

from api.dependencies import CurrentViewer, Number, Services
from api.pages.case import ONE, Typed, shown
from api.pages.cases import PATH
from api.pages.lesson_texts import SHOWN_OF_LESSONS
from api.pages.rendering import render, see_other
from api.pages.typed_numbers import whole
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, InputError
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import reading_as, writing_as
from office.cases.templates import (
    CaseTemplateDraft,
    keep_template,
    templates_of,
    withdraw_template,
)
from office.figures.recording import EntryDraft, record_entry, withdraw_entry
from office.people import names_of

Short = Annotated[str, Form(max_length=400)]
Text = Annotated[str, Form(max_length=6_000)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes; they come before those of one case."""
    router = LazyRouter(include_in_schema=False)

    def done(
        request: Request, viewer: Viewer, case_id: int, typed: dict[str, Any],
        change: Callable[[Connection], object],
    ) -> Response:  # fmt: skip
        try:
            with writing_as(services.catalogue, viewer) as connection:
                change(connection)
        except (InputError, ConflictError) as error:
            return shown(
                request, viewer, services, case_id, typed=Typed(str(typed["form"]), typed, error)
            )
        return see_other(f"{PATH}/{case_id}", "saved")

    @router.get(f"{PATH}/templates")
    def templates(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, WORK_ON_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            found = templates_of(connection, viewer)
            names = names_of(connection, {one.kept_by for one in found})
        return render(
            request, viewer, "case_templates.html", templates=found, names=names, **SHOWN_OF_LESSONS
        )

    @router.post(f"{ONE}/templates")
    def keep(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request, viewer: CurrentViewer, case_id: Number, title: Short = "",
        lessons: Text = "", next_step: Short = "",
    ) -> Response:  # fmt: skip
        draft = CaseTemplateDraft(title, lessons, next_step)
        typed = {"form": "template", "title": title, "lessons": lessons, "next_step": next_step}
        return done(
            request, viewer, case_id, typed, lambda c: keep_template(c, viewer, case_id, draft)
        )

    @router.post(f"{PATH}/templates/{{template_id}}/withdraw")
    def withdraw(viewer: CurrentViewer, template_id: Number) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            withdraw_template(connection, viewer, template_id)
        return see_other(f"{PATH}/templates", "removed")

    @router.post(f"{ONE}/entries")
    def record(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request, viewer: CurrentViewer, case_id: Number, kind: Short = "",
        day: Short = "", amount: Short = "", note: Short = "",
    ) -> Response:  # fmt: skip
        typed = {"form": "entry", "kind": kind, "day": day, "amount": amount, "note": note}

        def work(connection: Connection) -> object:
            draft = EntryDraft(kind, _day(day), whole(amount, "amount"), note)
            return record_entry(connection, viewer, case_id, draft)

        return done(request, viewer, case_id, typed, work)

    @router.post(f"{ONE}/entries/{{entry_id}}/withdraw")
    def take_out(viewer: CurrentViewer, case_id: Number, entry_id: Number) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            withdraw_entry(connection, viewer, case_id, entry_id)
        return see_other(f"{PATH}/{case_id}", "removed")

    return router


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InputError("not a day. Write such as 2026-04-15.", of_field="happened_on") from None
