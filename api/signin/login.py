"""The pages of signing in and out."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

import anyio
from fastapi import Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.dependencies import LOCAL_PATH, CurrentViewer
from api.middleware.rate_limits import AddressAttempts, AttemptLimiter
from api.pages.rendering import render, switch_to
from api.pages.texts import FIRST_ACCOUNT
from api.problems import status_of
from api.routing import LazyRouter
from api.signin import cookies
from api.signin.authenticator import NO_ACCOUNTS, Authenticator
from api.signin.places import HOME, local_path
from enmusubi.errors import (
    AccountDisabledError,
    AccountHeldError,
    AccountLockedError,
    ConflictError,
    EnmusubiError,
    ForbiddenError,
    InputError,
    NotSignedInError,
    OneTimePasswordOverError,
    ProviderUnavailableError,
    TooManyRequestsError,
    WrongPasswordError,
)
from enmusubi.messages import N_
from office.accounts.signing_in import PasswordAuthenticator
from office.accounts.users import User

CHECKS_AT_ONCE = 2  # each takes 64 MiB and a core
MAX_FIELD_CHARS = 1_000
FAULTS: Mapping[type[EnmusubiError], str] = {
    WrongPasswordError: N_("The login name or the password is wrong."),
    AccountLockedError: N_(
        "This account is locked for a while after too many wrong passwords. Wait, or ask the "
        "administrator to unlock it."
    ),
    AccountHeldError: N_(
        "An administrator has to confirm your account first, as your login name is known from before it."
    ),
    OneTimePasswordOverError: N_(
        "This one-time password is over. Ask the administrator for another."
    ),
    AccountDisabledError: N_("This account is disabled. Ask the administrator to enable it."),
    TooManyRequestsError: N_(
        "There were too many attempts to sign in. Wait a few minutes and try again."
    ),
    ProviderUnavailableError: N_(
        "Your organisation's sign-in cannot be reached. Try again later; if this lasts, tell the "
        "administrator."
    ),
    ConflictError: N_(
        "There is another account with your login name already. Ask the administrator to link it to "
        "this sign-in."
    ),
    ForbiddenError: N_("You have no role in Enmusubi yet. Ask the administrator for one."),
    NotSignedInError: N_("Signing in didn't work. Try again."),
    InputError: N_(
        "The name of your organisation's account cannot be a login name. Ask the administrator."
    ),
}
OF_PASSWORDS = (
    WrongPasswordError,
    TooManyRequestsError,
    AccountDisabledError,
    AccountHeldError,
    OneTimePasswordOverError,
)
NO_PASSWORDS = N_("Passwords are off here. Sign in with your organisation's account.")
Field = Annotated[str, Form(max_length=MAX_FIELD_CHARS)]


class PasswordCheck:
    """Checks passwords off the event loop, few at once, and not too often for an address or account."""

    def __init__(
        self, authenticator: PasswordAuthenticator, *, per_address: int, per_account: int
    ) -> None:
        self._authenticator = authenticator
        self._addresses, self._accounts = AddressAttempts(per_address), AttemptLimiter(per_account)
        self._limiter = anyio.CapacityLimiter(CHECKS_AT_ONCE)

    async def sign_in(self, request: Request, login: str, password: str) -> User:
        """Return the account that is opened; raises the errors in OF_PASSWORDS."""
        address, device = await self._counted(request, login)
        check = partial(
            self._authenticator.sign_in, login, password, address=address, device=device
        )
        return await anyio.to_thread.run_sync(check, limiter=self._limiter)

    async def confirm(self, request: Request, user_id: str, password: str) -> str:
        """Return the mark of a signed-in user's password; raises an error for another one."""
        address, device = await self._counted(request, user_id)
        check = partial(
            self._authenticator.confirm, user_id, password, address=address, device=device
        )
        return await anyio.to_thread.run_sync(check, limiter=self._limiter)

    async def remember(self, request: Request, user_id: str) -> str:
        """Return the token of the device that a user signed in with just now, for its cookie."""
        devices, before = self._authenticator.devices, device_of(request)
        return await anyio.to_thread.run_sync(devices.remember, before, user_id)

    async def _counted(self, request: Request, login: str) -> tuple[str, str]:
        """Return the address that asks, and its device; raises TooManyRequestsError for too many attempts.

        A device that the user signed in with before is counted alone: strangers don't lock it out.
        """
        address, device, name = address_of(request), device_of(request), login.strip().casefold()
        knows = partial(self._authenticator.devices.knows, device, name)
        is_known = bool(device) and await anyio.to_thread.run_sync(knows)
        if is_known:
            self._accounts.count(f"device {device}")
        else:
            self._addresses.count(address)
            self._accounts.count(name)
        return address, device


def build_router(authenticator: Authenticator, check: PasswordCheck) -> LazyRouter:
    """Return the routes of /login and /logout."""
    router = LazyRouter(include_in_schema=False)

    @router.get("/login")
    async def login_page(
        request: Request, after: Annotated[str, Query(alias="next", max_length=2_000)] = ""
    ) -> Response:
        try:
            await authenticator.viewer(request)
        except (NotSignedInError, ForbiddenError):
            return await login_form(authenticator, request, after)
        return RedirectResponse(local_path(after), status_code=303)

    @router.post("/login")
    async def sign_in(
        request: Request,
        login: Field = "",
        password: Field = "",
        after: Annotated[str, Form(alias="next", max_length=2_000)] = "",
    ) -> Response:
        await authenticator.check_sign_in_form(request)
        if not authenticator.settings.passwords:
            raise ForbiddenError(NO_PASSWORDS)
        try:
            user = await check.sign_in(request, login, password)
            response = await signed_in(
                authenticator, request, user, local_path(after), by_password=True
            )
            device = await check.remember(request, user.user_id)
            secure = authenticator.is_secure(request)
            age_s = cookies.DEVICE_AGE_S
            cookies.put(response, cookies.DEVICE, device, secure=secure, max_age_s=age_s)
            return response
        except OF_PASSWORDS as error:
            return await login_form(authenticator, request, after, error, login=login)

    @router.get(LOCAL_PATH)
    async def local(
        request: Request, token: Annotated[str, Query(max_length=MAX_FIELD_CHARS)] = ""
    ) -> Response:
        if not await authenticator.knows_local(request, token):
            raise NotSignedInError(NO_ACCOUNTS)
        response = RedirectResponse(HOME, status_code=303)
        cookies.put(response, cookies.LOCAL, token, secure=authenticator.is_secure(request))
        return response

    @router.post("/logout")
    async def sign_out(request: Request, viewer: CurrentViewer) -> Response:
        secure = authenticator.is_secure(request)
        token = cookies.read(request, cookies.SESSION, secure=secure)
        end = partial(authenticator.sessions.end, token, by=viewer)
        provider_token = await anyio.to_thread.run_sync(end)
        response: Response = RedirectResponse("/login", status_code=303)
        if address := await authenticator.provider_end(request, provider_token):
            response = render(request, None, "signed_out.html", address=address)
        cookies.drop(response, cookies.SESSION, secure=secure)
        return response

    return router


async def login_form(
    authenticator: Authenticator,
    request: Request,
    after: str,
    error: EnmusubiError | None = None,
    **entered: str,
) -> Response:
    """Return the sign-in page; `error` is what went wrong before."""
    token, onward = authenticator.form_token(request), local_path(after)
    response = render(
        request,
        None,
        "login.html",
        200 if error is None else status_of(error),
        fault=fault_text(error),
        after=onward,
        switch_to=switch_to(request, "/login", next="" if onward == HOME else onward),
        login=entered.get("login", ""),
        oidc=authenticator.settings.oidc,
        passwords=authenticator.settings.passwords,
        first_account="" if await authenticator.has_accounts() else FIRST_ACCOUNT,
    )
    if isinstance(error, TooManyRequestsError):
        response.headers["Retry-After"] = str(error.retry_after_s)
    cookies.put(response, cookies.FORM, token, secure=authenticator.is_secure(request))
    return response


async def signed_in(
    authenticator: Authenticator,
    request: Request,
    user: User,
    path: str,
    *,
    by_password: bool = False,
    provider_token: str = "",
) -> Response:
    """Return the redirect of a user who signed in, with a session made just now.

    A session that the browser had before ends, whoever's it was. The session of a password that is
    good for one time is good for setting another alone. Raises WrongPasswordError where the password
    was changed since.
    """
    secure = authenticator.is_secure(request)
    before = cookies.read(request, cookies.SESSION, secure=secure)
    if before:
        await anyio.to_thread.run_sync(authenticator.sessions.end, before)
    start = partial(
        authenticator.sessions.start,
        user.user_id,
        must_change_password=by_password and user.must_change_password,
        awaits_factor=await authenticator.asks_factor(user, by_password=by_password),
        provider_token=provider_token,
        password_mark=user.password_mark if by_password else None,
    )
    token = await anyio.to_thread.run_sync(start)
    response = RedirectResponse(path, status_code=303)
    cookies.put(response, cookies.SESSION, token, secure=secure)
    cookies.drop(response, cookies.FORM, secure=secure)
    return response


def fault_text(error: EnmusubiError | None) -> str:
    """Return the English text for what went wrong, empty for nothing."""
    return next((FAULTS[kind] for kind in type(error).__mro__ if kind in FAULTS), "")


def device_of(request: Request) -> str:
    """Return the token of the browser's device cookie, however it was set; empty without one."""
    return cookies.read(request, cookies.DEVICE, secure=True) or cookies.read(
        request, cookies.DEVICE, secure=False
    )


def address_of(request: Request) -> str:
    """Return the address that a request came from, as the server knows it."""
    return request.client.host if request.client else ""
