"""Gives many needs to another manager at once, as a hand-over does, which checked who may."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from catalogue.records.drafts import NEEDS, Draft
from catalogue.records.writer import BatchWriter, DraftBatch
from office.access import audit
from office.needs.editing import NEED, RANK, SOURCE


def assign_managers(
    connection: Connection, viewer: Viewer, need_ids: Sequence[str], manager: str
) -> None:
    """Say of each need that somebody manages it; noted for each. `connection` is the service's own."""
    writer = BatchWriter(connection, DraftBatch(SOURCE, RANK), datetime.now(UTC))
    writer.write([Draft(NEEDS, {"need_id": one, "manager": manager}) for one in need_ids])
    for need_id in need_ids:
        audit.record(connection, viewer, "change", NEED, need_id, fields=["manager"])
