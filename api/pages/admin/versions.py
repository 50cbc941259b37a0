"""The administrator's page of index versions: which one serves, and the way back to an older one."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.dependencies import Services
from api.pages.admin.frame import Administrator, show
from api.pages.rendering import see_other
from enmusubi.errors import EnmusubiError
from office.access import audit
from office.configured import configured_encoder
from office.index_versions import KeptVersion, kept_versions, roll_back

PATH = "/admin/index"
Name = Annotated[str, Form(min_length=1, max_length=40)]


def build_router(services: Services) -> APIRouter:
    """Return the routes of index versions."""
    router = APIRouter()
    settings = services.settings

    @router.get(PATH)
    def versions(request: Request, viewer: Administrator) -> Response:
        kept = [(one, _built_at(one)) for one in reversed(kept_versions(settings))]
        context = {"versions": kept, "keep": settings.index.keep}
        return show(request, viewer, "admin_versions.html", context)

    @router.post(PATH)
    def go_back(viewer: Administrator, version: Name) -> Response:
        serving = roll_back(settings, model_checksum=_encoder_checksum(services), name=version)
        audit.note(services.catalogue, viewer, "roll back index", "index version", serving.name)
        return see_other(PATH, "done")

    return router


def _built_at(version: KeptVersion) -> datetime | None:
    try:
        return datetime.fromisoformat(version.built_at)
    except ValueError:  # of a version whose manifest cannot be read
        return None


def _encoder_checksum(services: Services) -> str:
    """Return the checksum of the encoder that serves, or, where none does, of the settings' one."""
    try:
        return services.live.get().model.rpartition("@")[2]
    except EnmusubiError:
        return configured_encoder(services.settings).checksum
