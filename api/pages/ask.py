"""The routes of the page that people ask on: a form and a match list, usable without a script."""

from typing import Any

import anyio
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.authentication import CurrentViewer
from api.languages import language_of, switch_language
from api.middleware.rate_limits import limit_searches
from api.pages.ask_actions import act
from api.pages.ask_view import ask_context
from api.pages.match_view import Notice
from api.pages.rendering import render
from api.pages.search_form import CARRIED, SHOWN_IN, Asked, read_asked
from api.pages.searching import form_of, result_for, stored_need, with_file
from api.problems import retry_headers
from api.services import Services
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, UnknownIdError
from office.access.rules import ADMINISTER, ASK, may, require

IN_ADDRESSES = frozenset({*CARRIED, "page"}) - {
    "need"
}  # no text, and nothing that changes anything


def build_router(services: Services) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def ask(request: Request, viewer: CurrentViewer) -> Response:
        if not may(viewer, ASK) and may(viewer, ADMINISTER):
            return RedirectResponse("/admin", status_code=303)  # where their work is
        require(viewer, ASK)
        if not request.query_params.get("need_id"):
            return render(request, viewer, "ask.html", **ask_context(Asked()))
        given = {name: request.query_params.get(name) for name in IN_ADDRESSES}
        return await _answer(request, viewer, given)

    @router.post("/")
    async def answer(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, ASK)
        async with form_of(request, services.settings.server.max_body_bytes) as form:
            return await _answer(request, viewer, form)

    async def _answer(request: Request, viewer: Viewer, form: Any) -> Response:
        switch_language(request, form.get(SHOWN_IN))
        asked, need = _as_far_as_readable(form), None
        try:
            asked = read_asked(form)
            limit = services.settings.need.max_file_bytes
            asked = await with_file(asked, form.get("file"), limit)
            need = await anyio.to_thread.run_sync(stored_need, services, viewer, asked)
            await limit_searches(request)
            await anyio.to_thread.run_sync(act, services, viewer, asked, form)
            result = await result_for(services, viewer, asked, need, language_of(request))
            shown = render(
                request, viewer, "ask.html", **ask_context(asked, result=result, need=need)
            )
        except UnknownIdError:
            raise
        except EnmusubiError as error:
            notice = Notice.of(error, services.settings)
            context = ask_context(asked, need=need, notice=notice)
            shown = render(request, viewer, "ask.html", notice.status, **context)
            shown.headers.update(retry_headers(notice.status, error))
        return shown

    return router


def _as_far_as_readable(form: Any) -> Asked:
    """Return the text of a form of which something else cannot be read: nobody types it twice."""
    need = form.get("need")
    return Asked(need=need) if isinstance(need, str) else Asked()
