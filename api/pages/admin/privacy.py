"""The administrator's page of what researchers may ask of their own data."""

import logging
from typing import Annotated, Literal

from fastapi import Form, Request, Response
from starlette.background import BackgroundTask

from api.dependencies import Services
from api.pages.admin.frame import Administrator, show
from api.pages.rendering import see_other
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, UnknownIdError
from indexes.versions import current_name
from office.configured import configured_encoder
from office.index_versions import update_index
from office.privacy.export import as_json
from office.privacy.rights import forget, opt_in, opt_out, people_opted_out, stored_of

PATH = "/admin/privacy"
Action = Literal["forget", "opt-out", "opt-in"]
NOTICES = {"forget": "forgotten", "opt-out": "opted-out", "opt-in": "opted-in"}
Id = Annotated[str, Form(max_length=300)]
_log = logging.getLogger(__name__)


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter()
    catalogue, settings = services.catalogue, services.settings

    def page(
        request: Request, viewer: Viewer, typed: str = "", error: EnmusubiError | None = None
    ) -> Response:
        with catalogue.reading() as connection:
            people = people_opted_out(connection)
        context = {"opted_out": people, "typed": typed}
        return show(request, viewer, "admin_privacy.html", context, error)

    @router.get(PATH)
    def rights(request: Request, viewer: Administrator) -> Response:
        return page(request, viewer)

    @router.post(f"{PATH}/export")
    def export(request: Request, viewer: Administrator, researcher_id: Id = "") -> Response:
        try:
            stored = stored_of(catalogue, settings, viewer, researcher_id.strip())
        except UnknownIdError as error:
            return page(request, viewer, researcher_id, error)
        headers = {"Content-Disposition": 'attachment; filename="person.json"'}
        return Response(as_json(stored), media_type="application/json", headers=headers)

    @router.post(PATH)
    def act(
        request: Request,
        viewer: Administrator,
        action: Annotated[Action, Form()],
        researcher_id: Id = "",
        again: Id = "",
    ) -> Response:
        who = researcher_id.strip()
        try:
            if action == "forget":
                if again.strip() != who:
                    raise InputError("To forget somebody, type the same id twice.")
                forget(catalogue, settings, viewer, who)
            elif action == "opt-out":
                opt_out(catalogue, viewer, who)
            else:
                opt_in(catalogue, viewer, who)
        except (UnknownIdError, InputError) as error:
            return page(request, viewer, researcher_id, error)
        response = see_other(PATH, NOTICES[action])
        response.background = BackgroundTask(_index_anew, services)
        return response

    return router


def _index_anew(services: Services) -> None:
    """Publish what is left, once the answer went out; where this fails the night does it."""
    settings = services.settings
    try:
        if current_name(settings.index_dir) is not None:
            present = getattr(services.live.get(), "encoder", None)
            update_index(services.catalogue, settings, present or configured_encoder(settings))
    except EnmusubiError as error:
        _log.warning("the index was not built anew: %s", type(error).__name__)
