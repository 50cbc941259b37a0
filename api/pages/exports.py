"""The routes that take a match list further: compared side by side, printed, exported as a file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import anyio
from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.dependencies import CurrentViewer, Services
from api.languages import language_of, switch_language
from api.middleware.rate_limits import SEARCHES
from api.pages.ask_page import Notice, ask_context
from api.pages.match_list import in_order, pick
from api.pages.rendering import render
from api.pages.search_form import RANK, SHOWN_IN, SearchForm, page_number, read_search_form
from api.pages.searching import find, form_of, full_list, result_for, stored_need
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from enmusubi.messages import N_, Message
from matcher.explaining.standing import ListOrder
from matcher.records import Match, MatchList
from office.access.rules import ASK, EXPORT, require
from office.exports import ExportedFile, ExportedNeed, ListEnding, export_matches, today_of
from office.needs.reading import SeenNeed
from office.reports.brief_pdf import BRIEF_PEOPLE
from office.screening.list_screening import ListScreening, screen_list

PICK = N_("Pick two to four researchers to compare.")


@dataclass(frozen=True)
class _PostedSearch:
    """A question as it came with a form: of which stored need, in which language, who was picked."""

    search: SearchForm
    need: SeenNeed | None
    language: str
    picked: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text that is matched."""
        return self.search.asked_text(self.need)

    @property
    def title(self) -> str:
        """The need's title; a text that is not stored has none."""
        return self.need.title if self.need else ""


def build_router(services: Services) -> LazyRouter:
    """Return the routes; all of them take the form of the page that asks."""
    router = LazyRouter(include_in_schema=False)

    @router.get("/compare")
    @router.get("/print")
    async def begin_again(viewer: CurrentViewer) -> Response:
        """Lead to the beginning: what was asked stands in no address."""
        return RedirectResponse("/", status_code=303)

    @router.post("/compare", dependencies=SEARCHES)
    async def compare(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, ASK)
        posted = await _posted_search(services, request, viewer)
        try:
            _, matches = await full_list(services, viewer, posted.search, posted.need)
            picked = pick(matches, posted.picked)
        except InputError as error:
            return await _pick_again(services, request, viewer, posted, error.message)
        context = ask_context(posted.search, need=posted.need)
        return render(request, viewer, "compare.html", picked=picked, **context)

    @router.post("/print", dependencies=SEARCHES)
    async def printed(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, ASK)
        posted = await _posted_search(services, request, viewer)
        result = await result_for(services, viewer, posted.search, posted.need, posted.language)
        context = ask_context(posted.search, result=result, need=posted.need)
        today = today_of(posted.language).isoformat()
        return render(request, viewer, "print.html", today=today, **context)

    @router.post("/export/{ending}", dependencies=SEARCHES)
    async def export(request: Request, viewer: CurrentViewer, ending: ListEnding) -> Response:
        require(viewer, EXPORT)
        posted = await _posted_search(services, request, viewer)
        shown, answered, busy_last = await _exported(services, viewer, posted, ending)
        by_rank = ending == "brief" or posted.search.sort == RANK
        order = ListOrder(answered.is_evened and by_rank, answered.spread, busy_last)
        export_it = partial(
            export_matches,
            services.catalogue,
            viewer,
            shown,
            ExportedNeed(posted.text, posted.search.need_id, posted.title),
            ending=ending,
            language=posted.language,
            fits_nobody=answered.fits_nobody,
            order=order,
            not_asked=answered.not_asked,
            screening=await _screening(services, viewer, posted, shown),
        )
        return file_response(await anyio.to_thread.run_sync(export_it))

    return router


async def _screening(
    services: Services, viewer: Viewer, posted: _PostedSearch, shown: Sequence[Match]
) -> ListScreening:
    people = [match.researcher.researcher_id for match in shown]
    return await anyio.to_thread.run_sync(
        screen_list, services.catalogue, viewer, posted.need, people, services.settings.screening
    )


async def _posted_search(services: Services, request: Request, viewer: Viewer) -> _PostedSearch:
    page = page_number(request.query_params.get("page", "1"))
    async with form_of(request, services.settings.server.max_plain_body_bytes) as form:
        switch_language(request, form.get(SHOWN_IN))
        search = replace(read_search_form(form), page=page)
        picked = tuple(str(id_) for id_ in form.getlist("pick"))
    need = await anyio.to_thread.run_sync(stored_need, services, viewer, search)
    return _PostedSearch(search, need, language_of(request), picked)


async def _pick_again(
    services: Services, request: Request, viewer: Viewer, posted: _PostedSearch, detail: Message
) -> Response:
    """Show the list again, and say above it how many to pick."""
    result = await result_for(services, viewer, posted.search, posted.need, posted.language)
    notice = Notice(422, PICK, detail)
    context = ask_context(posted.search, result=result, need=posted.need, notice=notice)
    return render(request, viewer, "ask.html", 422, **context)


async def _exported(
    services: Services, viewer: Viewer, posted: _PostedSearch, ending: ListEnding
) -> tuple[Sequence[Match], MatchList, bool]:
    """Return the whole list for tables, the page that was shown for paper, the best for one sheet.

    Besides, the list as it was found, and whether those without capacity were put behind their equals.
    """
    search, need = posted.search, posted.need
    if ending == "pdf":
        result = await result_for(services, viewer, search, need, posted.language)
        return result.listed.matches, result.answer.matches, result.busy_last
    if ending == "brief":
        answer = await find(services, viewer, search, need, top=BRIEF_PEOPLE)
        return answer.matches.matches, answer.matches, False
    answer, matches = await full_list(services, viewer, search, need)
    return in_order(matches, search.sort, posted.language), answer.matches, False


def file_response(file: ExportedFile) -> Response:
    """Return an exported file as an answer that browsers save."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)
