"""The routes of the page for people: a form and a match list, usable without a script."""

from functools import partial
from typing import Annotated

import anyio
from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from enmusubi.api.live import LiveRecommender
from enmusubi.api.messages import LANGUAGES
from enmusubi.api.page_view import LANGUAGE_COOKIE, Asked, Notice, language_of, render
from enmusubi.api.services import Services
from enmusubi.matcher.errors import EnmusubiError
from enmusubi.matcher.need_files import read_need_bytes
from enmusubi.matcher.needs import check_need
from enmusubi.matcher.records import MatchList, Need

LANGUAGE_COOKIE_AGE_S = 365 * 24 * 3600


def build_router(services: Services) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(include_in_schema=False)
    live, settings, gate = services.live, services.settings, services.gate

    @router.get("/")
    async def ask(request: Request, lang: Annotated[str, Query(max_length=10)] = "") -> Response:
        if lang not in LANGUAGES:
            return render(language_of(request), Asked())
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(
            LANGUAGE_COOKIE, lang, max_age=LANGUAGE_COOKIE_AGE_S, httponly=True, samesite="lax"
        )
        return response

    @router.post("/")
    async def answer(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        need: Annotated[str, Form()] = "",
        institution: Annotated[str, Form(max_length=200)] = "",
        department: Annotated[str, Form(max_length=200)] = "",
        position: Annotated[str, Form(max_length=200)] = "",
        kind: Annotated[str, Form(max_length=20)] = "",
        field_code: Annotated[str, Form(max_length=200)] = "",
        language: Annotated[str, Form(max_length=2)] = "",
        since: Annotated[str, Form(max_length=4)] = "",
        until: Annotated[str, Form(max_length=4)] = "",
        top: Annotated[int, Form(ge=1, le=100)] = 10,
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        shown_in = language_of(request)
        asked = Asked(
            need=need,
            institution=institution.strip(),
            department=department.strip(),
            position=position.strip(),
            kind=kind,
            field_code=field_code.strip(),
            language=language,
            since=since.strip(),
            until=until.strip(),
            top=top,
        )
        try:
            if file is not None and file.filename:
                asked = Asked(**{**vars(asked), "need": await _uploaded(file)})
            check_need(Need(asked.need), max_chars=settings.need.max_chars)
            return render(shown_in, asked, matches=await gate.run(partial(_find, live, asked)))
        except EnmusubiError as error:
            return render(shown_in, asked, notice=Notice.of(error))

    async def _uploaded(file: UploadFile) -> str:
        limit = settings.need.max_file_bytes
        content = await file.read(limit + 1)
        read = partial(read_need_bytes, file.filename or "", content, max_bytes=limit)
        return await anyio.to_thread.run_sync(read)

    return router


def _find(live: LiveRecommender, asked: Asked) -> MatchList:
    return live.get().match(Need(asked.need), top=asked.top, filters=asked.filters())
