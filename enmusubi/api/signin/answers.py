"""What somebody unknown is answered: a page leads to the sign-in, the API says how to come in."""

from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from enmusubi.api.pages.languages import is_page
from enmusubi.api.problems import ErrorAnswer, status_of
from enmusubi.api.signin.places import HOME, page_asked
from enmusubi.matcher.errors import NotSignedInError

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="enmusubi"'}


def install(app: FastAPI, answer: ErrorAnswer) -> None:
    """Answer NotSignedInError of the application's routes."""

    async def of_unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, NotSignedInError)  # noqa: S101
        if is_page(request.scope["path"]) and _takes_html(request):
            return RedirectResponse(login_path(page_asked(request)), status_code=303)
        response = answer(request.scope, status_of(error), str(error))
        response.headers.update(CHALLENGE)
        return response

    app.add_exception_handler(NotSignedInError, of_unknown)


def login_path(after: str) -> str:
    """Return the address of the sign-in page that leads on to a path."""
    return "/login" if after == HOME else f"/login?{urlencode({'next': after})}"


def _takes_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
