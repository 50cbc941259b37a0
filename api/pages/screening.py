"""The routes of what screening asks: the queue of those who clear findings, and their decisions."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Form, Query, Request, Response
from sqlalchemy import Connection

from api.dependencies import AfterRow, CurrentViewer, Number, Services
from api.languages import language_of
from api.pages.rendering import render, see_other
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from enmusubi.messages import N_
from office.access.access_log import note_listing
from office.access.rules import CLEAR, SEE_SCREENING, require
from office.access.scoped import reading_as, writing_as
from office.delegations.acting import on_need, require_or_stand_in
from office.needs.reading import SeenNeed, needs_by_ids
from office.people import cards_of, names_of
from office.screening.clearances import decide, revoke_clearance
from office.screening.findings import Finding
from office.screening.kept_clearances import ALL, KeptClearance, clearances_page, decides_on
from office.screening.rule_book import rule_book, shipped_rules
from office.screening.screening import screen

PATH = "/screening"
WHICH = {
    "waiting": N_("Waits for a decision"),
    "cleared": N_("Cleared"),
    "refused": N_("Not cleared"),
    ALL: N_("All"),
}
ON_A_PAGE = 20
Word = Annotated[str, Query(max_length=50)]
Text = Annotated[str, Form(max_length=2_000)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    catalogue = services.catalogue

    @router.get(PATH)
    def queue(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        which: Word = "waiting",
        rule: Word = "",
        need: Annotated[str, Query(max_length=200)] = "",
        after: AfterRow = "",
    ) -> Response:
        require(viewer, SEE_SCREENING)
        chosen = which if which in WHICH else "waiting"
        asked = {"which": chosen, "rule_id": rule, "need_id": need, "after": after}
        with reading_as(catalogue, viewer) as connection:
            shown = _queue(services, connection, viewer, asked)
        note_listing(catalogue, viewer, shown["needs"].values(), "screening")
        language = language_of(request)
        names = {rule_id: one.name[language] for rule_id, one in shipped_rules().items()}
        filters = {"which": chosen, "rule": rule, "need": need}
        context = {**shown, "filters": filters, "which_labels": WHICH, "rules_by_name": names}
        return render(request, viewer, "screening.html", after=after, **context)

    @router.post(f"{PATH}/{{clearance_id}}")
    def decided(
        viewer: CurrentViewer,
        clearance_id: Number,
        decision: Annotated[str, Form(max_length=20)] = "",
        reason: Text = "",
        valid_until: Annotated[str, Form(max_length=20)] = "",
    ) -> Response:
        require_or_stand_in(viewer, CLEAR)
        until = _day(valid_until)
        with writing_as(catalogue, viewer) as connection:
            decide(connection, viewer, clearance_id, decision, reason=reason, valid_until=until)
        return see_other(PATH, "decided")

    @router.post(f"{PATH}/{{clearance_id}}/revoke")
    def revoked(viewer: CurrentViewer, clearance_id: Number) -> Response:
        require_or_stand_in(viewer, CLEAR)
        with writing_as(catalogue, viewer) as connection:
            revoke_clearance(connection, viewer, clearance_id)
        return see_other(PATH, "taken-back")

    return router


def _queue(
    services: Services, connection: Connection, viewer: Viewer, asked: Mapping[str, Any]
) -> dict[str, Any]:
    page = clearances_page(connection, viewer, limit=ON_A_PAGE, **asked)
    needs = {
        need.need_id: need
        for need in needs_by_ids(connection, viewer, {one.need_id for one in page.items})
    }
    people = {one.researcher_id for one in page.items} - {""}
    acting = {need_id: on_need(connection, viewer, need_id) for need_id in needs}
    users = {one.asked_by for one in page.items} | {one.decided_by for one in page.items} - {""}
    return {
        "page": page,
        "needs": needs,
        "cards": cards_of(connection, people),
        "names": names_of(connection, users),
        "found": _found(services, connection, viewer, page.items, needs),
        "today": date.today(),
        "may_clear": {
            one.clearance_id: decides_on(acting[one.need_id], one.role) for one in page.items
        },
    }


def _found(
    services: Services,
    connection: Connection,
    viewer: Viewer,
    kept: tuple[KeptClearance, ...],
    needs: Mapping[str, SeenNeed],
) -> dict[int, list[Finding]]:
    """Return what each clearance is about as it is today: its rule's findings, as the viewer may see them."""
    book, found = rule_book(services.settings.screening), {}
    for need_id, need in needs.items():
        of_need = [one for one in kept if one.need_id == need_id]
        people = sorted({one.researcher_id for one in of_need} - {""})
        screened = screen(connection, viewer, need, people, book)
        for one in of_need:
            findings = screened.get(one.researcher_id, ())
            found[one.clearance_id] = [f for f in findings if f.shown_rule == one.rule_id]
    return found


def _day(given: str) -> date | None:
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputError("not a day such as 2027-03-31.", of_field="valid_until") from None
