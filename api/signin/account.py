"""The page of one's own account, and changing the password there: a one-time password must be changed."""

from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.dependencies import CurrentViewer, Services
from api.languages import LANGUAGES
from api.pages.rendering import render, see_other, switch_to
from api.problems import status_of
from api.routing import LazyRouter
from api.signin import cookies
from api.signin.authenticator import Authenticator
from api.signin.login import OF_PASSWORDS, Field, PasswordCheck, device_of, fault_text
from api.signin.places import local_path
from catalogue.database.service_models import (
    ALERT,
    CANDIDATES,
    CLOCK,
    ESCALATION,
    ESTIMATE_ASKED,
    ESTIMATE_CHECKED,
    ESTIMATE_RETURNED,
    GATE,
    INVITATION,
    MILESTONE,
)
from catalogue.database.viewer import LOCAL_ID, MACHINE, Viewer
from enmusubi.errors import EnmusubiError, ForbiddenError, InputError, WrongPasswordError
from enmusubi.messages import N_
from office.accounts.devices import forget_devices
from office.accounts.mail_choices import choose_mails
from office.accounts.passwords import check_password, prepared
from office.accounts.second_factors import needs_factor
from office.accounts.users import User, Users

ACCOUNT = "/account"
AfterQuery = Annotated[str, Query(alias="next", max_length=2_000)]
AfterField = Annotated[str, Form(alias="next", max_length=2_000)]
MAIL_LABELS = {
    INVITATION: N_("I am added to the readers of a need"),
    ALERT: N_("A saved search with an alert finds new researchers"),
    CANDIDATES: N_("A night finds new candidates for a need that I look after"),
    GATE: N_("A gate of a case waits for a decision of my role"),
    CLOCK: N_("Cases that I look after are due or overdue"),
    ESCALATION: N_("Cases of the office are overdue (the chief alone gets this)"),
    MILESTONE: N_("Milestones or actions of mine in projects are overdue"),
    ESTIMATE_ASKED: N_("An estimate waits for a check by my role"),
    ESTIMATE_CHECKED: N_("An estimate of mine was checked"),
    ESTIMATE_RETURNED: N_("An estimate of mine was sent back"),
}
NOT_REPEATED = N_("The new password and its repetition differ.")
NOT_NEW = N_("The new password is the present one. Choose another.")
WRONG_NOW = N_("The present password is wrong.")


def build_router(
    services: Services, authenticator: Authenticator, check: PasswordCheck, users: Users
) -> LazyRouter:
    """Return the routes of /account and /password."""
    router = LazyRouter(include_in_schema=False)
    catalogue, sends_mail = services.catalogue, bool(services.settings.mail.host)

    @router.get(ACCOUNT)
    async def account(request: Request, viewer: CurrentViewer) -> Response:
        if viewer.viewer_id == LOCAL_ID:
            return RedirectResponse("/", status_code=303)
        chosen: dict[str, Any] = {
            "kinds": MAIL_LABELS,
            "languages": LANGUAGES,
            "sends_mail": sends_mail,
            "passwords": authenticator.settings.passwords,
        }
        user, token = await own(viewer), session_of(request)
        chosen["sessions"] = await anyio.to_thread.run_sync(
            authenticator.sessions.open_of, user.user_id, token
        )
        chosen["factors"] = await anyio.to_thread.run_sync(authenticator.factors.of, user.user_id)
        return render(request, viewer, "account.html", user=user, **chosen)

    @router.post(ACCOUNT + "/sessions/end")
    async def end_others(request: Request, viewer: CurrentViewer) -> Response:
        await own(viewer)
        token, device = session_of(request), device_of(request)
        await anyio.to_thread.run_sync(authenticator.sessions.end_others, viewer, token)
        await anyio.to_thread.run_sync(forget, viewer, device)
        return see_other(ACCOUNT, "signed-out-elsewhere")

    def forget(viewer: Viewer, device: str) -> None:
        with catalogue.writing() as connection:
            forget_devices(connection, viewer.viewer_id, but=device)

    def session_of(request: Request) -> str:
        return cookies.read(request, cookies.SESSION, secure=authenticator.is_secure(request))

    @router.post(ACCOUNT + "/mail")
    async def choose(
        viewer: CurrentViewer,
        language: Annotated[str, Form(max_length=10)] = "",
        wanted: Annotated[list[str] | None, Form(max_length=len(MAIL_LABELS))] = None,
    ) -> Response:
        await own(viewer)
        keep = partial(choose_mails, catalogue, viewer, language=language, wanted=wanted or ())
        await anyio.to_thread.run_sync(keep)
        return see_other(ACCOUNT, "saved")

    @router.get("/password")
    async def password_page(
        request: Request,
        viewer: CurrentViewer,
        after: AfterQuery = "",
    ) -> Response:
        return password_form(request, viewer, await own(viewer), after)

    @router.post("/password")
    async def change_password(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        present: Field = "",
        new: Field = "",
        repeated: Annotated[str, Form(max_length=1_000)] = "",
        after: AfterField = "",
    ) -> Response:
        user = await own(viewer)
        try:
            check_new(new, repeated, present, user.user_id)
            mark = await check.confirm(request, user.user_id, present)
            token = await anyio.to_thread.run_sync(changed, viewer, new, mark)
        except (InputError, *OF_PASSWORDS) as error:
            return password_form(request, viewer, user, after, error)
        response = see_other(_place_after(request, after), "saved")
        cookies.put(response, cookies.SESSION, token, secure=authenticator.is_secure(request))
        return response

    def changed(viewer: Viewer, new: str, mark: str) -> str:
        """Set the viewer's own password and return the token of their new session."""
        user = users.set_password(viewer, viewer.viewer_id, new, is_one_time=False, only_if=mark)
        awaits = needs_factor(user.role, authenticator.settings.second_factor)
        return authenticator.sessions.start(
            user.user_id,
            awaits_factor=awaits and not authenticator.factors.of(user.user_id),
            password_mark=user.password_mark,
        )

    async def own(viewer: Viewer) -> User:
        if viewer.kind == MACHINE or viewer.viewer_id == LOCAL_ID:
            raise ForbiddenError("Only people who signed in have an account page.")
        return await anyio.to_thread.run_sync(users.get, viewer.viewer_id)

    return router


def password_form(
    request: Request, viewer: Viewer, user: User, after: str, error: EnmusubiError | None = None
) -> Response:
    """Return the page that changes the password; `error` is what was wrong with the last try."""
    is_forced, onward = _is_forced(request), _place_after(request, after)
    shown: dict[str, Any] = {
        "user": user,
        "fault": password_fault(error) if error else "",
        "after": onward,
        "switch_to": switch_to(request, "/password", next=local_path(after) if after else ""),
        "is_forced": is_forced,
    }
    if is_forced:
        shown["places"] = ()  # all of them lead back here
    return render(request, viewer, "password.html", status_of(error) if error else 200, **shown)


def _is_forced(request: Request) -> bool:
    """Return whether a one-time password was signed in with, so that nothing else is open yet."""
    return getattr(request.state, "must_change_password", False)


def _place_after(request: Request, after: str) -> str:
    return local_path(after) if after or _is_forced(request) else ACCOUNT


def check_new(new: str, repeated: str, present: str, user_id: str) -> None:
    """Raise InputError for a new password that is not good enough, the present one, or mistyped."""
    check_password(new, user_id)
    if prepared(new) == prepared(present):
        raise InputError(NOT_NEW)
    if new != repeated:
        raise InputError(NOT_REPEATED)


def password_fault(error: EnmusubiError) -> str:
    """Return the English text for what was wrong with a change of the password."""
    if isinstance(error, InputError):
        return error.message.id
    return WRONG_NOW if isinstance(error, WrongPasswordError) else fault_text(error)
