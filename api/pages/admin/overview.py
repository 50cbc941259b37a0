"""The administrator's first page: what is amiss, what waits, and secrets that are shown once."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from api.dependencies import Services
from api.pages.admin.frame import Administrator, OneTimeSecrets, show
from catalogue.database.models import QUEUED as IN_DOUBT
from catalogue.database.service_models import QUEUED, RUNNING
from catalogue.identity.decisions import count_pairs
from enmusubi.messages import N_
from office.accounts.machines import Machines
from office.accounts.users import Users
from office.diagnosis import quick_checks
from office.jobs.requests import count_jobs

CHECK_LABELS: Mapping[str, str] = {
    "data folder": N_("Data folder"),
    "encoder": N_("Encoder"),
    "catalogue": N_("Catalogue"),
    "schema": N_("Schema"),
    "identities": N_("Who is who"),
    "imports": N_("Imports"),
    "index": N_("Index"),
    "re-ranker": N_("Re-ranker"),
}
CHECK_STATES: Mapping[str, str] = {
    "ok": N_("In order"),
    "note": N_("Worth knowing"),
    "missing": N_("Missing"),
}


def build_router(services: Services, secrets: OneTimeSecrets) -> APIRouter:
    """Return the routes of the first page."""
    router = APIRouter()
    catalogue = services.catalogue
    users, machines = Users(catalogue), Machines(catalogue)

    @router.get("/admin")
    def overview(request: Request, viewer: Administrator) -> Response:
        with catalogue.reading() as connection:
            jobs = count_jobs(connection, viewer)
            pairs = count_pairs(connection)[IN_DOUBT]
        context = {
            "checks": quick_checks(services.settings, catalogue),
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

    return router
