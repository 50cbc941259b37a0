"""The routes of the ledger of cases: board, table, saved views, bulk actions and files."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

import anyio
from fastapi import Form, Query, Request, Response
from sqlalchemy import Connection

from api.dependencies import MAX_CURSOR_CHARS, CurrentViewer, Number, Services
from api.languages import language_of
from api.pages.case_texts import SHOWN_OF_CASES
from api.pages.exports import file_response
from api.pages.rendering import render, see_other
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError
from office.access.access_log import note_naming
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import reading_as, writing_as
from office.cases.changing import CaseChange, change_case
from office.cases.clocks import Clocks
from office.cases.deciding import GateChoice, decide_gate
from office.cases.exporting import CaseEnding, export_cases
from office.cases.gates import gates_of
from office.cases.kept import KeptCase
from office.cases.listing import (
    ALL,
    CaseFilter,
    When,
    board_of,
    cases_page,
    count_cases,
    filter_from,
)
from office.cases.views import BOARD, DEFAULTS, TABLE, delete_view, save_view, views_of
from office.needs.managers import possible_managers
from office.needs.reading import known_companies
from office.people import names_of

PATH = "/cases"
ON_A_PAGE = 50
MAX_BULK = 200
Word = Annotated[str, Query(max_length=300)]
Chosen = Annotated[list[str] | None, Form(max_length=MAX_BULK)]
Text = Annotated[str, Form(max_length=6_000)]
Short = Annotated[str, Form(max_length=400)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes; they come before those of one case."""
    router = LazyRouter(include_in_schema=False)
    _add_lists(router, services)
    _add_views(router, services)
    _add_bulk(router, services)
    return router


def _add_lists(router: LazyRouter, services: Services) -> None:
    @router.get(PATH)
    def listed(
        request: Request,
        viewer: CurrentViewer,
        after: Annotated[str, Query(max_length=MAX_CURSOR_CHARS)] = "",
    ) -> Response:
        require(viewer, WORK_ON_CASES)
        asked = dict(request.query_params)
        return _page(request, viewer, services, asked, after=after)

    @router.get(f"{PATH}/export.{{ending}}")
    def export(request: Request, viewer: CurrentViewer, ending: CaseEnding) -> Response:
        wanted = wanted_from(viewer, dict(request.query_params))
        file = export_cases(
            services.catalogue,
            viewer,
            wanted,
            services.settings,
            ending=ending,
            language=language_of(request),
        )
        return file_response(file)


def wanted_from(viewer: Viewer, asked: dict[str, str]) -> CaseFilter:
    """Return the filter that an address asks for; what there is not in it counts as not asked."""
    try:
        wanted = filter_from(asked)
    except InputError:
        wanted = CaseFilter()
    return replace(wanted, manager=viewer.viewer_id) if asked.get("mine") else wanted


def _page(
    request: Request,
    viewer: Viewer,
    services: Services,
    asked: dict[str, str],
    *,
    after: str = "",
    outcomes: Sequence[tuple[str, EnmusubiError | None]] = (),
    fault: EnmusubiError | None = None,
    reason: str = "",
) -> Response:
    wanted = wanted_from(viewer, asked)
    layout = asked.get("view") or (TABLE if wanted.due else BOARD)
    is_table = layout == TABLE or bool(outcomes)
    clocks = Clocks(services.settings.cases)
    today = clocks.days.today()
    when = When(today, clocks.soon(today))
    with reading_as(services.catalogue, viewer) as connection:
        gates = gates_of(connection, viewer)
        count = count_cases(connection, viewer, wanted, when, gates)
        page = None
        columns: Sequence[Any] = ()
        if is_table:
            page = cases_page(connection, viewer, wanted, when, gates, after=after, limit=ON_A_PAGE)
            shown: list[KeptCase] = list(page.items)
        else:
            columns = board_of(connection, viewer, wanted, when, gates)
            shown = [one for column in columns for one in column.cases]
        has_any = bool(count) or bool(
            count_cases(connection, viewer, CaseFilter(state=ALL), when, gates)
        )
        context = _beside(connection, viewer, shown)
    note_naming(services.catalogue, viewer, {one.need_id for one in shown} - {""}, "cases")
    filters = {key: value for key, value in asdict(wanted).items() if value != DEFAULTS[key]}
    view = TABLE if is_table else BOARD
    return render(
        request,
        viewer,
        "cases.html",
        422 if fault else 200,
        fault=fault.message if fault else None,
        reason=reason,
        page=page,
        columns=columns,
        count=count,
        has_any=has_any,
        filters=wanted,
        view=view,
        after=after,
        query=urlencode(filters),
        kept_query=filters,
        clock_of={one.case_id: clocks.state(one, today) for one in shown},
        outcomes=outcomes,
        **context,
        **SHOWN_OF_CASES,
    )


def _beside(connection: Connection, viewer: Viewer, shown: Sequence[KeptCase]) -> dict[str, Any]:
    """Return what stands beside a list: names, whom cases can be given to, companies, saved views."""
    return {
        "names": names_of(connection, {one.manager for one in shown}),
        "managers": possible_managers(connection, viewer),
        "companies": known_companies(connection, viewer),
        "views": views_of(connection, viewer),
    }


def _add_views(router: LazyRouter, services: Services) -> None:
    @router.post(f"{PATH}/views")
    async def save(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, WORK_ON_CASES)
        form = await request.form()
        said = {key: str(value)[:400] for key, value in form.items()}
        keep = partial(_save_view, services, viewer, said)
        path = await anyio.to_thread.run_sync(keep)
        return see_other(path, "saved")

    @router.post(f"{PATH}/views/{{view_id}}/delete")
    def remove(viewer: CurrentViewer, view_id: Number) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            delete_view(connection, viewer, view_id)
        return see_other(PATH, "removed")


def _save_view(services: Services, viewer: Viewer, said: dict[str, str]) -> str:
    named = said.pop("name", "")
    with writing_as(services.catalogue, viewer) as connection:
        view = save_view(connection, viewer, named, said)
    return f"{PATH}?{urlencode(view.address)}"


def _add_bulk(router: LazyRouter, services: Services) -> None:
    @router.post(f"{PATH}/bulk")
    def act(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        case: Chosen = None,
        do: Short = "",
        manager: Short = "",
        reason: Text = "",
        back: Text = "",
    ) -> Response:
        require(viewer, WORK_ON_CASES)
        asked = {**dict(_pairs(back)), "view": TABLE}
        if not case:
            fault = InputError("Choose one or more cases first.")
            return _page(request, viewer, services, asked, fault=fault, reason=reason)
        outcomes: list[tuple[str, EnmusubiError | None]] = []
        for chosen in case:
            number, _, version = chosen.partition(":")
            try:
                _do(services, viewer, (_whole(number), _whole(version)), do, (manager, reason))
                outcomes.append((number, None))
            except EnmusubiError as error:
                outcomes.append((number, error))
        return _page(request, viewer, services, asked, outcomes=outcomes)


def _do(
    services: Services, viewer: Viewer, case: tuple[int, int], do: str, said: tuple[str, str]
) -> None:
    """Give a case to somebody, or let it pass its gate; raises what either raises."""
    manager, reason = said
    number, version = case
    if do == "assign":
        if not manager:
            raise InputError("missing.", of_field="manager")
        with writing_as(services.catalogue, viewer) as connection:
            change = CaseChange(manager=manager)
            change_case(connection, viewer, number, change, expected_version=version)
    elif do == "go":
        decide_gate(
            services.catalogue,
            viewer,
            number,
            GateChoice("go", reason=reason),
            services.settings,
            expected_version=version,
        )
    else:
        raise InputError("expected assign or go.", of_field="do")


def _whole(text: str) -> int:
    if not (text.isdecimal() and len(text) < 16):
        raise InputError("Choose one or more cases first.")
    return int(text)


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, max_num_fields=30)
