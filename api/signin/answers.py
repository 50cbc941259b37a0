"""What is answered to somebody unknown, or with a one-time password: pages lead on, the API says how."""

from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from api.languages import is_page
from api.problems import ErrorAnswer, status_of
from api.signin.places import HOME, page_asked
from enmusubi.errors import NotSignedInError, PasswordNotOwnError

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="enmusubi"'}


def install(app: FastAPI, answer: ErrorAnswer) -> None:
    """Answer NotSignedInError and PasswordNotOwnError of the application's routes."""

    async def of_unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, NotSignedInError)  # noqa: S101
        if _leads_on(request):
            return RedirectResponse(login_path(page_asked(request)), status_code=303)
        response = answer(request.scope, status_of(error), str(error))
        response.headers.update(CHALLENGE)
        return response

    async def of_one_time_password(request: Request, error: Exception) -> Response:
        assert isinstance(error, PasswordNotOwnError)  # noqa: S101
        if _leads_on(request):
            return RedirectResponse(_with_next("/password", page_asked(request)), status_code=303)
        return answer(request.scope, status_of(error), str(error))

    app.add_exception_handler(NotSignedInError, of_unknown)
    app.add_exception_handler(PasswordNotOwnError, of_one_time_password)


def login_path(after: str) -> str:
    """Return the address of the sign-in page that leads on to a path."""
    return _with_next("/login", after)


def _with_next(path: str, after: str) -> str:
    return path if after == HOME else f"{path}?{urlencode({'next': after})}"


def _leads_on(request: Request) -> bool:
    """Return whether somebody reads the answer who can be led to another page."""
    return is_page(request.scope["path"]) and "text/html" in request.headers.get("accept", "")
