"""The route of the calendar file: the dates of the viewer's own needs."""

from fastapi import Request, Response

from api.dependencies import CurrentViewer, Services
from api.languages import language_of
from api.pages.exports import file_response
from api.routing import LazyRouter
from api.signin.places import base_url
from catalogue.database.viewer import MACHINE
from enmusubi.errors import ForbiddenError
from office.access import audit
from office.access.scoped import reading_as
from office.calendars import calendar_file, dates_of, dates_of_cases, dates_of_projects
from office.exports import ExportedFile

PATH, FILE_NAME = "/calendar.ics", "enmusubi-needs.ics"


def build_router(services: Services) -> LazyRouter:
    """Return the route."""
    router = LazyRouter(include_in_schema=False)
    catalogue, public_url = services.catalogue, services.settings.sign_in.public_url

    @router.get(PATH)
    def calendar(request: Request, viewer: CurrentViewer) -> Response:
        if viewer.kind == MACHINE:
            raise ForbiddenError("Only people have a calendar of their needs.")
        with reading_as(catalogue, viewer) as connection:
            dates = dates_of(connection, viewer)
            needs = len({one.need_id for one in dates})
            dates += dates_of_cases(connection, viewer)
            dates += dates_of_projects(connection, viewer)
        audit.note(catalogue, viewer, "export", "calendar", format="ics", needs=needs)
        address, language = base_url(request, public_url), language_of(request)
        content = calendar_file(dates, language=language, address=address)
        return file_response(ExportedFile(FILE_NAME, "text/calendar; charset=utf-8", content))

    return router
