"""The administrator's page of mails: what waits, what could not be sent, and a mail to try it."""

from typing import Annotated

from fastapi import Path, Query, Request, Response

from api.dependencies import AfterRow, Services
from api.pages.admin.frame import Administrator, show
from api.pages.rendering import see_other
from api.routing import LazyRouter
from catalogue.database.service_models import (
    ACCOUNT,
    ALERT,
    CANDIDATES,
    CHIEFS,
    CLOCK,
    ESCALATION,
    ESTIMATE_ASKED,
    ESTIMATE_CHECKED,
    ESTIMATE_RETURNED,
    GATE,
    INQUIRY,
    INVITATION,
    MEMBER_INVITATION,
    MEMBER_LINK,
    MILESTONE,
    PASSWORD,
    REMINDER,
    STAND_IN,
    TEST,
)
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError
from enmusubi.messages import N_
from office.access.scoped import reading_as, writing_as
from office.mail.queue import (
    GIVEN_UP,
    SENT,
    STATES,
    UNCERTAIN,
    WAITING,
    count_mails,
    enqueue_test,
    mails_page,
    send_again,
)

MAILS = "/admin/mail"
STATE_LABELS = {
    WAITING: N_("Waits"),
    GIVEN_UP: N_("Not sent"),
    UNCERTAIN: N_("May not have arrived"),
    SENT: N_("Sent"),
}
KIND_LABELS = {
    INVITATION: N_("Added to a need's readers"),
    ALERT: N_("News of a saved search"),
    CANDIDATES: N_("New candidates of a night"),
    GATE: N_("Gate to be decided"),
    CLOCK: N_("Cases due"),
    ESCALATION: N_("Cases overdue, to the chief"),
    CHIEFS: N_("Account of a chief changed, to all chiefs"),
    MILESTONE: N_("Milestones and actions overdue"),
    ESTIMATE_ASKED: N_("Estimate to check"),
    ESTIMATE_CHECKED: N_("Estimate checked"),
    ESTIMATE_RETURNED: N_("Estimate sent back"),
    ACCOUNT: N_("Password set, without it"),
    PASSWORD: N_("One-time password"),
    TEST: N_("Test"),
    MEMBER_INVITATION: N_("Link to a member's user, first"),
    MEMBER_LINK: N_("Link to a member's user, asked for"),
    STAND_IN: N_("Standing in for a colleague"),
    INQUIRY: N_("Inquiry to a researcher"),
    REMINDER: N_("Reminder to a researcher"),
}
MailId = Annotated[int, Path(ge=0, lt=2**31)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter()
    catalogue, settings = services.catalogue, services.settings.mail

    def page(
        request: Request,
        viewer: Viewer,
        state: str = "",
        after: str = "",
        error: EnmusubiError | None = None,
    ) -> Response:
        chosen = state if state in STATES else ""
        with reading_as(catalogue, viewer) as connection:
            found = mails_page(connection, viewer, chosen, after=after)
            counts = count_mails(connection)
        context = {
            "mails": found.items,
            "after": found.after,
            "is_first": not after,
            "counts": counts,
            "state_chosen": chosen,
            "labels": STATE_LABELS,
            "kinds": KIND_LABELS,
            "host": settings.host,
            "sender": settings.sender,
        }
        return show(request, viewer, "admin_mail.html", context, error)

    @router.get(MAILS)
    def mails(
        request: Request,
        viewer: Administrator,
        state: Annotated[str, Query(max_length=20)] = "",
        after: AfterRow = "",
    ) -> Response:
        return page(request, viewer, state, after)

    @router.post(MAILS + "/test")
    def test(request: Request, viewer: Administrator) -> Response:
        try:
            with writing_as(catalogue, viewer) as connection:
                enqueue_test(connection, settings, viewer)
        except EnmusubiError as error:
            return page(request, viewer, error=error)
        return see_other(MAILS, "done")

    @router.post(MAILS + "/{mail_id}/again")
    def again(viewer: Administrator, mail_id: MailId) -> Response:
        with writing_as(catalogue, viewer) as connection:
            send_again(connection, viewer, mail_id)
        return see_other(MAILS, "done")

    return router
