"""Which kind of need it is, as somebody of the office set it; a guess holds where nobody did."""

from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, delete, insert, select

from catalogue.database.outbound_models import NeedKind
from catalogue.database.viewer import Viewer
from enmusubi.errors import ForbiddenError, InputError
from matcher.need_kinds.classifier import NEED_KINDS
from office.access import audit
from office.access.rules import SET_KIND, require
from office.needs.reading import need_of

KINDS = cast(Table, NeedKind.__table__)


def set_kind_of(connection: Connection, need_id: str) -> str:
    """Return the kind that was set for a need, empty where none was; asks no rules."""
    query = select(KINDS.c.kind).where(KINDS.c.need_id == need_id)
    return str(connection.execute(query).scalar() or "")


def set_kind(connection: Connection, viewer: Viewer, need_id: str, kind: str) -> None:
    """Set which kind of need it is; an empty kind lets the guess hold again.

    Raises InputError for no kind, UnknownIdError for a need that the viewer doesn't see, ForbiddenError for
    one that they don't change.
    """
    require(viewer, SET_KIND)
    need = need_of(connection, viewer, need_id)
    if not need.may_change:
        raise ForbiddenError("Only the need's manager and the chief say which kind of need it is.")
    if kind not in {"", *NEED_KINDS}:
        raise InputError(
            "expected one of %(choices)s.", of_field="kind", choices=", ".join(NEED_KINDS)
        )
    if kind == set_kind_of(connection, need_id):
        return
    connection.execute(delete(KINDS).where(KINDS.c.need_id == need_id))
    if kind:
        now = datetime.now(UTC)
        values = {"need_id": need_id, "kind": kind, "set_by": viewer.viewer_id, "set_at": now}
        connection.execute(insert(KINDS).values(values))
    audit.record(connection, viewer, "set kind", "need", need_id, kind=kind)
