"""The page of one's own account, and changing the password there."""

from functools import partial
from typing import Annotated

import anyio
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from enmusubi.api.guard import CurrentViewer
from enmusubi.api.pages.notices import see_other
from enmusubi.api.pages.rendering import render
from enmusubi.api.pages.texts import N_
from enmusubi.api.problems import status_of
from enmusubi.api.signin import cookies
from enmusubi.api.signin.doorkeeper import FrontDoor
from enmusubi.api.signin.login import OF_PASSWORDS, Field, PasswordCheck, fault_text
from enmusubi.matcher.access.viewer import LOCAL_ID, MACHINE, Viewer
from enmusubi.matcher.accounts.passwords import TOO_LONG, TOO_PLAIN, TOO_SHORT, check_password
from enmusubi.matcher.accounts.users import User, Users
from enmusubi.matcher.errors import EnmusubiError, ForbiddenError, InputError, WrongPasswordError

NOT_REPEATED = N_("The new password and its repetition differ.")
WRONG_NOW = N_("The present password is wrong.")
NEW_PASSWORD_FAULTS = {
    TOO_SHORT: N_("The password has fewer than 10 characters. Choose a longer one."),
    TOO_LONG: N_("The password has more than 200 characters. Choose a shorter one."),
    TOO_PLAIN: N_(
        "The password is easy to guess: little is left of it without the login name, words like "
        "“password”, and repetitions. Choose another, such as four words that don't belong together."
    ),
}


def build_router(door: FrontDoor, check: PasswordCheck, users: Users) -> APIRouter:
    """Return the routes of /account and /password."""
    router = APIRouter(include_in_schema=False)

    @router.get("/account")
    async def account(request: Request, viewer: CurrentViewer) -> Response:
        if viewer.viewer_id == LOCAL_ID:
            return RedirectResponse("/", status_code=303)
        return render(request, viewer, "account.html", user=await own(viewer))

    @router.get("/password")
    async def password_page(request: Request, viewer: CurrentViewer) -> Response:
        return render(request, viewer, "password.html", user=await own(viewer), fault="")

    @router.post("/password")
    async def change_password(
        request: Request,
        viewer: CurrentViewer,
        present: Field = "",
        new: Field = "",
        repeated: Annotated[str, Form(max_length=1_000)] = "",
    ) -> Response:
        user = await own(viewer)
        try:
            check_new(new, repeated, user.user_id)
            await check.confirm(request, user.user_id, present)
        except (InputError, *OF_PASSWORDS) as error:
            status, fault = status_of(error), password_fault(error)
            return render(request, viewer, "password.html", status, user=user, fault=fault)
        await anyio.to_thread.run_sync(partial(users.set_password, viewer, user.user_id, new))
        token = await anyio.to_thread.run_sync(door.sessions.start, user.user_id)
        response = see_other("/account", "saved")
        cookies.put(response, cookies.SESSION, token, secure=door.is_secure(request))
        return response

    async def own(viewer: Viewer) -> User:
        if viewer.kind == MACHINE or viewer.viewer_id == LOCAL_ID:
            raise ForbiddenError("Only people who signed in have an account page.")
        return await anyio.to_thread.run_sync(users.get, viewer.viewer_id)

    return router


def check_new(new: str, repeated: str, user_id: str) -> None:
    """Raise InputError for a new password that is not good enough, or mistyped."""
    check_password(new, user_id)
    if new != repeated:
        raise InputError(NOT_REPEATED)


def password_fault(error: EnmusubiError) -> str:
    """Return the English text for what was wrong with a change of the password."""
    if isinstance(error, InputError):
        return NEW_PASSWORD_FAULTS.get(str(error), str(error))
    return WRONG_NOW if isinstance(error, WrongPasswordError) else fault_text(error)
