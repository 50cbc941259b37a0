"""The privacy notice: for everybody, also before sign-in; and the page where the office edits it."""

from contextlib import suppress
from typing import Annotated

import anyio
from fastapi import Form, Query, Request
from fastapi.responses import Response

from api.dependencies import CurrentViewer, Services
from api.languages import language_of
from api.pages.rendering import render, see_other
from api.problems import status_of
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import ForbiddenError, InputError, NotSignedInError
from office.access.rules import EDIT_NOTICE, require
from office.access.scoped import reading_as, writing_as
from office.privacy.notice import (
    MAX_CHARS,
    PATH,
    NoticeVersion,
    blocks_of,
    notice_in_force,
    save_notice,
    versions,
)

EDIT = f"{PATH}/edit"
Text = Annotated[str, Form(max_length=MAX_CHARS * 2)]
Version = Annotated[int | None, Query(ge=0, le=2**31 - 1)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes of the notice."""
    router = LazyRouter(include_in_schema=False)
    catalogue = services.catalogue

    @router.get(PATH)
    async def notice(request: Request, version: Version = None) -> Response:
        viewer: Viewer | None = None
        with suppress(NotSignedInError, ForbiddenError):  # it is for everybody
            viewer = await request.app.state.authenticator.viewer(request)

        def found() -> NoticeVersion:
            with catalogue.reading() as connection:
                return notice_in_force(connection, version)

        shown = await anyio.to_thread.run_sync(found)
        blocks = blocks_of(shown.text(language_of(request)))
        return render(request, viewer, "privacy.html", notice=shown, blocks=blocks)

    @router.get(EDIT)
    def edit(request: Request, viewer: CurrentViewer) -> Response:
        return _form(request, viewer)

    @router.post(EDIT)
    def save(
        request: Request, viewer: CurrentViewer, text_ja: Text = "", text_en: Text = ""
    ) -> Response:
        require(viewer, EDIT_NOTICE)
        try:
            with writing_as(catalogue, viewer) as connection:
                save_notice(connection, viewer, text_ja, text_en)
        except InputError as error:
            return _form(request, viewer, NoticeVersion(0, text_ja, text_en), error)
        return see_other(PATH, "saved")

    def _form(
        request: Request,
        viewer: Viewer,
        typed: NoticeVersion | None = None,
        error: InputError | None = None,
    ) -> Response:
        require(viewer, EDIT_NOTICE)
        with reading_as(catalogue, viewer) as connection:
            shown, kept = typed or notice_in_force(connection), versions(connection)
        context = {"notice": shown, "versions": kept, "most": MAX_CHARS}
        fault = error.message if error else ""
        status = status_of(error) if error else 200
        return render(request, viewer, "privacy_edit.html", status, fault=fault, **context)

    return router
