"""The administrator's page *Import*: a file is uploaded, looked at, corrected and imported."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import File, Form, Path, Request, Response, UploadFile
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from api.dependencies import Services
from api.middleware.form_deduplication import FormToken
from api.pages.admin.frame import Administrator, show
from api.pages.rendering import see_other
from api.problems import without_folders
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from catalogue.importers.one_person import KAKEN, ORCID, RESEARCHMAP, ROR, known_as, read_identifier
from catalogue.importers.recognition.layout import MAX_COLUMNS
from catalogue.importers.recognition.roles import KIND_LABELS, KINDS, ROLE_LABELS, ROLES
from catalogue.importers.registry import FORMATS
from enmusubi.errors import EnmusubiError, InputError, UnknownIdError
from enmusubi.messages import N_, from_plain
from office.access import audit
from office.access.scoped import reading_as
from office.uploads.labels import label_of
from office.uploads.looking import Correction, corrected, look_at
from office.uploads.running import UploadImports
from office.uploads.store import DONE, FAILED, NEW, RUNNING, Upload, Uploads

PATH = "/admin/import"
STATE_LABELS: Mapping[str, str] = {
    NEW: N_("Not imported yet"),
    RUNNING: N_("Running"),
    DONE: N_("Imported"),
    FAILED: N_("Failed"),
}
SYSTEM_NAMES = {RESEARCHMAP: "researchmap", ORCID: "ORCID", KAKEN: "KAKEN", ROR: "ROR"}
ADDRESSES = {  # where a browser gets the file; the id stands for {}
    RESEARCHMAP: ("https://api.researchmap.jp/{}",),
    ORCID: ("https://pub.orcid.org/v3.0/{}/record",),
    KAKEN: (
        "https://nrid.nii.ac.jp/ja/search/?qm={}",
        "https://kaken.nii.ac.jp/ja/search/?qm={}",
    ),
    ROR: ("https://api.ror.org/v2/organizations/{}",),
}
MORE_FIELDS = 20  # of a form besides the role of each column
Field = Annotated[str, Form(max_length=300)]
UploadId = Annotated[str, Path(max_length=40)]
Sent = Annotated[UploadFile | None, File()]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter()
    uploads = Uploads(services.settings.data_dir / "uploads")
    running = UploadImports(services.catalogue, uploads)
    _add_uploading(router, services, uploads)
    _add_one_person(router, services, uploads)
    _add_correcting(router, services, uploads, running)
    _add_importing(router, services, uploads, running)
    return router


def path_of(upload: Upload) -> str:
    """Return the address of an upload."""
    return f"{PATH}/{upload.upload_id}"


def _add_uploading(router: LazyRouter, services: Services, uploads: Uploads) -> None:
    @router.get(PATH)
    def form(request: Request, viewer: Administrator) -> Response:
        return _form(request, viewer, services, uploads)

    @router.post(PATH)
    def upload(
        request: Request, viewer: Administrator, file: Sent = None, form_token: FormToken = ""
    ) -> Response:
        try:
            return see_other(_kept(services, viewer, uploads, file, form_token=form_token))
        except InputError as error:
            return _form(request, viewer, services, uploads, error)


def _kept(
    services: Services,
    viewer: Viewer,
    uploads: Uploads,
    file: UploadFile | None,
    *,
    form_token: str,
    only: str = "",
) -> str:
    """Keep what was uploaded and return its address; the same form twice keeps it once."""
    if file is None or not file.filename:
        raise InputError("There is no file: choose one.", of_field="file")
    name, content = file.filename, file.file
    sent = ("upload", name, file.size, only)

    def keep() -> str:
        return path_of(uploads.keep(viewer, name, content, only=only))

    return services.form_deduplicator.run_once(viewer, form_token, sent, keep)


def _form(
    request: Request,
    viewer: Viewer,
    services: Services,
    uploads: Uploads,
    error: EnmusubiError | None = None,
) -> Response:
    context = {
        "uploads": uploads.list(viewer),
        "states": STATE_LABELS,
        "path_of": path_of,
        "most_bytes": services.settings.server.max_body_bytes,
    }
    return show(request, viewer, "admin_upload.html", context, error)


def _add_one_person(router: LazyRouter, services: Services, uploads: Uploads) -> None:
    @router.post(PATH + "/one")
    def one(
        request: Request,
        viewer: Administrator,
        identifier: Field = "",
        file: Sent = None,
        form_token: FormToken = "",
    ) -> Response:
        try:
            found = read_identifier(identifier)
            if file is not None and file.filename:
                said = {"form_token": form_token, "only": str(found)}
                return see_other(_kept(services, viewer, uploads, file, **said))
        except InputError as error:
            return _form(request, viewer, services, uploads, error)
        with reading_as(services.catalogue, viewer) as connection:
            known = known_as(connection, found)
        context = {
            "identifier": found,
            "typed": identifier.strip(),
            "system": SYSTEM_NAMES[found.system],
            "known": known,
            "addresses": [
                one.format(quote(found.value, safe="")) for one in ADDRESSES[found.system]
            ],
        }
        return show(request, viewer, "admin_identifier.html", context)


def _add_correcting(
    router: LazyRouter, services: Services, uploads: Uploads, running: UploadImports
) -> None:
    @router.get(PATH + "/{upload_id}")
    def one(request: Request, viewer: Administrator, upload_id: UploadId) -> Response:
        upload = uploads.get(viewer, upload_id)
        return _page(request, viewer, services, upload, running)

    @router.post(PATH + "/{upload_id}/format")
    def choose_format(
        viewer: Administrator, upload_id: UploadId, format_name: Field = ""
    ) -> Response:
        upload = uploads.get(viewer, upload_id)
        if format_name and format_name not in FORMATS:
            raise InputError(
                "expected one of %(choices)s.", of_field="format", choices=", ".join(FORMATS)
            )
        return see_other(path_of(uploads.save(replace(upload, format=format_name))))

    @router.post(PATH + "/{upload_id}/table")
    async def correct(request: Request, viewer: Administrator, upload_id: UploadId) -> Response:
        form = await request.form(max_fields=MAX_COLUMNS + MORE_FIELDS)
        said = {name: str(value)[:300] for name, value in form.multi_items()}
        place = said.get("place", "0")

        def save() -> str:
            upload = uploads.get(viewer, upload_id)
            return path_of(uploads.save(_corrected(services, upload, said)))

        path = await run_in_threadpool(save)
        return see_other(f"{path}#part-{place if place.isdigit() else 0}")


def _corrected(services: Services, upload: Upload, said: Mapping[str, str]) -> Upload:
    kind = said.get("kind", "")
    if kind and kind not in KINDS:
        raise InputError("expected one of %(choices)s.", of_field="kind", choices=", ".join(KINDS))
    roles = {
        place: role
        for place in range(MAX_COLUMNS)
        if (role := said.get(f"role-{place}", "")) in ROLES.get(kind, {})
    }
    correction = Correction(kind, roles, said.get("institution", "").strip())
    return corrected(services.catalogue, upload, said.get("table", ""), correction)


def _add_importing(
    router: LazyRouter, services: Services, uploads: Uploads, running: UploadImports
) -> None:
    @router.post(PATH + "/{upload_id}/run")
    def run(request: Request, viewer: Administrator, upload_id: UploadId) -> Response:
        return see_other(path_of(running.start(viewer, upload_id)))

    @router.post(PATH + "/{upload_id}/drop")
    def drop(viewer: Administrator, upload_id: UploadId) -> Response:
        uploads.drop(viewer, upload_id)
        return see_other(PATH, "removed")

    @router.get(PATH + "/{upload_id}/rejects/{number}")
    def rejected(
        viewer: Administrator, upload_id: UploadId, number: Annotated[int, Path(ge=0, lt=100)]
    ) -> Response:
        upload = uploads.get(viewer, upload_id)
        if number >= len(upload.rejects):
            raise UnknownIdError("This upload has no such file of rejected rows.")
        path = upload.rejects_dir / upload.rejects[number]
        audit.note(services.catalogue, viewer, "export", "import", upload_id, files=1)
        return FileResponse(path, filename=path.name, media_type="application/octet-stream")


def _page(
    request: Request,
    viewer: Viewer,
    services: Services,
    upload: Upload,
    running: UploadImports,
) -> Response:
    is_new = upload.state in {NEW, FAILED}
    context: dict[str, Any] = {
        "upload": upload,
        "here": path_of(upload),
        "parts": look_at(services.catalogue, upload) if is_new else [],
        "formats": tuple(FORMATS),
        "kinds": [(kind, KIND_LABELS[kind]) for kind in KINDS],
        "kind_labels": KIND_LABELS,
        "role_labels": ROLE_LABELS,
        "label_of": label_of,
        "without_folders": partial(without_folders, settings=services.settings),
        "failure": from_plain(upload.fault) if upload.fault else None,
        "progress": running.progress(upload),
        "is_running": running.is_running(upload),
        "was_interrupted": running.was_interrupted(upload),
    }
    return show(request, viewer, "admin_upload_one.html", context)
