"""The administrator's page of jobs: of all users, how far they are, and stopping them."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Services
from api.pages.admin.frame import Administrator, show
from api.pages.rendering import see_other
from catalogue.database.service_models import JOB_STATES
from enmusubi.messages import N_
from office.access.scoped import reading_as, writing_as
from office.jobs.jobs import FORGOTTEN
from office.jobs.requests import cancel_any_job, count_jobs, list_jobs
from office.jobs.runner import RIGHTS, UNEXPECTED

PATH = "/admin/jobs"
ON_A_PAGE = 50
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


def build_router(services: Services) -> APIRouter:
    """Return the routes of jobs."""
    router = APIRouter()

    @router.get(PATH)
    def jobs(
        request: Request,
        viewer: Administrator,
        state: Annotated[str, Query(max_length=20)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        with reading_as(services.catalogue, viewer) as connection:
            offset = (page - 1) * ON_A_PAGE
            found = list_jobs(connection, viewer, state, limit=ON_A_PAGE, offset=offset)
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
            "pages": max(1, -(-total // ON_A_PAGE)),
        }
        return show(request, viewer, "admin_jobs.html", context)

    @router.post(PATH + "/{job_id}/cancel")
    def cancel(viewer: Administrator, job_id: str) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            cancel_any_job(connection, viewer, job_id)
        return see_other(PATH, "done")

    return router
