"""The pages of second factors: the second step of signing in, and setting factors up on one's account."""

from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from api.dependencies import CurrentViewer, Services
from api.middleware.rate_limits import AttemptLimiter
from api.pages.rendering import render, see_other, switch_to
from api.problems import status_of
from api.routing import LazyRouter
from api.signin import cookies
from api.signin.account import AfterField, AfterQuery
from api.signin.authenticator import Authenticator
from api.signin.login import FAULTS, Field, PasswordCheck, fault_text
from api.signin.places import HOME, local_path, site_of
from catalogue.database.viewer import LOCAL_ID, MACHINE, Viewer
from enmusubi.errors import (
    ConflictError,
    EnmusubiError,
    ForbiddenError,
    InputError,
    SealError,
    TooManyRequestsError,
    WrongPasswordError,
)
from office.accounts.passkeys import MAX_ANSWER_CHARS, Passkeys
from office.accounts.second_factors import SecondFactors, app_address
from office.accounts.users import User, Users

SECOND, FACTORS = "/login/second", "/account/second-factor"
CODES_AT_ONCE = 10  # wrong ones of an account within a window; a code is right once in 300,000
CODE_WINDOW_S = 900
Answer = Annotated[str, Form(max_length=MAX_ANSWER_CHARS)]
Name = Annotated[str, Form(max_length=200)]
_OF_FACTORS = (
    WrongPasswordError,
    TooManyRequestsError,
    ConflictError,
    InputError,
    SealError,
)


def build_router(
    services: Services, authenticator: Authenticator, check: PasswordCheck, users: Users
) -> LazyRouter:
    """Return the routes of /login/second and /account/second-factor."""
    router = LazyRouter(include_in_schema=False)
    _add_step(router, services, authenticator)
    _add_setting_up(router, _Own(services, authenticator, check, users))
    return router


def _add_step(router: LazyRouter, services: Services, authenticator: Authenticator) -> None:
    factors = SecondFactors(services.catalogue, services.settings.sealing)
    passkeys = Passkeys(factors)
    attempts = AttemptLimiter(CODES_AT_ONCE, window_s=CODE_WINDOW_S)

    @router.get(SECOND)
    async def page(request: Request, viewer: CurrentViewer, after: AfterQuery = "") -> Response:
        if not getattr(request.state, "awaits_factor", False):
            return RedirectResponse(local_path(after), status_code=303)
        if not await anyio.to_thread.run_sync(factors.of, viewer.viewer_id):
            return RedirectResponse(FACTORS, status_code=303)
        return await shown(request, viewer, after)

    @router.post(SECOND)
    async def prove(
        request: Request,
        viewer: CurrentViewer,
        code: Field = "",
        credential: Answer = "",
        after: AfterField = "",
    ) -> Response:
        if not getattr(request.state, "awaits_factor", False):
            return RedirectResponse(local_path(after), status_code=303)
        token = session_token(authenticator, request)
        challenge, site = request.state.challenge, site_of(request, authenticator.settings)
        who = viewer.viewer_id

        def proved() -> str:
            attempts.count(who)
            way = "passkey"
            if credential:
                authenticator.sessions.challenge(token, "")
                passkeys.prove(who, site, challenge, credential)
            else:
                way = factors.prove(who, code)
            return authenticator.sessions.proved(token, way=way)

        try:
            new_token = await anyio.to_thread.run_sync(proved)
        except _OF_FACTORS as error:
            authenticator.refusals.note("second factor", who)
            return await shown(request, viewer, after, error)
        response = see_other(local_path(after))
        cookies.put(response, cookies.SESSION, new_token, secure=authenticator.is_secure(request))
        return response

    async def shown(
        request: Request, viewer: Viewer, after: str, error: EnmusubiError | None = None
    ) -> Response:
        def asked() -> str:
            found = passkeys.to_prove(viewer.viewer_id, site_of(request, authenticator.settings))
            if found:
                token = session_token(authenticator, request)
                authenticator.sessions.challenge(token, found.challenge)
            return found.options if found else ""

        onward = local_path(after)
        context: dict[str, Any] = {
            "places": (),
            "fault": _fault(error),
            "after": onward,
            "options": await anyio.to_thread.run_sync(asked),
            "switch_to": switch_to(request, SECOND, next="" if onward == HOME else onward),
        }
        status = status_of(error) if error else 200
        return render(request, viewer, "second_factor.html", status, **context)


class _Own:
    """What the pages of one's own factors work with."""

    def __init__(
        self, services: Services, authenticator: Authenticator, check: PasswordCheck, users: Users
    ) -> None:
        self.factors = SecondFactors(
            services.catalogue, services.settings.sealing, services.settings.mail
        )
        self.passkeys = Passkeys(self.factors)
        self.authenticator, self.check, self.users = authenticator, check, users

    async def user(self, viewer: Viewer) -> User:
        """Return one's account; machines have none."""
        if viewer.kind == MACHINE or viewer.viewer_id == LOCAL_ID:
            raise ForbiddenError("Only people who signed in have an account page.")
        return await anyio.to_thread.run_sync(self.users.get, viewer.viewer_id)

    def asks_password(self, request: Request, user: User) -> bool:
        """Return whether a change asks for the password: not just after it was given, to set up the first."""
        return user.has_password and not _is_needed(request)

    async def confirm(self, request: Request, user: User, present: str) -> None:
        """Raise an error unless who changes factors has just shown the password, where there is one."""
        if self.asks_password(request, user):
            await self.check.confirm(request, user.user_id, present)

    async def page(
        self, request: Request, viewer: Viewer, error: EnmusubiError | None = None, **more: Any
    ) -> Response:
        """Return the page of one's factors."""
        user = await self.user(viewer)
        site, secret = site_of(request, self.authenticator.settings), more.get("secret", "")
        token = session_token(self.authenticator, request)

        def found() -> dict[str, Any]:
            asked = self.passkeys.to_add(user, site)
            self.authenticator.sessions.challenge(token, asked.challenge)
            return {
                "factors": self.factors.of(user.user_id),
                "codes_left": self.factors.recovery_codes_left(user.user_id),
                "options": asked.options,
                "qr": _qr(app_address(secret, user.user_id)) if secret else "",
            }

        is_needed = _is_needed(request) and not more.get("codes")
        context = {
            "fault": error.message if error else "",
            "codes": (),
            "secret": secret,
            "after": "/account",
            "is_needed": is_needed,
            "asks_password": self.asks_password(request, user),
            **await anyio.to_thread.run_sync(found),
            **more,
        }
        if is_needed:
            context["places"] = ()  # all of them lead back here
        status = status_of(error) if error else 200
        return render(request, viewer, "factors.html", status, **context)

    async def added(self, request: Request, viewer: Viewer, codes: list[str]) -> Response:
        """Return the page after a factor was added: with recovery codes, and the session let in."""
        is_first = _is_needed(request)
        response: Response = see_other(FACTORS, "saved")
        if codes:
            response = await self.page(
                request, viewer, codes=codes, after=HOME if is_first else FACTORS
            )
        if is_first:
            sessions, token = (
                self.authenticator.sessions,
                session_token(self.authenticator, request),
            )
            new = await anyio.to_thread.run_sync(partial(sessions.proved, token, way="set up"))
            secure = self.authenticator.is_secure(request)
            cookies.put(response, cookies.SESSION, new, secure=secure)
        return response


def _add_setting_up(router: LazyRouter, own: _Own) -> None:
    @router.get(FACTORS)
    async def page(request: Request, viewer: CurrentViewer) -> Response:
        return await own.page(request, viewer)

    @router.post(f"{FACTORS}/app")
    async def begin(request: Request, viewer: CurrentViewer, present: Field = "") -> Response:
        user = await own.user(viewer)
        try:
            await own.confirm(request, user, present)
            secret = await anyio.to_thread.run_sync(own.factors.begin_app, user.user_id)
        except _OF_FACTORS as error:
            return await own.page(request, viewer, error)
        return await own.page(request, viewer, secret=secret)

    @router.post(f"{FACTORS}/app/confirm")
    async def confirm(
        request: Request, viewer: CurrentViewer, code: Field = "", name: Name = ""
    ) -> Response:
        await own.user(viewer)
        try:
            done = partial(own.factors.confirm_app, viewer, code, name)
            codes = await anyio.to_thread.run_sync(done)
        except _OF_FACTORS as error:
            secret = await anyio.to_thread.run_sync(own.factors.pending_app, viewer.viewer_id)
            return await own.page(request, viewer, error, secret=secret)
        return await own.added(request, viewer, codes)

    @router.post(f"{FACTORS}/passkey")
    async def passkey(
        request: Request,
        viewer: CurrentViewer,
        credential: Answer = "",
        name: Name = "",
        present: Field = "",
    ) -> Response:
        user, challenge = await own.user(viewer), request.state.challenge
        site = site_of(request, own.authenticator.settings)
        try:
            await own.confirm(request, user, present)
            done = partial(own.passkeys.add, user, site, challenge, credential, name)
            codes = await anyio.to_thread.run_sync(done)
        except _OF_FACTORS as error:
            return await own.page(request, viewer, error)
        return await own.added(request, viewer, codes)

    @router.post(f"{FACTORS}/codes")
    async def new_codes(request: Request, viewer: CurrentViewer, present: Field = "") -> Response:
        user = await own.user(viewer)
        try:
            await own.confirm(request, user, present)
        except _OF_FACTORS as error:
            return await own.page(request, viewer, error)
        codes = await anyio.to_thread.run_sync(own.factors.new_recovery_codes, viewer)
        return await own.page(request, viewer, codes=codes, after=FACTORS)

    @router.post(f"{FACTORS}/{{factor_id}}/remove")
    async def remove(
        request: Request, viewer: CurrentViewer, factor_id: str, present: Field = ""
    ) -> Response:
        user = await own.user(viewer)
        try:
            await own.confirm(request, user, present)
        except _OF_FACTORS as error:
            return await own.page(request, viewer, error)
        await anyio.to_thread.run_sync(own.factors.remove, viewer, factor_id)
        return see_other(FACTORS, "removed")


def session_token(authenticator: Authenticator, request: Request) -> str:
    """Return the token of the session that a request came with."""
    return cookies.read(request, cookies.SESSION, secure=authenticator.is_secure(request))


def _is_needed(request: Request) -> bool:
    """Return whether the session is open for setting up the first factor, which the role asks for."""
    return bool(getattr(request.state, "awaits_factor", False))


def _fault(error: EnmusubiError | None) -> str:
    if isinstance(error, WrongPasswordError):
        return error.message.id
    return FAULTS[TooManyRequestsError] if error else fault_text(error)


def _qr(text: str) -> str:
    """Return a QR code as the address of an SVG image."""
    import segno

    return str(segno.make(text, error="m").svg_data_uri(scale=4, border=2))
