"""The administrator's pages of what runs: the overview, imports, index versions and jobs.

The overview says what is amiss and what waits, and shows secrets once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import Form, Path, Query, Request, Response

from api.dependencies import AfterRow, Services
from api.languages import language_of
from api.pages.admin.frame import Administrator, OneTimeSecrets, show
from api.pages.rendering import see_other
from api.routing import LazyRouter
from catalogue.database.models import QUEUED as IN_DOUBT
from catalogue.database.service_models import JOB_STATES, QUEUED, RUNNING
from catalogue.identity.decisions import count_pairs
from enmusubi.errors import EnmusubiError
from enmusubi.messages import N_
from office.access import audit
from office.access.scoped import reading_as, writing_as
from office.accounts.machines import Machines
from office.accounts.users import Users
from office.configured import configured_encoder
from office.diagnosis import quick_checks
from office.imports import commonest_reasons, get_import, list_imports, not_taken_page
from office.index_versions import KeptVersion, kept_versions, roll_back
from office.jobs.jobs import FORGOTTEN
from office.jobs.requests import cancel_any_job, count_jobs, list_jobs
from office.jobs.runner import RIGHTS, UNEXPECTED

VERSIONS, JOBS = "/admin/index", "/admin/jobs"
JOBS_ON_A_PAGE = 50
CHECK_LABELS: Mapping[str, str] = {
    "data folder": N_("Data folder"),
    "encoder": N_("Encoder"),
    "catalogue": N_("Catalogue"),
    "schema": N_("Schema"),
    "identities": N_("Who is who"),
    "imports": N_("Imports"),
    "mails": N_("Mails"),
    "secrets": N_("Sealed secrets"),
    "index": N_("Index"),
    "re-ranker": N_("Re-ranker"),
}
CHECK_STATES: Mapping[str, str] = {
    "ok": N_("In order"),
    "note": N_("Worth knowing"),
    "missing": N_("Missing"),
}
STATE_LABELS: Mapping[str, str] = {
    "queued": N_("Waiting"),
    "running": N_("Running"),
    "done": N_("Finished"),
    "failed": N_("Failed"),
    "cancelled": N_("Stopped"),
}
FAULT_LABELS: Mapping[str, str] = {
    RIGHTS: N_("Its owner's role has changed, or may not run jobs any more."),
    UNEXPECTED: N_("It failed unexpectedly. Where it failed was logged."),
    FORGOTTEN: N_("Its result is not kept any longer."),
}
RunId = Annotated[int, Path(ge=0, lt=2**31)]
VersionName = Annotated[str, Form(min_length=1, max_length=40)]


def build_router(services: Services, secrets: OneTimeSecrets) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter()
    _add_overview(router, services, secrets)
    _add_imports(router, services)
    _add_versions(router, services)
    _add_jobs(router, services)
    return router


def _add_overview(router: LazyRouter, services: Services, secrets: OneTimeSecrets) -> None:
    catalogue = services.catalogue
    users, machines = Users(catalogue), Machines(catalogue)

    @router.get("/admin")
    def overview(request: Request, viewer: Administrator) -> Response:
        with catalogue.reading() as connection:
            jobs = count_jobs(connection, viewer)
            pairs = count_pairs(connection)[IN_DOUBT]
        context = {
            "checks": quick_checks(services.settings, catalogue, language_of(request)),
            "labels": CHECK_LABELS,
            "states": CHECK_STATES,
            "people": sum(user.disabled_at is None for user in users.list()),
            "machines": sum(machine.disabled_at is None for machine in machines.list()),
            "pairs": pairs,
            "jobs": jobs[QUEUED] + jobs[RUNNING],
        }
        return show(request, viewer, "admin_overview.html", context)

    @router.get("/admin/once/{ticket}")
    def shown_once(request: Request, viewer: Administrator, ticket: str) -> Response:
        return show(request, viewer, "admin_once.html", {"secret": secrets.take(viewer, ticket)})


def _add_imports(router: LazyRouter, services: Services) -> None:
    @router.get("/admin/imports")
    def imports(request: Request, viewer: Administrator) -> Response:
        with reading_as(services.catalogue, viewer) as connection:
            runs = list_imports(connection, viewer)
        return show(request, viewer, "admin_imports.html", {"runs": runs})

    @router.get("/admin/imports/{run_id}")
    def one(
        request: Request, viewer: Administrator, run_id: RunId, after: AfterRow = ""
    ) -> Response:
        with reading_as(services.catalogue, viewer) as connection:
            run = get_import(connection, viewer, run_id)
            page = not_taken_page(connection, viewer, run_id, after=after)
            reasons = [] if after else commonest_reasons(connection, viewer, run_id)
        context = {"run": run, "page": page, "reasons": reasons, "is_first": not after}
        return show(request, viewer, "admin_import.html", context)


def _add_versions(router: LazyRouter, services: Services) -> None:
    settings = services.settings

    @router.get(VERSIONS)
    def versions(request: Request, viewer: Administrator) -> Response:
        kept = [(one, _built_at(one)) for one in reversed(kept_versions(settings))]
        context = {"versions": kept, "keep": settings.index.keep}
        return show(request, viewer, "admin_versions.html", context)

    @router.post(VERSIONS)
    def go_back(viewer: Administrator, version: VersionName) -> Response:
        serving = roll_back(settings, model_checksum=_encoder_checksum(services), name=version)
        audit.note(services.catalogue, viewer, "roll back index", "index version", serving.name)
        return see_other(VERSIONS, "done")


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


def _add_jobs(router: LazyRouter, services: Services) -> None:
    @router.get(JOBS)
    def jobs(
        request: Request,
        viewer: Administrator,
        state: Annotated[str, Query(max_length=20)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        with reading_as(services.catalogue, viewer) as connection:
            offset = (page - 1) * JOBS_ON_A_PAGE
            found = list_jobs(connection, viewer, state, limit=JOBS_ON_A_PAGE, offset=offset)
            counts = count_jobs(connection, viewer)
        total = counts[state] if state else sum(counts.values())
        context = {
            "jobs": found,
            "counts": counts,
            "state": state,
            "states": [(name, STATE_LABELS[name]) for name in JOB_STATES],
            "labels": STATE_LABELS,
            "fault_labels": FAULT_LABELS,
            "page": page,
            "pages": max(1, -(-total // JOBS_ON_A_PAGE)),
        }
        return show(request, viewer, "admin_jobs.html", context)

    @router.post(JOBS + "/{job_id}/cancel")
    def cancel(viewer: Administrator, job_id: str) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            cancel_any_job(connection, viewer, job_id)
        return see_other(JOBS, "done")
