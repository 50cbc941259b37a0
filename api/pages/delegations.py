"""The pages of standing in for a colleague, and of handing over all that somebody manages."""

from typing import Annotated, Any

from fastapi import Form, Query, Request, Response

from api.dependencies import CurrentViewer, Number, Services
from api.middleware.form_deduplication import FormToken
from api.pages.members import day_in
from api.pages.rendering import render, see_other
from api.pages.texts import FIRST_ACCOUNT
from api.problems import status_of
from api.routing import LazyRouter
from catalogue.database.delegation_models import DELEGATED
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, LOCAL_ID, Viewer
from enmusubi.errors import ConflictError, EnmusubiError, ForbiddenError, InputError
from enmusubi.messages import N_
from office.access.rules import DELEGATE, HAND_OVER, require
from office.access.scoped import reading_as
from office.business_days import BusinessDays
from office.delegations.delegations import (
    DelegationDraft,
    colleagues,
    delegations_page,
    end_delegation,
    make_delegation,
)
from office.delegations.handing_over import hand_over, hand_overs, preview, takes_back, undo
from office.needs.managers import managers_by_login
from office.people import names_of

PATH, HAND_OVERS = "/delegations", "/hand-over"
ON_A_PAGE = 50
WHAT_LABELS = {
    "gates": N_("Gates that the role decides"),
    "queue": N_("What waits"),
}
DELEGATION_STATES = {"now": N_("Now"), "coming": N_("To come"), "over": N_("Standing in is over")}
HANDED_LABELS = {
    "need": N_("Needs"),
    "case": N_("Cases"),
    "shortlist": N_("Entries of the shortlist"),
    "search": N_("Saved searches"),
    "inquiry": N_("Inquiries that are not done"),
}
Login = Annotated[str, Form(max_length=100)]
Day = Annotated[str, Form(max_length=20)]
Words = Annotated[list[str] | None, Form(max_length=len(DELEGATED))]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_delegations(router, services)
    _add_hand_overs(router, services)
    return router


def _add_delegations(router: LazyRouter, services: Services) -> None:
    catalogue, settings = services.catalogue, services.settings

    @router.get(PATH)
    def page(request: Request, viewer: CurrentViewer) -> Response:
        return _delegations(services, request, viewer)

    @router.post(PATH)
    def make(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        from_user: Login = "",
        to_user: Login = "",
        starts_on: Day = "",
        ends_on: Day = "",
        what: Words = None,
        form_token: FormToken = "",
    ) -> Response:
        require(viewer, DELEGATE)

        def keep() -> None:
            first, last = day_in(starts_on, "starts_on"), day_in(ends_on, "ends_on")
            if first is None or last is None:
                raise InputError("Give the first and the last day.", of_field="starts_on")
            who = from_user or viewer.viewer_id
            draft = DelegationDraft(who, to_user, first, last, tuple(what or ()))
            with catalogue.writing() as connection:
                today = BusinessDays(settings.cases).today()
                make_delegation(connection, viewer, draft, today, mail=settings.mail)

        sent = ("delegation", from_user, to_user, starts_on, ends_on, what)
        try:
            services.form_deduplicator.run_once(viewer, form_token, sent, keep)
        except (InputError, ConflictError, ForbiddenError) as error:
            return _delegations(services, request, viewer, error)
        return see_other(PATH, "saved")

    @router.post(f"{PATH}/{{delegation_id}}/end")
    def end(viewer: CurrentViewer, delegation_id: Number) -> Response:
        require(viewer, DELEGATE)
        with catalogue.writing() as connection:
            end_delegation(connection, viewer, delegation_id)
        return see_other(PATH, "done")


def _delegations(
    services: Services, request: Request, viewer: Viewer, error: EnmusubiError | None = None
) -> Response:
    require(viewer, DELEGATE)
    with reading_as(services.catalogue, viewer) as connection:
        found = delegations_page(connection, viewer, limit=ON_A_PAGE).items
        people = colleagues(connection, viewer)
        named = {one.from_user for one in found} | {one.to_user for one in found}
        names = names_of(connection, named)
    shown: dict[str, Any] = {"delegations": found, "people": people, "names": names}
    shown |= {"what_labels": WHAT_LABELS, "states": DELEGATION_STATES}
    shown |= {"today": BusinessDays(services.settings.cases).today()}
    shown |= {"first_account": FIRST_ACCOUNT}
    shown |= {"is_chief": viewer.role == CHIEF, "fault": error.message if error else None}
    return render(request, viewer, "delegations.html", status_of(error) if error else 200, **shown)


def _add_hand_overs(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.get(HAND_OVERS)
    def page(
        request: Request,
        viewer: CurrentViewer,
        giver: Annotated[str, Query(alias="from", max_length=100)] = "",
    ) -> Response:
        return _hand_over(services, request, viewer, giver)

    @router.post(HAND_OVERS)
    def give(
        request: Request,
        viewer: CurrentViewer,
        from_user: Login = "",
        to_user: Login = "",
        form_token: FormToken = "",
    ) -> Response:
        require(viewer, HAND_OVER)
        sent = ("hand over", from_user, to_user)
        move = lambda: hand_over(catalogue, viewer, from_user, to_user)  # noqa: E731
        try:
            services.form_deduplicator.run_once(viewer, form_token, sent, move)
        except (InputError, ConflictError) as error:
            return _hand_over(services, request, viewer, from_user, error)
        return see_other(HAND_OVERS, "handed-over")

    @router.post(f"{HAND_OVERS}/{{number}}/undo")
    def back(viewer: CurrentViewer, number: Number) -> Response:
        require(viewer, HAND_OVER)
        undo(catalogue, viewer, number)
        return see_other(HAND_OVERS, "handed-back")


def _hand_over(
    services: Services,
    request: Request,
    viewer: Viewer,
    giver: str,
    error: EnmusubiError | None = None,
) -> Response:
    require(viewer, HAND_OVER)
    is_own = viewer.role not in {CHIEF, ADMINISTRATOR}
    has_none = viewer.role == ADMINISTRATOR or viewer.viewer_id == LOCAL_ID
    wanted = giver or ("" if has_none else viewer.viewer_id)
    held = preview(services.catalogue, viewer, wanted) if wanted else None
    done = hand_overs(services.catalogue, viewer)
    with services.catalogue.reading() as connection:
        takers = managers_by_login(connection)
        named = {login for one in done for login in (one.from_user, one.to_user)} | {wanted}
        names = names_of(connection, named)
    shown: dict[str, Any] = {"giver": wanted, "held": held, "done": done, "takers": takers}
    shown |= {"names": names, "is_own": is_own, "handed_labels": HANDED_LABELS}
    shown |= {"takes_back": takes_back}
    shown |= {"fault": error.message if error else None}
    return render(request, viewer, "hand_over.html", status_of(error) if error else 200, **shown)
