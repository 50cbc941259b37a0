"""The routes that open a case."""

from typing import Annotated

from fastapi import Form, Query, Request, Response

from api.dependencies import CurrentViewer, Services
from api.pages.case_form import CaseForm
from api.pages.case_texts import SHOWN_OF_CASES
from api.pages.cases import PATH
from api.pages.lesson_texts import SHOWN_OF_LESSONS, lessons_for_new
from api.pages.rendering import render, see_other
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, EnmusubiError, InputError
from office.access.access_log import note_reading_by_id
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import reading_as, writing_as
from office.cases.kept import KeptCase
from office.cases.opening import CaseDraft, open_case
from office.cases.templates import begun_from, note_use
from office.needs.managers import possible_managers
from office.needs.reading import need_of
from office.people import cards_of

Ids = Annotated[list[str] | None, Query(max_length=20)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes; they come before those of one case."""
    router = LazyRouter(include_in_schema=False)

    @router.get(f"{PATH}/new")
    def new(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        need: Annotated[str, Query(max_length=300)] = "",
        person: Ids = None,
        lead: Annotated[str, Query(max_length=300)] = "",
        origin: Annotated[str, Query(max_length=20)] = "hand",
        template: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    ) -> Response:
        form = CaseForm(
            need_id=need, person=person or [], lead=lead, origin=origin, template=template
        )
        return _new(request, viewer, services, form)

    @router.post(PATH)
    def create(
        request: Request, viewer: CurrentViewer, form: Annotated[CaseForm, Form()]
    ) -> Response:
        require(viewer, WORK_ON_CASES)

        def add() -> KeptCase:
            draft = CaseDraft(
                form.need_id,
                form.title,
                form.company,
                form.people,
                form.lead if form.lead in form.people else "",
                form.means,
                form.amount,
                form.next_step,
                form.manager,
                bool(form.is_closed),
                form.origin,
                form.note,
            )
            with writing_as(services.catalogue, viewer) as connection:
                if form.template:
                    draft = begun_from(connection, viewer, draft, form.template)
                case = open_case(connection, viewer, draft, services.settings)
                if form.template:
                    note_use(connection, viewer, case, form.template)
                return case

        try:
            sent = tuple(str(value) for value in vars(form).values())
            case = services.form_deduplicator.run_once(viewer, form.once, sent, add)
        except (InputError, ConflictError) as error:
            return _new(request, viewer, services, form, error)
        return see_other(f"{PATH}/{case.case_id}", "case-opened")

    return router


def _new(
    request: Request,
    viewer: Viewer,
    services: Services,
    form: CaseForm,
    fault: EnmusubiError | None = None,
) -> Response:
    require(viewer, WORK_ON_CASES)
    with reading_as(services.catalogue, viewer) as connection:
        need = need_of(connection, viewer, form.need_id) if form.need_id else None
        cards = cards_of(connection, form.people)
        managers = possible_managers(connection, viewer)
        lessons = lessons_for_new(connection, viewer, services, need, form.people)
    if need:
        note_reading_by_id(services.catalogue, viewer, need.need_id, "case")
    values = form.model_copy(update={"manager": form.manager or (need.manager if need else "")})
    return render(
        request, viewer, "case_new.html", 422 if fault else 200, need=need, cards=cards,
        managers=managers, form=values, fault=fault.message if fault else None, lessons=lessons,
        **SHOWN_OF_CASES, **SHOWN_OF_LESSONS,
    )  # fmt: skip
