"""Puts signing in together: its routes, and the answers to callers who must sign in or set a password.

Pages lead on to the form; the API says how.
"""

from datetime import timedelta
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from api.dependencies import Services
from api.languages import is_page
from api.problems import ErrorAnswer, status_of
from api.routing import LazyRouter, include
from api.signin import account, login, member_links, oidc, second_factor, tokens
from api.signin.authenticator import Authenticator
from api.signin.places import HOME, page_asked
from enmusubi.errors import NotSignedInError, PasswordNotOwnError, SecondFactorError
from office.accounts.keys import Tokens
from office.accounts.passwords import Passwords
from office.accounts.signing_in import LockRule, PasswordAuthenticator
from office.accounts.users import Users

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="enmusubi"'}


def build_router(services: Services, authenticator: Authenticator) -> LazyRouter:
    """Return the routes that let people and machines in."""
    catalogue, settings = services.catalogue, services.settings.sign_in
    passwords = Passwords()
    lock = LockRule(settings.lock_after, timedelta(minutes=settings.lock_minutes))
    limits = {
        "per_address": settings.attempts_per_address,
        "per_account": settings.attempts_per_account,
    }
    check = login.PasswordCheck(PasswordAuthenticator(catalogue, passwords, lock), **limits)
    hours = timedelta(hours=settings.one_time_hours)
    users = Users(catalogue, passwords, mail=services.settings.mail, one_time_for=hours)
    router = LazyRouter()
    include(router, login.build_router(authenticator, check))
    include(router, account.build_router(services, authenticator, check, users))
    include(router, second_factor.build_router(services, authenticator, check, users))
    include(router, member_links.build_router(services, authenticator))
    include(router, oidc.build_router(authenticator, catalogue, services.settings.mail))
    include(router, tokens.build_router(Tokens(catalogue), **limits))
    return router


def install(app: FastAPI, answer: ErrorAnswer) -> None:
    """Answer NotSignedInError and PasswordNotOwnError of the application's routes."""

    async def of_unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, NotSignedInError)  # noqa: S101
        if _leads_on(request):
            return RedirectResponse(login_path(page_asked(request)), status_code=303)
        response = answer(request.scope, status_of(error), error.message)
        response.headers.update(CHALLENGE)
        return response

    async def of_second_factor(request: Request, error: Exception) -> Response:
        assert isinstance(error, SecondFactorError)  # noqa: S101
        if _leads_on(request):
            after = page_asked(request)
            return RedirectResponse(_with_next(second_factor.SECOND, after), status_code=303)
        return answer(request.scope, status_of(error), error.message)

    async def of_one_time_password(request: Request, error: Exception) -> Response:
        assert isinstance(error, PasswordNotOwnError)  # noqa: S101
        if _leads_on(request):
            return RedirectResponse(_with_next("/password", page_asked(request)), status_code=303)
        return answer(request.scope, status_of(error), error.message)

    app.add_exception_handler(NotSignedInError, of_unknown)
    app.add_exception_handler(SecondFactorError, of_second_factor)
    app.add_exception_handler(PasswordNotOwnError, of_one_time_password)


def login_path(after: str) -> str:
    """Return the address of the sign-in page that leads on to a path."""
    return _with_next("/login", after)


def _with_next(path: str, after: str) -> str:
    return path if after == HOME else f"{path}?{urlencode({'next': after})}"


def _leads_on(request: Request) -> bool:
    """Return whether a person reads the answer, who can be led to another page."""
    return is_page(request.scope["path"]) and "text/html" in request.headers.get("accept", "")
