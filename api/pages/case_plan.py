"""The plan of a case on its page: read in a language and version, edited, taken as a file."""

from typing import Annotated, Any

from fastapi import File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field

from api.dependencies import CurrentViewer, Number, Services
from api.languages import language_of
from api.pages.case import ONE
from api.pages.cases import PATH
from api.pages.exports import file_response
from api.pages.rendering import render, see_other
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, StaleVersionError
from office.access.access_log import note_reading_by_id
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import reading_as, writing_as
from office.contracts.filling import MAX_FILE_BYTES
from office.estimates.exporting import export_plan
from office.people import names_of
from office.plans.kept import LANGUAGES, read_plan, save_plan
from office.plans.plan_reading import PlanChanges, changes_in, save_changes
from office.plans.words import HEADINGS, SECTIONS

PLAN = f"{ONE}/plan"
Language = Annotated[str, Query(max_length=2)]


class PlanForm(BaseModel):
    """What the form of a plan sends: the text of each section in their order, and which are made anew."""

    section: Annotated[list[str], Field(default_factory=list, max_length=len(SECTIONS))]
    text: Annotated[list[str], Field(default_factory=list, max_length=len(SECTIONS))]
    anew: Annotated[list[str], Field(default_factory=list, max_length=len(SECTIONS))]
    language: str = Field("ja", max_length=2)
    version: int = Field(0, ge=0)


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)

    @router.get(PLAN)
    def page(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        in_language: Language = "",
        version: Annotated[int | None, Query(ge=0)] = None,
    ) -> Response:
        language = in_language or language_of(request)
        return _shown(request, viewer, services, case_id, language, version=version)

    @router.post(PLAN)
    def save(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        form: Annotated[PlanForm, Form()],
    ) -> Response:
        texts = dict(zip(form.section, form.text, strict=False))
        try:
            with writing_as(services.catalogue, viewer) as connection:
                save_plan(
                    connection, viewer, case_id, form.language, texts, services.settings,
                    anew=form.anew, expected_version=form.version,
                )  # fmt: skip
        except (InputError, StaleVersionError) as error:
            if form.language not in LANGUAGES:
                raise
            return _shown(
                request, viewer, services, case_id, form.language, typed=texts, fault=error
            )
        return see_other(f"{PATH}/{case_id}/plan?in_language={form.language}", "saved")

    @router.post(f"{ONE}/plan.docx")
    def take_back(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        require(viewer, WORK_ON_CASES)
        changes: PlanChanges | None = None
        try:
            with writing_as(services.catalogue, viewer) as connection:
                content = _content(file)
                changes = changes_in(connection, viewer, case_id, content, services.settings)
                save_changes(connection, viewer, case_id, changes, services.settings)
        except (InputError, StaleVersionError) as error:
            language = changes.language if changes else language_of(request)
            typed = dict(changes.texts) if changes else {}
            return _shown(request, viewer, services, case_id, language, typed=typed, fault=error)
        return see_other(f"{PATH}/{case_id}/plan?in_language={changes.language}", "saved")

    @router.get(f"{ONE}/plan.docx")
    def export(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        in_language: Language = "",
        version: Annotated[int | None, Query(ge=0)] = None,
    ) -> Response:
        language = in_language or language_of(request)
        file = export_plan(
            services.catalogue, viewer, services.settings, case_id, version, language
        )
        return file_response(file)

    return router


def _content(file: UploadFile | None) -> bytes:
    if file is None or not file.filename:
        raise InputError("Choose a file first.", of_field="file")
    return file.file.read(MAX_FILE_BYTES + 1)


def _shown(
    request: Request,
    viewer: Viewer,
    services: Services,
    case_id: int,
    language: str,
    *,
    version: int | None = None,
    typed: dict[str, str] | None = None,
    fault: EnmusubiError | None = None,
) -> Response:
    require(viewer, WORK_ON_CASES)
    with reading_as(services.catalogue, viewer) as connection:
        read = read_plan(connection, viewer, case_id, language, services.settings, version)
        names = names_of(connection, {one.made_by for one in read.versions})
    note_reading_by_id(services.catalogue, viewer, read.case.need_id, "case")
    status = 200 if fault is None else 412 if isinstance(fault, StaleVersionError) else 422
    context: dict[str, Any] = {
        "case": read.case, "plan": read.plan, "versions": read.versions, "names": names,
        "outdated": read.outdated, "headings": HEADINGS[language], "typed": typed or {},
        "fault": fault.message if fault else None,
        "newest": read.versions[0].version if read.versions else 0,
    }  # fmt: skip
    return render(request, viewer, "case_plan.html", status, **context)
