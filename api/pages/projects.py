"""The routes of all projects: the portfolio, people's time, and files."""

from collections import Counter
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from api.dependencies import CurrentViewer, Services
from api.languages import language_of
from api.pages.case_texts import SHOWN_OF_CASES
from api.pages.exports import file_response
from api.pages.project_texts import SHOWN_OF_PROJECTS
from api.pages.rendering import render
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from office.access.access_log import note_naming
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import reading_as
from office.cases.clocks import Clocks
from office.needs.managers import possible_managers
from office.people import names_of
from office.projects.exporting import ProjectEnding, export_projects
from office.projects.portfolio import ProjectFilter, allocation, portfolio, project_filter

PATH = "/projects"
USUAL = asdict(ProjectFilter())


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)

    @router.get(PATH)
    def listed(request: Request, viewer: CurrentViewer) -> Response:
        return _page(request, viewer, services)

    @router.get(f"{PATH}/people")
    def people(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, WORK_ON_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            time = allocation(connection, viewer, services.settings)
        named = {share.need_id for one in time.people for share in one.shares} - {""}
        note_naming(services.catalogue, viewer, named, "projects")
        return render(request, viewer, "project_people.html", time=time)

    @router.get(f"{PATH}/export.{{ending}}")
    def export(request: Request, viewer: CurrentViewer, ending: ProjectEnding) -> Response:
        file = export_projects(
            services.catalogue,
            viewer,
            _wanted(dict(request.query_params)),
            services.settings,
            ending=ending,
            language=language_of(request),
        )
        return file_response(file)

    return router


def _wanted(asked: dict[str, str]) -> ProjectFilter:
    """Return the filter that an address asks for; what there is not in it counts as not asked."""
    try:
        wanted = project_filter(asked)
    except InputError:
        return ProjectFilter()
    return replace(wanted, mine="1" if wanted.mine else "")


def _page(request: Request, viewer: Viewer, services: Services) -> Response:
    require(viewer, WORK_ON_CASES)
    wanted = _wanted(dict(request.query_params))
    with reading_as(services.catalogue, viewer) as connection:
        rows = portfolio(connection, viewer, wanted, services.settings)
        names = names_of(connection, {row.project.case.manager for row in rows})
        managers = possible_managers(connection, viewer)
    needs = {row.project.case.need_id for row in rows} - {""}
    note_naming(services.catalogue, viewer, needs, "projects")
    with_money = [row.project for row in rows if row.project.handles_money]
    money: dict[str, Any] = {
        "any": any(project.budget_jpy for project in with_money),
        "budget": sum(project.budget_jpy for project in with_money),
        "spent": sum(project.spent_jpy for project in with_money),
    }
    filters = {name: value for name, value in asdict(wanted).items() if value != USUAL[name]}
    return render(
        request,
        viewer,
        "projects.html",
        rows=rows,
        counts=Counter(row.lights.whole.color for row in rows),
        money=money,
        names=names,
        managers=managers,
        filters=wanted,
        query=urlencode(filters),
        today=Clocks(services.settings.cases).days.today(),
        **{**SHOWN_OF_CASES, **SHOWN_OF_PROJECTS},
    )
