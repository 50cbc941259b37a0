"""The administrator's pages of people: who may sign in, in which role."""

from secrets import choice
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response

from api.dependencies import Services
from api.middleware.form_deduplication import FormToken
from api.pages.admin.frame import Administrator, OneTimeSecrets, Secret, show
from api.pages.rendering import see_other
from catalogue.database.viewer import PERSON_ROLES, Viewer
from enmusubi.errors import EnmusubiError
from office.accounts.users import Users

PATH = "/admin/people"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
Field = Annotated[str, Form(max_length=200)]


def build_router(services: Services, secrets: OneTimeSecrets) -> APIRouter:
    """Return the routes of people's accounts."""
    router = APIRouter()
    _add_people(router, services, secrets)
    _add_changes(router, services, secrets)
    return router


def _add_people(router: APIRouter, services: Services, secrets: OneTimeSecrets) -> None:
    users = Users(services.catalogue)

    def page(request: Request, viewer: Viewer, error: EnmusubiError | None = None) -> Response:
        context = {"users": users.list(), "roles": PERSON_ROLES}
        return show(request, viewer, "admin_people.html", context, error)

    @router.get(PATH)
    def people(request: Request, viewer: Administrator) -> Response:
        return page(request, viewer)

    @router.post(PATH)
    def add(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: Administrator,
        login: Field = "",
        name: Field = "",
        role: Field = "",
        researcher_id: Field = "",
        with_password: Field = "",
        form_token: FormToken = "",
    ) -> Response:
        given = {"name": name, "role": role, "researcher_id": researcher_id.strip() or None}

        def create() -> str:
            password = one_time_password() if with_password else ""
            user = users.create(viewer, login, password=password, **given)  # type: ignore[arg-type]
            return _next_page(secrets, viewer, user.user_id, password)

        try:
            sent = ("person", login, given, with_password)
            return see_other(services.form_deduplicator.run_once(viewer, form_token, sent, create))
        except EnmusubiError as error:
            return page(request, viewer, error)


def _add_changes(router: APIRouter, services: Services, secrets: OneTimeSecrets) -> None:
    users = Users(services.catalogue)

    @router.get(PATH + "/{login}")
    def person(request: Request, viewer: Administrator, login: str) -> Response:
        user = users.get(login)
        return show(request, viewer, "admin_person.html", {"user": user, "roles": PERSON_ROLES})

    @router.post(PATH + "/{login}")
    def change(
        viewer: Administrator,
        login: str,
        name: Field = "",
        role: Field = "",
        researcher_id: Field = "",
    ) -> Response:
        user = users.change(
            viewer, login, name=name.strip(), role=role, researcher_id=researcher_id.strip()
        )
        return see_other(_path(user.user_id), "saved")

    @router.post(PATH + "/{login}/password")
    def reset(viewer: Administrator, login: str) -> Response:
        user, password = users.get(login), one_time_password()
        users.set_password(viewer, user.user_id, password)
        return see_other(_next_page(secrets, viewer, user.user_id, password))

    @router.post(PATH + "/{login}/{action}")
    def let_in_or_not(viewer: Administrator, login: str, action: str) -> Response:
        actions = {"disable": users.disable, "enable": users.enable}
        user = actions[action](viewer, login) if action in actions else users.get(login)
        return see_other(_path(user.user_id), "done")


def _path(login: str) -> str:
    return f"{PATH}/{quote(login, safe='')}"


def _next_page(secrets: OneTimeSecrets, viewer: Viewer, login: str, password: str) -> str:
    """Return the address of the page that shows a password, of all people where there is none."""
    if not password:
        return PATH
    ticket = secrets.keep(viewer, Secret("password", login, password, _path(login)))
    return f"/admin/once/{ticket}"


def one_time_password() -> str:
    """Return a password of 80 random bits that can be read out on the telephone."""
    return "-".join("".join(choice(_LETTERS) for _ in range(4)) for _ in range(4))
