"""The administrator's page of who is who: pairs in doubt, and what was decided on others."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Form, Query, Request, Response
from sqlalchemy import Connection

from api.dependencies import Services
from api.pages.admin.frame import Administrator, show
from api.pages.rendering import see_other
from api.routing import LazyRouter
from catalogue.database.models import APART, JOINED, LINK_STATES, QUEUED
from catalogue.identity.decisions import (
    count_pairs,
    join_people,
    keep_apart,
    list_pairs,
    undo_decision,
)
from enmusubi.messages import N_
from office.access.access_log import note_decision

PATH = "/admin/identities"
ON_A_PAGE = 25
MAX_PAGE = 10_000
State = Literal["queued", "joined", "apart"]
DecisionName = Literal["join", "apart", "undo"]
STATE_LABELS: Mapping[str, str] = {
    QUEUED: N_("In doubt"),
    JOINED: N_("Joined"),
    APART: N_("Kept apart"),
}
REASON_LABELS: Mapping[str, str] = {
    "same_kanji": N_("Same name in kanji"),
    "same_kana": N_("Same reading in kana"),
    "same_romaji": N_("Same name in Latin letters"),
    "same_initials": N_("Same initials"),
    "same_organisation": N_("Same institution"),
    "same_department": N_("Same department"),
    "namesakes": N_("One name on a work, and several people who bear it"),
    "shared_seed": N_("A seed in common"),
    "different_names": N_("Different names"),
    "different_ids": N_("Different ids of one kind"),
    "two_ids_of_one_source": N_("Two entries of one source"),
    "same_orcid": N_("Same ORCID iD"),
    "same_openalex": N_("Same OpenAlex id"),
    "same_researchmap": N_("Same researchmap id"),
    "same_kaken": N_("Same KAKEN id"),
    "same_erad": N_("Same e-Rad number"),
    "different_orcid": N_("Different ORCID iDs"),
    "different_openalex_id": N_("Different OpenAlex ids"),
    "different_researchmap_id": N_("Different researchmap ids"),
    "different_kaken_id": N_("Different KAKEN ids"),
    "different_erad_id": N_("Different e-Rad numbers"),
}
Id = Annotated[str, Form(max_length=300)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes of identities."""
    router = LazyRouter()
    catalogue = services.catalogue

    @router.get(PATH)
    def pairs(
        request: Request,
        viewer: Administrator,
        state: State = "queued",
        page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
    ) -> Response:
        with catalogue.reading() as connection:
            offset = (page - 1) * ON_A_PAGE
            found = list_pairs(connection, state, limit=ON_A_PAGE, offset=offset)
            counts = count_pairs(connection)
        context = {
            "pairs": found,
            "counts": counts,
            "state": state,
            "states": [(name, STATE_LABELS[name]) for name in LINK_STATES],
            "reasons": REASON_LABELS,
            "page": page,
            "pages": max(1, -(-counts[state] // ON_A_PAGE)),
        }
        return show(request, viewer, "admin_identities.html", context)

    @router.post(PATH)
    def decide(
        viewer: Administrator,
        first: Id,
        second: Id,
        decision: Annotated[DecisionName, Form()],
        state: Annotated[State, Form()],
    ) -> Response:
        with catalogue.writing() as connection:
            _decide(connection, decision, first, second)
            note_decision(connection, viewer, decision, first, second)
        return see_other(f"{PATH}?state={state}", "done")

    return router


def _decide(connection: Connection, decision: DecisionName, first: str, second: str) -> None:
    now = datetime.now(UTC)
    if decision == "join":
        join_people(connection, first, second, now)
    elif decision == "apart":
        keep_apart(connection, first, second, now)
    else:
        undo_decision(connection, first, second, now)
