"""The administrator's pages of who may come in: people and their roles, machines and their keys."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import Form, Request, Response

from api.dependencies import Services
from api.languages import language_of
from api.middleware.form_deduplication import FormToken
from api.pages.admin.frame import Administrator, OneTimeSecrets, Secret, show, start_of
from api.pages.rendering import see_other
from api.routing import LazyRouter
from catalogue.database.viewer import MACHINE_ROLES, MEMBER, PERSON_ROLES, PORTAL, SCOPES, Viewer
from enmusubi.errors import EnmusubiError, InputError, UnknownIdError
from enmusubi.messages import N_
from office.accounts.keys import Keys
from office.accounts.machines import Machines
from office.accounts.passwords import one_time_password
from office.accounts.second_factors import SecondFactors
from office.accounts.users import Users
from office.mail.passwords import told_by_mail

PEOPLE, MACHINES = "/admin/people", "/admin/machines"
SCOPE_LABELS = {
    "needs:read": N_("Read needs and released lists"),
    "needs:write": N_("Write needs"),
    "matches:read": N_("Ask for matches"),
    "feedback:write": N_("Give feedback"),
    "members:read": N_("Read memberships, with contacts and terms"),
    "webhooks:write": N_("Set webhooks"),
    "metrics:read": N_("Read metrics"),
}
_BETWEEN = re.compile(r"[\r\n;；]+")  # no commas: names have them
Field = Annotated[str, Form(max_length=200)]
EmailField = Annotated[str, Form(max_length=320)]
Companies = Annotated[str, Form(max_length=10_000)]


def build_router(services: Services, secrets: OneTimeSecrets) -> LazyRouter:
    """Return the routes of people's accounts, and of machines and their keys."""
    router = LazyRouter()
    _add_people(router, services, secrets)
    _add_person(router, services, secrets)
    _add_machines(router, services)
    _add_machine(router, services)
    _add_keys(router, services, secrets)
    return router


def _users(services: Services) -> Users:
    settings = services.settings
    hours = timedelta(hours=settings.sign_in.one_time_hours)
    return Users(services.catalogue, mail=settings.mail, one_time_for=hours)


def _add_people(router: LazyRouter, services: Services, secrets: OneTimeSecrets) -> None:
    users, mail = _users(services), services.settings.mail

    def page(request: Request, viewer: Viewer, error: EnmusubiError | None = None) -> Response:
        context = {"users": users.list(), "roles": PERSON_ROLES, "sends_mail": bool(mail.host)}
        return show(request, viewer, "admin_people.html", context, error)

    @router.get(PEOPLE)
    def people(request: Request, viewer: Administrator) -> Response:
        return page(request, viewer)

    @router.post(PEOPLE)
    def add(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: Administrator,
        login: Field = "",
        name: Field = "",
        role: Field = "",
        researcher_id: Field = "",
        email: EmailField = "",
        with_password: Field = "",
        by_mail: Field = "",
        form_token: FormToken = "",
    ) -> Response:
        given = {
            "name": name, "role": role, "email": email, "researcher_id": researcher_id.strip() or None
        }  # fmt: skip

        def create() -> str:
            password = one_time_password() if with_password else ""
            also = told_by_mail(mail, with_it=bool(by_mail)) if password else None
            user = users.create(viewer, login, password=password, also=also, **given)  # type: ignore[arg-type]
            shown = "" if by_mail else password
            return _after_password(secrets, viewer, user.user_id, shown)

        try:
            sent = ("person", login, given, with_password, by_mail)
            made = services.form_deduplicator.run_once(viewer, form_token, sent, create)
            return see_other(made, "mail-waits" if by_mail and with_password else "")
        except EnmusubiError as error:
            return page(request, viewer, error)


def _add_person(router: LazyRouter, services: Services, secrets: OneTimeSecrets) -> None:
    users, settings = _users(services), services.settings
    mail = settings.mail
    factors = SecondFactors(services.catalogue, settings.sealing, mail)

    @router.get(PEOPLE + "/{login}")
    def person(request: Request, viewer: Administrator, login: str) -> Response:
        user = users.get(login)
        roles = (user.role,) if user.role == MEMBER else PERSON_ROLES
        context = {
            "user": user,
            "roles": roles,
            "sends_mail": bool(mail.host),
            "factors": factors.of(user.user_id),
        }
        return show(request, viewer, "admin_person.html", context)

    @router.post(PEOPLE + "/{login}")
    def change(  # noqa: PLR0917 - FastAPI passes them by name
        viewer: Administrator,
        login: str,
        name: Field = "",
        role: Field = "",
        researcher_id: Field = "",
        email: EmailField = "",
    ) -> Response:
        given = {"name": name.strip(), "email": email, "researcher_id": researcher_id.strip()}
        user = users.change(viewer, login, role=role, **given)
        return see_other(_path_of_person(user.user_id), "saved")

    @router.post(PEOPLE + "/{login}/password")
    def reset(viewer: Administrator, login: str, by_mail: Field = "") -> Response:
        user, password = users.get(login), one_time_password()
        also = told_by_mail(mail, with_it=bool(by_mail))
        users.set_password(viewer, user.user_id, password, also=also)
        if by_mail:
            return see_other(_path_of_person(user.user_id), "mail-waits")
        return see_other(_after_password(secrets, viewer, user.user_id, password))

    @router.post(PEOPLE + "/{login}/second-factor")
    def reset_factor(viewer: Administrator, login: str) -> Response:
        user = users.get(login)
        factors.reset(viewer, user.user_id)
        return see_other(_path_of_person(user.user_id), "done")

    @router.post(PEOPLE + "/{login}/{action}")
    def let_in_or_not(viewer: Administrator, login: str, action: str) -> Response:
        actions = {"disable": users.disable, "enable": users.enable}
        user = actions[action](viewer, login) if action in actions else users.get(login)
        return see_other(_path_of_person(user.user_id), "done")


def _path_of_person(login: str) -> str:
    return f"{PEOPLE}/{quote(login, safe='')}"


def _after_password(secrets: OneTimeSecrets, viewer: Viewer, login: str, password: str) -> str:
    """Return the address of the page that shows a password, of all people where there is none."""
    if not password:
        return PEOPLE
    ticket = secrets.keep(viewer, Secret("password", login, password, _path_of_person(login)))
    return f"/admin/once/{ticket}"


def _add_machines(router: LazyRouter, services: Services) -> None:
    machines = Machines(services.catalogue)

    def page(request: Request, viewer: Viewer, error: EnmusubiError | None = None) -> Response:
        context = {"machines": machines.list(), "roles": MACHINE_ROLES}
        return show(request, viewer, "admin_machines.html", context, error)

    @router.get(MACHINES)
    def all_machines(request: Request, viewer: Administrator) -> Response:
        return page(request, viewer)

    @router.post(MACHINES)
    def add(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: Administrator,
        client_id: Field = "",
        name: Field = "",
        role: Field = PORTAL,
        companies: Companies = "",
        form_token: FormToken = "",
    ) -> Response:
        given = {"role": role, "name": name}

        def create() -> str:
            named = _listed(companies)
            return machines.create(viewer, client_id.strip(), companies=named, **given).client_id

        try:
            sent = ("machine", client_id, given, companies)
            made = services.form_deduplicator.run_once(viewer, form_token, sent, create)
            return see_other(_path_of_machine(made), "saved")
        except EnmusubiError as error:
            return page(request, viewer, error)


def _machine_page(
    services: Services,
    request: Request,
    viewer: Viewer,
    client_id: str,
    error: EnmusubiError | None = None,
) -> Response:
    context = {
        "machine": Machines(services.catalogue).get(client_id),
        "keys": Keys(services.catalogue).list(client_id),
        "scopes": SCOPE_LABELS,
        "now": datetime.now(UTC),
    }
    return show(request, viewer, "admin_machine.html", context, error)


def _add_machine(router: LazyRouter, services: Services) -> None:
    machines = Machines(services.catalogue)

    @router.get(MACHINES + "/{client_id}")
    def machine(request: Request, viewer: Administrator, client_id: str) -> Response:
        return _machine_page(services, request, viewer, client_id)

    @router.post(MACHINES + "/{client_id}")
    def change(
        request: Request,
        viewer: Administrator,
        client_id: str,
        name: Field = "",
        companies: Companies = "",
    ) -> Response:
        try:
            machines.change(viewer, client_id, name=name, companies=_listed(companies))
        except (InputError, UnknownIdError) as error:
            return _machine_page(services, request, viewer, client_id, error)
        return see_other(_path_of_machine(client_id), "saved")

    @router.post(MACHINES + "/{client_id}/disable")
    def disable(viewer: Administrator, client_id: str) -> Response:
        return see_other(_path_of_machine(machines.disable(viewer, client_id).client_id), "done")

    @router.post(MACHINES + "/{client_id}/enable")
    def enable(viewer: Administrator, client_id: str) -> Response:
        return see_other(_path_of_machine(machines.enable(viewer, client_id).client_id), "done")


def _add_keys(router: LazyRouter, services: Services, secrets: OneTimeSecrets) -> None:
    keys = Keys(services.catalogue)

    @router.post(MACHINES + "/{client_id}/keys")
    def new_key(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: Administrator,
        client_id: str,
        scope: Annotated[list[str] | None, Form(max_length=len(SCOPES))] = None,
        until: Annotated[str, Form(max_length=10)] = "",
        form_token: FormToken = "",
    ) -> Response:
        def create() -> str:
            end = start_of(until, language_of(request), days=1)
            made = keys.create(viewer, client_id, scope or [], expires_at=end)
            secret = Secret("key", client_id, made.text, _path_of_machine(client_id))
            return f"/admin/once/{secrets.keep(viewer, secret)}"

        try:
            sent = ("key", client_id, scope, until)
            return see_other(services.form_deduplicator.run_once(viewer, form_token, sent, create))
        except InputError as error:
            return _machine_page(services, request, viewer, client_id, error)

    @router.post(MACHINES + "/{client_id}/keys/{key_id}/revoke")
    def revoke(viewer: Administrator, client_id: str, key_id: str) -> Response:
        if key_id not in {key.key_id for key in keys.list(client_id)}:
            raise UnknownIdError(
                "The machine %(id)r has no key %(key)r.",
                id=client_id,
                key=key_id,
            )
        keys.revoke(viewer, key_id)
        return see_other(_path_of_machine(client_id), "done")


def _path_of_machine(client_id: str) -> str:
    return f"{MACHINES}/{quote(client_id, safe='')}"


def _listed(text: str) -> list[str]:
    """Return the ids and names of a text that has one on each line, or apart by semicolons."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]
