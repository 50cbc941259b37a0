"""The routes of the page that people ask on: a form and a match list, usable without a script."""

from functools import partial
from typing import Annotated

import anyio
from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from enmusubi.api.guard import CurrentViewer
from enmusubi.api.live import LiveRecommender
from enmusubi.api.pages.match_view import Asked, Notice, ask_context
from enmusubi.api.pages.rendering import render
from enmusubi.api.services import Services
from enmusubi.matcher.access.rules import ASK, require
from enmusubi.matcher.access.viewer import Viewer
from enmusubi.matcher.errors import EnmusubiError
from enmusubi.matcher.need_files import read_need_bytes
from enmusubi.matcher.needs import check_need
from enmusubi.matcher.records import MatchList, Need


def build_router(services: Services) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(include_in_schema=False)
    live, settings, gate = services.live, services.settings, services.gate

    @router.get("/")
    async def ask(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, ASK)
        return _page(request, viewer, Asked())

    @router.post("/")
    async def answer(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
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
        require(viewer, ASK)
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
            matches = await gate.run(partial(_find, live, asked))
            return _page(request, viewer, asked, matches=matches)
        except EnmusubiError as error:
            return _page(request, viewer, asked, notice=Notice.of(error))

    async def _uploaded(file: UploadFile) -> str:
        limit = settings.need.max_file_bytes
        content = await file.read(limit + 1)
        read = partial(read_need_bytes, file.filename or "", content, max_bytes=limit)
        return await anyio.to_thread.run_sync(read)

    return router


def _page(
    request: Request,
    viewer: Viewer,
    asked: Asked,
    *,
    matches: MatchList | None = None,
    notice: Notice | None = None,
) -> Response:
    status = notice.status if notice else 200
    context = ask_context(asked, matches=matches, notice=notice)
    return render(request, viewer, "ask.html", status, **context)


def _find(live: LiveRecommender, asked: Asked) -> MatchList:
    return live.get().match(Need(asked.need), top=asked.top, filters=asked.filters())
