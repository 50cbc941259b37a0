"""The page for people: a form and a match list, rendered on the server, usable without a script."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from enmusubi.api.limits import EncoderGate
from enmusubi.api.live import LiveRecommender
from enmusubi.api.messages import LANGUAGES, MESSAGES, choose_language
from enmusubi.api.problems import status_of
from enmusubi.matcher.errors import EnmusubiError
from enmusubi.matcher.need_files import read_need_bytes
from enmusubi.matcher.needs import check_need
from enmusubi.matcher.records import SEED_KINDS, Evidence, Filters, MatchList, Need
from enmusubi.matcher.settings import Settings

LANGUAGE_COOKIE = "enmusubi-language"
LANGUAGE_COOKIE_AGE_S = 365 * 24 * 3600
SHORT_NEED_CHARS = {"ja": 25, "en": 60}
TOP_CHOICES = (5, 10, 20, 50)


@dataclass(frozen=True)
class Asked:
    """What the form held, to be shown again beside the list."""

    need: str = field(default="", repr=False)
    institution: str = ""
    department: str = ""
    kind: str = ""
    since: str = ""
    top: int = 10

    def filters(self) -> Filters:
        """Return the matcher's filters; a year that is no number is left out."""
        return Filters(
            institutions=[self.institution] if self.institution else [],
            departments=[self.department] if self.department else [],
            kinds=[self.kind] if self.kind else [],
            since=int(self.since) if self.since.isdecimal() else None,
        )


def highlight(evidence: Evidence) -> Markup:
    """Return the passage as HTML, everything escaped, the carrying sentence in <mark>."""
    before, found, after = evidence.passage.partition(evidence.sentence)
    if not found:
        return Markup("<mark>{}</mark>").format(evidence.sentence)
    return Markup("{}<mark>{}</mark>{}").format(before, found, after)


def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["highlight"] = highlight
    return environment


def build_router(live: LiveRecommender, settings: Settings, gate: EncoderGate) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(include_in_schema=False)
    template = _environment().get_template("match.html")

    def render(language: str, asked: Asked, status: int = 200, **found: Any) -> HTMLResponse:
        matches: MatchList | None = found.get("matches")
        html = template.render(
            t=MESSAGES[language],
            language=language,
            other="en" if language == "ja" else "ja",
            asked=asked,
            kinds=SEED_KINDS,
            tops=TOP_CHOICES,
            matches=matches,
            best=matches.matches[0].score if matches and matches.matches else 1.0,
            short=matches is not None and len(asked.need) < SHORT_NEED_CHARS[matches.language],
            error=found.get("error", ""),
        )
        return HTMLResponse(html, status_code=status, headers={"Vary": "Accept-Language, Cookie"})

    @router.get("/")
    async def ask(request: Request, lang: Annotated[str, Query(max_length=10)] = "") -> Response:
        if lang in LANGUAGES:
            response = RedirectResponse("/", status_code=303)
            response.set_cookie(
                LANGUAGE_COOKIE,
                lang,
                max_age=LANGUAGE_COOKIE_AGE_S,
                httponly=True,
                samesite="lax",
            )
            return response
        return render(_language(request), Asked())

    @router.post("/")
    async def answer(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        need: Annotated[str, Form()] = "",
        institution: Annotated[str, Form(max_length=200)] = "",
        department: Annotated[str, Form(max_length=200)] = "",
        kind: Annotated[str, Form(max_length=20)] = "",
        since: Annotated[str, Form(max_length=4)] = "",
        top: Annotated[int, Form(ge=1, le=100)] = 10,
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        language = _language(request)
        asked = Asked(need, institution.strip(), department.strip(), kind, since.strip(), top)
        try:
            if file is not None and file.filename and not need.strip():
                asked = Asked(**{**vars(asked), "need": await _uploaded(file)})
            check_need(Need(asked.need), max_chars=settings.need.max_chars)
            find = partial(_find, live, asked)
            return render(language, asked, matches=await gate.run(find))
        except EnmusubiError as error:
            return render(language, asked, status=status_of(error), error=str(error))

    async def _uploaded(file: UploadFile) -> str:
        limit = settings.need.max_file_bytes
        content = await file.read(limit + 1)
        read = partial(read_need_bytes, file.filename or "", content, max_bytes=limit)
        return await anyio.to_thread.run_sync(read)

    return router


def _find(live: LiveRecommender, asked: Asked) -> MatchList:
    return live.get().match(Need(asked.need), top=asked.top, filters=asked.filters())


def _language(request: Request) -> str:
    return choose_language(
        "",
        request.cookies.get(LANGUAGE_COOKIE, ""),
        request.headers.get("accept-language", ""),
    )
