"""The routes of projects: listed, read, changed entry by entry; people's time across them."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Request, Response
from sqlalchemy import Connection

from api.dependencies import CurrentViewer, Number, Services, link_next, problems
from api.v1.headers import IfMatch, check_match, etag
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from api.v1.schemas.projects import (
    AllocationOut,
    EntryIn,
    EntryName,
    LightIn,
    PeriodIn,
    ProjectOut,
    ProjectsOut,
    ProjectsQuery,
    draft_of,
)
from catalogue.database.viewer import Viewer
from enmusubi.errors import ForbiddenError, InputError
from office.access.access_log import note_naming, note_reading_by_id
from office.access.keyset_pages import read_cursor, write_cursor
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import reading_as, writing_as
from office.cases.clocks import Clocks
from office.projects.changing import (
    add_entry,
    change_entry,
    remove_entry,
    set_light,
    set_period,
)
from office.projects.kept import project_of
from office.projects.lights import lights_of
from office.projects.portfolio import (
    PortfolioRow,
    ProjectFilter,
    allocation,
    facts_of,
    portfolio,
)

PROJECTS = "/v1/projects"
ONE = "/v1/cases/{case_id}/project"
ENTRIES = f"{ONE}/entries"
ONE_ENTRY = f"{ENTRIES}/{{entry}}/{{entry_id}}"
CHANGE = problems(404, 409, 412, 413, 428)


def build_router(services: Services) -> Router:
    """Return the routes of projects."""
    router = Router(tags=["projects"])
    _add_lists(router, services)
    _add_one(router, services)
    _add_entries(router, services)
    return router


def _add_lists(router: Router, services: Services) -> None:
    @router.get(PROJECTS, operation_id="listProjects", responses=problems(422))
    def listed(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[ProjectsQuery, Query()],
    ) -> ProjectsOut:
        """List the projects that you may see: cases in prototype or later, with lights and entries."""
        require(viewer, WORK_ON_CASES)
        asked = ProjectFilter(**wanted.model_dump(exclude={"cursor", "limit"}))
        last = read_cursor(wanted.cursor, int)[0] if wanted.cursor else 0
        with reading_as(services.catalogue, viewer) as connection:
            found = portfolio(connection, viewer, asked, services.settings)
        rows = sorted(found, key=lambda row: row.project.case.case_id)
        rows = [row for row in rows if row.project.case.case_id > (last or 0)]
        shown = rows[: wanted.limit]
        needs = {row.project.case.need_id for row in shown} - {""}
        note_naming(services.catalogue, viewer, needs, "projects")
        more = len(rows) > len(shown)
        cursor = write_cursor([shown[-1].project.case.case_id]) if more else ""
        link_next(request, response, cursor)
        return ProjectsOut(items=[ProjectOut.of(row) for row in shown], next_cursor=cursor)

    @router.get("/v1/project-people", operation_id="readPeopleTime", responses=problems())
    def people(viewer: CurrentViewer) -> AllocationOut:
        """Return the time of people across the projects that you may see, in the next twelve months."""
        require(viewer, WORK_ON_CASES)
        with reading_as(services.catalogue, viewer) as connection:
            time = allocation(connection, viewer, services.settings)
        named = {share.need_id for one in time.people for share in one.shares} - {""}
        note_naming(services.catalogue, viewer, named, "projects")
        return AllocationOut.of(time)


def _add_one(router: Router, services: Services) -> None:
    @router.get(ONE, operation_id="readProject", responses=problems(404, 409))
    def read(viewer: CurrentViewer, case_id: Number, response: Response) -> ProjectOut:
        """Return the project of a case, and the ETag for a change. Lights change by the day."""
        row = _row(services, viewer, case_id)
        note_reading_by_id(services.catalogue, viewer, row.project.case.need_id, "project")
        response.headers["ETag"] = _tag(row)
        return ProjectOut.of(row)

    @router.put(f"{ONE}/period", operation_id="setProjectPeriod", responses=CHANGE)
    def period(
        viewer: CurrentViewer,
        case_id: Number,
        request: PeriodIn,
        response: Response,
        if_match: IfMatch = None,
    ) -> ProjectOut:
        """Say from when to when a project runs."""
        version = _version(services, viewer, case_id, if_match)
        with writing_as(services.catalogue, viewer) as connection:
            set_period(
                connection, viewer, case_id, request.starts_on, request.ends_on,
                expected_version=version,
            )  # fmt: skip
        return _answer(services, viewer, case_id, response)

    @router.put(f"{ONE}/light", operation_id="setProjectLight", responses=CHANGE)
    def light(
        viewer: CurrentViewer,
        case_id: Number,
        request: LightIn,
        response: Response,
        if_match: IfMatch = None,
    ) -> ProjectOut:
        """Set the light by hand until a day, for a reason, or let it be computed again."""
        version = _version(services, viewer, case_id, if_match)
        today = Clocks(services.settings.cases).days.today()
        with writing_as(services.catalogue, viewer) as connection:
            set_light(
                connection, viewer, case_id, request.light, request.reason, request.until, today,
                expected_version=version,
            )  # fmt: skip
        return _answer(services, viewer, case_id, response)


def _add_entries(router: Router, services: Services) -> None:
    @router.post(
        ENTRIES,
        operation_id="addProjectEntry",
        status_code=201,
        response_model=ProjectOut,
        responses=CHANGE,
    )
    def add(
        viewer: CurrentViewer,
        case_id: Number,
        request: EntryIn,
        if_match: IfMatch = None,
        key: IdempotencyKey = None,
    ) -> Response:
        """Put a sub-project, a share of time, a milestone, money, a risk, minutes or an action into it."""
        with writing_as(services.catalogue, viewer) as connection:
            require(viewer, WORK_ON_CASES)

            def make() -> Creation:
                found = project_of(connection, viewer, case_id)
                check_match(if_match, str(found.version))
                made = add_entry(
                    connection, viewer, case_id, request.entry, draft_of(request),
                    expected_version=found.version,
                )  # fmt: skip
                facts = facts_of(connection, viewer, services.settings)
                row = PortfolioRow(made, lights_of(made, facts))
                return Creation(ProjectOut.of(row), {"ETag": _tag(row)})

            def still(connection: Connection, body: Mapping[str, Any]) -> None:
                found = project_of(connection, viewer, case_id)
                if body["handles_money"] and not found.handles_money:
                    raise ForbiddenError("Your role may not see this answer any more.")

            content = (f"{ONE} {case_id}", request)
            return create_once(connection, viewer, key, content, make, still=still)

    @router.put(ONE_ENTRY, operation_id="changeProjectEntry", responses=CHANGE)
    def change(  # noqa: PLR0917 - FastAPI passes them by name
        viewer: CurrentViewer,
        case_id: Number,
        entry: EntryName,
        entry_id: Number,
        request: EntryIn,
        response: Response,
        if_match: IfMatch = None,
    ) -> ProjectOut:
        """Let something in a project say what is sent."""
        version = _version(services, viewer, case_id, if_match)
        if request.entry != entry:
            raise InputError("not the kind of the entry that is changed.", of_field="entry")
        with writing_as(services.catalogue, viewer) as connection:
            change_entry(
                connection, viewer, case_id, entry, entry_id, draft_of(request),
                expected_version=version,
            )  # fmt: skip
        return _answer(services, viewer, case_id, response)

    @router.delete(
        ONE_ENTRY, operation_id="removeProjectEntry", responses=problems(404, 409, 412, 428)
    )
    def remove(  # noqa: PLR0917 - FastAPI passes them by name
        viewer: CurrentViewer,
        case_id: Number,
        entry: EntryName,
        entry_id: Number,
        response: Response,
        if_match: IfMatch = None,
    ) -> ProjectOut:
        """Take something out of a project."""
        version = _version(services, viewer, case_id, if_match)
        with writing_as(services.catalogue, viewer) as connection:
            remove_entry(connection, viewer, case_id, entry, entry_id, expected_version=version)
        return _answer(services, viewer, case_id, response)


def _row(services: Services, viewer: Viewer, case_id: int) -> PortfolioRow:
    require(viewer, WORK_ON_CASES)
    with reading_as(services.catalogue, viewer) as connection:
        project = project_of(connection, viewer, case_id)
        return PortfolioRow(
            project, lights_of(project, facts_of(connection, viewer, services.settings))
        )


def _version(services: Services, viewer: Viewer, case_id: int, if_match: str | None) -> int:
    """Return the version that a writer names and that the project has; raises 428 and 412."""
    require(viewer, WORK_ON_CASES)
    with reading_as(services.catalogue, viewer) as connection:
        project = project_of(connection, viewer, case_id)
    check_match(if_match, str(project.version))
    return project.version


def _answer(services: Services, viewer: Viewer, case_id: int, response: Response) -> ProjectOut:
    row = _row(services, viewer, case_id)
    response.headers["ETag"] = _tag(row)
    return ProjectOut.of(row)


def _tag(row: PortfolioRow) -> str:
    return etag(str(row.project.version))
