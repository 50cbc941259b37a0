"""Contracts of a case on pages: what each must settle, templates filled; and the office's templates."""

from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import Form, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import CurrentViewer, Number, Services
from api.languages import language_of
from api.pages.case import ONE
from api.pages.case_money_texts import SHOWN_OF_MONEY
from api.pages.cases import PATH
from api.pages.exports import file_response
from api.pages.need_upload import ChosenFile
from api.pages.rendering import render, see_other
from api.routing import LazyRouter
from catalogue.database.money_models import CONTRACT_KINDS
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, StaleVersionError
from office.access.access_log import note_reading_by_id
from office.access.rules import KEEP_TEMPLATES, WORK_ON_CASES, may, require
from office.access.scoped import reading_as, writing_as
from office.cases.kept import case_of
from office.contracts.checklists import checklist_of, contract_sources, save_checklist
from office.contracts.filling import MAX_FILE_BYTES
from office.contracts.made import contracts_made
from office.contracts.templates import (
    add_template,
    described_fields,
    empty_fields,
    templates_of,
    withdraw_template,
)
from office.estimates.exporting import export_contract, export_contract_again
from office.exports import today_of
from office.people import names_of

CONTRACTS, TEMPLATES = f"{ONE}/contracts", "/contract-templates"
EXAMPLE = "{{ university }} … {{ company }}\n{%p if is_competitive %}\n…\n{%p endif %}"
Short = Annotated[str, Form(max_length=200)]
Column = Annotated[list[str], Field(default_factory=list, max_length=60)]


class ChecklistForm(BaseModel):
    """What the form of a checklist sends: item, answer and note in their order."""

    item: Column
    answer: Column
    note: Column
    version: int = Field(0, ge=0)


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_checklists(router, services)
    _add_templates(router, services)
    return router


def _add_checklists(router: LazyRouter, services: Services) -> None:
    @router.get(CONTRACTS)
    def page(request: Request, viewer: CurrentViewer, case_id: Number) -> Response:
        return _shown(request, viewer, services, case_id)

    @router.post(f"{CONTRACTS}/{{kind}}")
    def save(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        kind: str,
        form: Annotated[ChecklistForm, Form()],
    ) -> Response:
        columns = zip(form.item, form.answer, form.note, strict=False)
        answers = {item: (answer, note) for item, answer, note in columns}
        try:
            with writing_as(services.catalogue, viewer) as connection:
                save_checklist(
                    connection, viewer, case_id, kind, answers, expected_version=form.version
                )
        except (InputError, StaleVersionError) as error:
            return _shown(request, viewer, services, case_id, fault=error, typed={kind: answers})
        return see_other(f"{PATH}/{case_id}/contracts", "saved")

    @router.post(f"{CONTRACTS}/templates/{{template_id}}")
    def fill(
        request: Request, viewer: CurrentViewer, case_id: Number, template_id: Number
    ) -> Response:
        file = export_contract(
            services.catalogue, viewer, services.settings, case_id, template_id,
            language_of(request),
        )  # fmt: skip
        return file_response(file)

    @router.get(f"{CONTRACTS}/made/{{contract_id}}")
    def made(viewer: CurrentViewer, case_id: Number, contract_id: Number) -> Response:
        return file_response(
            export_contract_again(services.catalogue, viewer, case_id, contract_id)
        )


def _add_templates(router: LazyRouter, services: Services) -> None:
    @router.get(TEMPLATES)
    def listed(request: Request, viewer: CurrentViewer) -> Response:
        return _templates(request, viewer, services, None)

    @router.post(TEMPLATES)
    async def add(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        file: ChosenFile,
        kind: Short = "",
        language: Short = "",
        name: Short = "",
    ) -> Response:
        require(viewer, KEEP_TEMPLATES)
        try:
            if file is None:
                raise InputError("Choose a file first.")
            content = await file.read(MAX_FILE_BYTES + 1)
            work = partial(_add, services, viewer, kind, language, name, content)
            await anyio.to_thread.run_sync(work)
        except InputError as error:
            return _templates(request, viewer, services, error)
        return see_other(TEMPLATES, "saved")

    @router.post(f"{TEMPLATES}/{{template_id}}/withdraw")
    def withdraw(viewer: CurrentViewer, template_id: Number) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            withdraw_template(connection, viewer, template_id)
        return see_other(TEMPLATES, "removed")


def _add(  # noqa: PLR0917 - what it is for, what it is called, the file
    services: Services, viewer: Viewer, kind: str, language: str, name: str, content: bytes
) -> None:
    with writing_as(services.catalogue, viewer) as connection:
        add_template(connection, viewer, kind, language, name, content)


def _shown(
    request: Request,
    viewer: Viewer,
    services: Services,
    case_id: int,
    *,
    fault: EnmusubiError | None = None,
    typed: dict[str, dict[str, tuple[str, str]]] | None = None,
) -> Response:
    require(viewer, WORK_ON_CASES)
    today = today_of(language_of(request))
    with reading_as(services.catalogue, viewer) as connection:
        case = case_of(connection, viewer, case_id)
        lists = [checklist_of(connection, viewer, case_id, kind) for kind in CONTRACT_KINDS]
        templates = templates_of(connection, viewer)
        empty = empty_fields(connection, viewer, case, services.settings, today)
        made = contracts_made(connection, viewer, case)
        names = names_of(connection, {one.made_by for one in made})
    note_reading_by_id(services.catalogue, viewer, case.need_id, "case")
    context: dict[str, Any] = {
        "case": case, "lists": lists, "templates": templates, "empty": empty,
        "made": made, "names": names, "fields": dict(described_fields(language_of(request))),
        "sources": contract_sources(), "typed": typed or {},
        "fault": fault.message if fault else None,
    }  # fmt: skip
    status = 200 if fault is None else 412 if isinstance(fault, StaleVersionError) else 422
    return render(request, viewer, "case_contracts.html", status, **context, **SHOWN_OF_MONEY)


def _templates(
    request: Request, viewer: Viewer, services: Services, fault: EnmusubiError | None
) -> Response:
    require(viewer, WORK_ON_CASES)
    with reading_as(services.catalogue, viewer) as connection:
        templates = templates_of(connection, viewer)
    context: dict[str, Any] = {
        "example": EXAMPLE, "templates": templates, "keeps": may(viewer, KEEP_TEMPLATES),
        "fields": described_fields(language_of(request)),
        "fault": fault.message if fault else None,
    }  # fmt: skip
    status = 422 if fault else 200
    return render(request, viewer, "contract_templates.html", status, **context, **SHOWN_OF_MONEY)
