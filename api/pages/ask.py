"""The routes of the page that people ask on: a form and a match list, usable without a script."""

from dataclasses import replace
from functools import partial
from typing import Any

import anyio
from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.dependencies import (
    MAX_NUMBER,
    MEMBER_HOME,
    CurrentViewer,
    RoleCheck,
    Services,
    may_send_files,
)
from api.languages import language_of, switch_language
from api.middleware.form_deduplication import FORM_TOKEN_FIELD
from api.middleware.rate_limits import limit_searches
from api.pages.ask_page import Notice, ask_context
from api.pages.home import home_context
from api.pages.need_upload import ReadFile, read_upload
from api.pages.refining import REFINE, TRY, refined, refinement_of, trial_of
from api.pages.rendering import render
from api.pages.search_form import (
    CARRIED,
    CHECKING,
    REFINING,
    SHOWN_IN,
    TEXTS,
    UNASKED,
    SearchForm,
    page_number,
    read_search_form,
)
from api.pages.searching import form_of, result_for, stored_need, with_trial
from api.problems import retry_headers
from api.routing import LazyRouter
from catalogue.database.judgement_models import NOT_SUITABLE, SUITABLE
from catalogue.database.viewer import Viewer
from catalogue.judgements.judgements import Judgement
from enmusubi.errors import EnmusubiError, InputError, UnknownIdError
from office.access.rules import ADMINISTER, ASK, SEE_OWN_COMPANY, may, require
from office.access.scoped import writing_as
from office.needs.judging import judge, withdraw
from office.notes import delete_note, write_note
from office.saved_searches import SearchDraft, save_search
from office.search_conditions import Conditions
from office.shortlists import add_to_shortlist, remove_from_shortlist

# no text, and nothing that changes anything
IN_ADDRESSES = frozenset({*CARRIED, "page"}) - {*TEXTS, *REFINING}


def build_router(services: Services) -> LazyRouter:
    """Return the routes of the page."""
    router = LazyRouter(include_in_schema=False)

    @router.get("/")
    async def ask(request: Request, viewer: CurrentViewer) -> Response:
        if may(viewer, SEE_OWN_COMPANY):
            return RedirectResponse(MEMBER_HOME, status_code=303)
        if not may(viewer, ASK) and may(viewer, ADMINISTER):
            return RedirectResponse("/admin", status_code=303)  # where their work is
        require(viewer, ASK)
        if not request.query_params.get("need_id"):
            shown = await anyio.to_thread.run_sync(home_context, services, viewer)
            return render(request, viewer, "home.html", **shown)
        given = {name: request.query_params.get(name) for name in IN_ADDRESSES}
        return await _answer(request, viewer, given)

    @router.post("/", dependencies=(Depends(RoleCheck(ASK)), Depends(may_send_files)))
    async def answer(request: Request, viewer: CurrentViewer) -> Response:
        async with form_of(request, services.settings.server.max_plain_body_bytes) as form:
            return await _answer(request, viewer, form)

    async def _answer(request: Request, viewer: Viewer, form: Any) -> Response:
        switch_language(request, form.get(SHOWN_IN))
        search, need = _as_far_as_readable(form), None
        try:
            search = read_search_form(form)
            if page := request.query_params.get("page"):  # of a row in which something is done
                search = replace(search, page=page_number(page))
            need = await anyio.to_thread.run_sync(stored_need, services, viewer, search)
            await limit_searches(request)
            if read := await _to_check(search, form, request):
                search = replace(search, need=read.text)
                return render(request, viewer, "ask.html", **ask_context(search, read=read))
            if request.query_params.get(UNASKED):
                home = await anyio.to_thread.run_sync(home_context, services, viewer, search)
                return render(request, viewer, "home.html", **home)
            await anyio.to_thread.run_sync(act, services, viewer, search, form)
            search = refined(search, form, need)
            result = await result_for(services, viewer, search, need, language_of(request))
            if form.get(REFINE) == TRY:
                result = await with_trial(services, viewer, search, result, trial_of(form))
            shown = render(
                request, viewer, "ask.html", **ask_context(search, result=result, need=need)
            )
        except EnmusubiError as error:
            if isinstance(error, UnknownIdError):
                if not (search.more or search.less) or (search.need_id and not need):
                    raise
                search = replace(search, more="", less="")  # marked in an index that is gone
            notice = Notice.of(error, services.settings)
            context = ask_context(search, need=need, notice=notice)
            shown = render(request, viewer, "ask.html", notice.status, **context)
            shown.headers.update(retry_headers(notice.status, error))
        return shown

    async def _to_check(search: SearchForm, form: Any, request: Request) -> ReadFile | None:
        """Return a text that somebody is to see, and may correct, before it is matched."""
        if search.need_id:
            return None
        if read := await read_upload(form.get("file"), services.settings.need.max_file_bytes):
            return read
        return ReadFile("", search.need) if request.query_params.get(CHECKING) else None

    return router


def _as_far_as_readable(form: Any) -> SearchForm:
    """Return the text of a form of which another field cannot be read, so that it is not typed twice."""
    need = form.get("need")
    return SearchForm(need=need) if isinstance(need, str) else SearchForm()


_SAID = ("reason", "stage", "note", "search_name", "alert")  # what the buttons' forms say besides
DO = "do"  # the button's value: a verb, `:` and a code if it has one, a blank, the id of a researcher or note
_CODES = {"refuses": "reason", "moves": "stage"}  # what the code of a verb stands for


def act(services: Services, viewer: Viewer, search: SearchForm, form: Any) -> None:
    """Do what the form's button says, if it says anything; raises InputError for another verb."""
    said = form.get(DO)
    if not isinstance(said, str) or not said:
        return
    verb, _, researcher_id = said.partition(" ")
    verb, _, code = verb.partition(":")
    if verb not in _ACTIONS:
        raise InputError("expected one of %(choices)s.", of_field="do", choices=", ".join(_ACTIONS))
    token = str(form.get(FORM_TOKEN_FIELD) or "")
    sent = (said, search.carried(), [str(form.get(name) or "") for name in _SAID])
    told = {**form, _CODES[verb]: code} if code and verb in _CODES else form
    work = partial(_ACTIONS[verb], services, viewer, search, researcher_id, told)
    services.form_deduplicator.run_once(viewer, token, sent, work)


def _keep(
    services: Services, viewer: Viewer, search: SearchForm, researcher_id: str, form: Any
) -> None:
    add_to_shortlist(services.catalogue, viewer, researcher_id, search.need_id)


def _drop(
    services: Services, viewer: Viewer, search: SearchForm, researcher_id: str, form: Any
) -> None:
    remove_from_shortlist(services.catalogue, viewer, researcher_id, search.need_id)


def _suits(
    services: Services, viewer: Viewer, search: SearchForm, researcher_id: str, form: Any
) -> None:
    with writing_as(services.catalogue, viewer) as connection:
        judge(connection, viewer, Judgement(search.need_id, researcher_id, SUITABLE))


def _refuses(
    services: Services, viewer: Viewer, search: SearchForm, researcher_id: str, form: Any
) -> None:
    judged = Judgement(search.need_id, researcher_id, NOT_SUITABLE, str(form.get("reason") or ""))
    with writing_as(services.catalogue, viewer) as connection:
        judge(connection, viewer, judged)


def _moves(
    services: Services, viewer: Viewer, search: SearchForm, researcher_id: str, form: Any
) -> None:
    judged = Judgement(search.need_id, researcher_id, stage=str(form.get("stage") or ""))
    with writing_as(services.catalogue, viewer) as connection:
        judge(connection, viewer, judged)


def _unjudge(
    services: Services, viewer: Viewer, search: SearchForm, researcher_id: str, form: Any
) -> None:
    with writing_as(services.catalogue, viewer) as connection:
        withdraw(connection, viewer, search.need_id, researcher_id)


def _unnote(
    services: Services, viewer: Viewer, search: SearchForm, note_id: str, form: Any
) -> None:
    number = int(note_id) if note_id.isascii() and note_id.isdecimal() else 0
    if not 1 <= number <= MAX_NUMBER:
        last = MAX_NUMBER
        raise InputError("expected a whole number from 1 to %(last)s.", of_field="do", last=last)
    delete_note(services.catalogue, viewer, number)


def _note(
    services: Services, viewer: Viewer, search: SearchForm, researcher_id: str, form: Any
) -> None:
    text = str(form.get("note") or "")
    write_note(services.catalogue, viewer, search.need_id, researcher_id, text)


def _save(
    services: Services, viewer: Viewer, search: SearchForm, researcher_id: str, form: Any
) -> None:
    draft = SearchDraft(
        name=str(form.get("search_name") or ""),
        text=search.reworded if search.need_id else search.need,
        need_id=search.need_id,
        conditions=Conditions(
            search.filters(),
            search.area,
            search.sort,
            search.top,
            refinement_of(search),
            search.spread,
        ),
        alert=form.get("alert") == "yes",
    )
    limit = services.settings.need.max_chars
    save_search(services.catalogue, viewer, draft, max_chars=limit)


_ACTIONS = {
    "keep": _keep,
    "drop": _drop,
    "suits": _suits,
    "refuses": _refuses,
    "moves": _moves,
    "unjudge": _unjudge,
    "note": _note,
    "unnote": _unnote,
    "save": _save,
}
