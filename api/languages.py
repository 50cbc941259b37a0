"""Which language a page is shown in, and how a user changes it without leaving the page."""

from urllib.parse import parse_qsl, quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

LANGUAGES = ("ja", "en")
LANGUAGE_COOKIE = "enmusubi-language"
LANGUAGE_COOKIE_AGE_S = 365 * 24 * 3600
LANGUAGE_PARAMETER = "lang"


def choose_language(asked: str, remembered: str, accepted: str) -> str:
    """Return ja or en: what was asked for, else remembered, else the browser's first of the two.

    `accepted` is an Accept-Language header; where it names neither, the page is in English, and
    in Japanese when there is none.
    """
    for wish in (asked, remembered):
        if wish in LANGUAGES:
            return wish
    wishes = sorted(
        (-_quality(parameters), place, tag.strip().lower().partition("-")[0])
        for place, wish in enumerate(accepted.split(","))
        for tag, _, parameters in [wish.partition(";")]
        if tag.strip()
    )
    known = (language for quality, _, language in wishes if language in LANGUAGES and quality < 0)
    return next(known, "en" if wishes else "ja")


def _quality(parameters: str) -> float:
    try:
        return float(parameters.replace(" ", "").removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def language_of(request: Request) -> str:
    """Return ja or en: what this request asks for, the remembered language, or the browser's."""
    return choose_language(
        getattr(request.state, "language", ""),
        request.cookies.get(LANGUAGE_COOKIE, ""),
        request.headers.get("accept-language", ""),
    )


def other_language(language: str) -> str:
    """Return the other of the two languages."""
    return "en" if language == "ja" else "ja"


def switch_language(request: Request, asked: object) -> None:
    """Show the answer to a form in the language that its button names, if it names one.

    The page that is rendered then remembers it.
    """
    if asked in LANGUAGES:
        request.state.language = asked


def remember_language(response: Response, language: str) -> None:
    """Let the browser remember the language for a year."""
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=LANGUAGE_COOKIE_AGE_S, httponly=True, samesite="lax"
    )


class LanguageSwitch:
    """Middleware: `?lang=en` on any page remembers the language and shows the same page again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        if scope["type"] == "http" and scope["method"] == "GET" and is_page(scope["path"]):
            asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            language = dict(asked).get(LANGUAGE_PARAMETER, "")
            if language in LANGUAGES:
                rest = [pair for pair in asked if pair[0] != LANGUAGE_PARAMETER]
                response = RedirectResponse(_local(scope["path"], rest), status_code=303)
                remember_language(response, language)
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _local(path: str, query: list[tuple[str, str]]) -> str:
    """Return an address on this host whatever the path is: `//elsewhere` would be another host."""
    place = "/" + quote(path.lstrip("/\\"))
    return f"{place}?{urlencode(query)}" if query else place


_MACHINES = ("v1", "v2", "healthz", "readyz", "metrics", "static", "openapi.json", "oauth")


def is_page(path: str) -> bool:
    """Return whether a path is one for people, who get pages, and not one for machines."""
    return path.split("/")[1:2] not in [[name] for name in _MACHINES]
