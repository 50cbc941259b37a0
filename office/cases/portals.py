"""Tells the portals of a case's company what becomes of it, where the company knows of the case."""

from sqlalchemy import Connection

from office.cases.kept import KeptCase
from office.webhooks.webhooks import enqueue_event


def tell_portals(connection: Connection, case: KeptCase, event: str, **told: str | int) -> None:
    """Let the company's portals know of a change of a case that they know of: codes and a link alone."""
    if case.is_shared and case.need_id:
        link = f"/v1/cases/{case.public_id}"
        payload: dict[str, str | int] = {"case_id": case.public_id, "link": link, **told}
        enqueue_event(connection, event, case.need_id, payload)
