"""The pages of companies: which a technology could be for, and their profiles, seen, edited and imported."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

import anyio
from fastapi import File, Form, Query, Request, Response, UploadFile

from api.dependencies import AfterRow, CurrentViewer, Number, Services
from api.languages import language_of, switch_language
from api.middleware.form_deduplication import FormToken
from api.middleware.rate_limits import SEARCHES
from api.pages.rendering import render, see_other
from api.problems import status_of
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, EnmusubiError, InputError, UnreadableFileError
from matcher.domains.taxonomy import load_taxonomy
from matcher.explaining.words import percentage
from office.access.rules import FIND_COMPANIES, require
from office.access.scoped import reading_as, writing_as
from office.outbound.found import FoundCompanies, TechnologyAsked
from office.outbound.profile_tables import ProfileImport, import_profiles
from office.outbound.profiles import (
    FIELDS,
    Profile,
    parse_profile,
    profile_of,
    profiles_page,
    save_profile,
    set_withdrawn,
)
from office.outbound.unused import unused_patents

PATH = "/company-profiles"
ON_A_PAGE, PATENTS_OFFERED = 30, 20
MAX_NAME_CHARS = 60  # of a file: in bytes three times as many
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")
Short = Annotated[str, Query(max_length=200)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes; a profile's own come last."""
    router = LazyRouter(include_in_schema=False)
    _add_finding(router, services)
    _add_list(router, services)
    _add_profiles(router, services)
    return router


def _add_finding(router: LazyRouter, services: Services) -> None:
    @router.get(f"{PATH}/find", dependencies=SEARCHES)
    async def form(request: Request, viewer: CurrentViewer, seed: Short = "") -> Response:
        require(viewer, FIND_COMPANIES)
        found = None
        if seed:
            found = await services.companies.find(viewer, TechnologyAsked(seed_id=seed))
        return await _shown(request, viewer, found=found)

    @router.post(f"{PATH}/find", dependencies=SEARCHES)
    async def find(
        request: Request,
        viewer: CurrentViewer,
        technology: Annotated[str, Form()] = "",
        shown_in: Annotated[str, Form(max_length=20)] = "",
    ) -> Response:
        require(viewer, FIND_COMPANIES)
        switch_language(request, shown_in)
        try:
            found = await services.companies.find(viewer, TechnologyAsked(technology))
        except InputError as error:
            return await _shown(request, viewer, technology, error=error)
        return await _shown(request, viewer, technology, found=found)

    async def _shown(
        request: Request,
        viewer: Viewer,
        technology: str = "",
        *,
        found: FoundCompanies | None = None,
        error: EnmusubiError | None = None,
    ) -> Response:
        def patents() -> Any:
            with reading_as(services.catalogue, viewer) as connection:
                return unused_patents(connection, viewer, PATENTS_OFFERED)

        return render(
            request,
            viewer,
            "companies_find.html",
            status_of(error) if error else 200,
            technology=technology,
            found=found,
            error=error.message if error else None,
            patents=await anyio.to_thread.run_sync(patents),
            percentage=percentage,
        )


def _add_list(router: LazyRouter, services: Services) -> None:
    @router.get(PATH)
    def companies(
        request: Request, viewer: CurrentViewer, name: Short = "", after: AfterRow = ""
    ) -> Response:
        require(viewer, FIND_COMPANIES)
        return _listed(services, request, viewer, name=name.strip(), after=after)

    @router.post(f"{PATH}/import")
    def imported(
        request: Request, viewer: CurrentViewer, file: Annotated[UploadFile | None, File()] = None
    ) -> Response:
        require(viewer, FIND_COMPANIES)
        try:
            report = _import(services, viewer, file)
        except EnmusubiError as error:
            return _listed(services, request, viewer, error=error)
        return _listed(services, request, viewer, report=report)


def _import(services: Services, viewer: Viewer, file: UploadFile | None) -> ProfileImport:
    """Import a file from a folder of its own that goes again; its name is kept for what is told of it."""
    if file is None or not file.filename:
        raise InputError("Choose a file first.", of_field="file")
    name = _shown_name(file.filename)
    limit = services.settings.need.max_file_bytes
    content = file.file.read(limit + 1)
    if len(content) > limit:
        raise UnreadableFileError(
            "%(name)s is larger than %(most)s MB.", name=name, most=limit // 1_000_000
        )
    if not name.lower().endswith(ENDINGS):
        raise UnreadableFileError(
            "%(name)s is no table that can be read: expected %(endings)s.",
            name=name,
            endings=", ".join(ENDINGS),
        )
    with tempfile.TemporaryDirectory(prefix="enmusubi-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return import_profiles(services.catalogue, viewer, path)


def _shown_name(given: str) -> str:
    """Return a file's name as it may be written to disk and told, its ending in any case."""
    name = Path(given.replace("\\", "/")).name
    if name.isprintable() and len(name) <= MAX_NAME_CHARS:
        return name
    return f"table{Path(name).suffix[:6]}" if name.isprintable() else "table"


def _listed(
    services: Services,
    request: Request,
    viewer: Viewer,
    *,
    name: str = "",
    after: str = "",
    report: ProfileImport | None = None,
    error: EnmusubiError | None = None,
) -> Response:
    with reading_as(services.catalogue, viewer) as connection:
        page = profiles_page(connection, viewer, name=name, after=after, limit=ON_A_PAGE)
    return render(
        request,
        viewer,
        "company_profiles.html",
        status_of(error) if error else 200,
        page=page,
        name=name,
        after=after,
        report=report,
        error=error.message if error else None,
        endings=ENDINGS,
        taxonomy=load_taxonomy().by_id,
    )


def _add_profiles(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.get(f"{PATH}/new")
    def new(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, FIND_COMPANIES)
        return _form(request, viewer, dict.fromkeys(FIELDS, ""))

    @router.post(PATH)
    async def create(
        request: Request, viewer: CurrentViewer, form_token: FormToken = ""
    ) -> Response:
        require(viewer, FIND_COMPANIES)
        given = _given(await request.form())

        def save() -> None:
            with writing_as(catalogue, viewer) as connection:
                save_profile(connection, viewer, parse_profile(given))

        try:
            await anyio.to_thread.run_sync(
                services.form_deduplicator.run_once, viewer, form_token, ("company", given), save
            )
        except (InputError, ConflictError) as error:
            return _form(request, viewer, given, error=error)
        return see_other(PATH, "saved")

    @router.get(f"{PATH}/{{profile_id}}")
    def profile(request: Request, viewer: CurrentViewer, profile_id: Number) -> Response:
        require(viewer, FIND_COMPANIES)
        with reading_as(catalogue, viewer) as connection:
            found = profile_of(connection, viewer, profile_id)
        return _form(request, viewer, _values(found, request), profile=found)

    @router.post(f"{PATH}/{{profile_id}}")
    async def change(request: Request, viewer: CurrentViewer, profile_id: Number) -> Response:
        require(viewer, FIND_COMPANIES)
        given = _given(await request.form())

        def save() -> Profile:
            with writing_as(catalogue, viewer) as connection:
                before = profile_of(connection, viewer, profile_id)
                try:
                    save_profile(connection, viewer, parse_profile(given), profile_id)
                except (InputError, ConflictError) as error:
                    raise _NotSaved(before, error) from error
                return before

        try:
            await anyio.to_thread.run_sync(save)
        except _NotSaved as fault:
            return _form(request, viewer, given, profile=fault.profile, error=fault.error)
        return see_other(f"{PATH}/{profile_id}", "saved")

    @router.post(f"{PATH}/{{profile_id}}/remove")
    def remove(viewer: CurrentViewer, profile_id: Number) -> Response:
        with writing_as(catalogue, viewer) as connection:
            set_withdrawn(connection, viewer, profile_id, withdrawn=True)
        return see_other(f"{PATH}/{profile_id}", "removed")

    @router.post(f"{PATH}/{{profile_id}}/restore")
    def restore(viewer: CurrentViewer, profile_id: Number) -> Response:
        with writing_as(catalogue, viewer) as connection:
            set_withdrawn(connection, viewer, profile_id, withdrawn=False)
        return see_other(f"{PATH}/{profile_id}", "done")


class _NotSaved(Exception):  # noqa: N818 - carries what the page shows again
    def __init__(self, profile: Profile, error: EnmusubiError) -> None:
        super().__init__()
        self.profile, self.error = profile, error


def _given(form: Any) -> dict[str, str]:
    return {name: value for name in FIELDS if isinstance(value := form.get(name, ""), str)}


def _values(profile: Profile, request: Request) -> dict[str, str]:
    known, language = load_taxonomy().by_id, language_of(request)
    named = [known[key].name(language) for key in profile.fields if key in known]
    return {**{name: getattr(profile, name) for name in FIELDS}, "fields": "; ".join(named)}


def _form(
    request: Request,
    viewer: Viewer,
    given: dict[str, str],
    *,
    profile: Profile | None = None,
    error: EnmusubiError | None = None,
) -> Response:
    return render(
        request,
        viewer,
        "company_profile.html",
        status_of(error) if error else 200,
        given=given,
        profile=profile,
        error=error.message if error else None,
        taxonomy=load_taxonomy(),
    )
