"""Match lists as they were released to a need's company: frozen, shown to who sees the need, revoked.

Portals are shown the lists that stand; the office sees revoked ones as well. Every release and
revocation goes into the audit trail.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, insert, select, update

from catalogue.database.models import StoredNeed
from catalogue.database.service_models import ReleasedList
from catalogue.database.viewer import PORTAL, Viewer
from catalogue.records.source_records import aware
from enmusubi.errors import ConflictError, ForbiddenError, UnknownIdError
from office.access import audit
from office.access.keyset_pages import Page, checked_limit, page_of, read_cursor
from office.access.rules import RELEASE, SEE_RELEASED, changes_need, require, visible_needs
from office.needs.reading import SeenNeed, need_of

RELEASED = cast(Table, ReleasedList.__table__)
RELEASE_KIND = "release"  # the kind of the audit trail's object
UNKNOWN_RELEASE = "No released list has that id, or none that you may see."
_MOST = 2**63 - 1


@dataclass(frozen=True)
class Released:
    """A released list; `content` is the API's JSON. Portals aren't told who released it."""

    release_id: int
    need_id: str
    released_by: str
    released_at: datetime
    revoked_at: datetime | None
    content: str = field(repr=False)


def releasable_need(connection: Connection, viewer: Viewer, need_id: str) -> SeenNeed:
    """Return a need of which the viewer may release lists; raises ForbiddenError, UnknownIdError."""
    require(viewer, RELEASE)
    need = need_of(connection, viewer, need_id)
    if not changes_need(viewer, need.facts):
        raise ForbiddenError("Only the need's manager and the chief release its lists.")
    return need


def release_list(
    connection: Connection, viewer: Viewer, need_id: str, content: str, *, people: int
) -> Released:
    """Freeze a list of so many people for the need's company; raises as `releasable_need` does."""
    releasable_need(connection, viewer, need_id)
    now = datetime.now(UTC)
    values = {"need_id": need_id, "released_by": viewer.viewer_id, "released_at": now}
    frozen = insert(RELEASED).values(**values, content=content)
    key = connection.execute(frozen).inserted_primary_key
    release_id = int(key[0]) if key else 0
    named = str(release_id)
    audit.record(connection, viewer, "release", RELEASE_KIND, named, need_id=need_id, people=people)
    return Released(release_id, need_id, viewer.viewer_id, now, None, content)


def releases_page(
    connection: Connection, viewer: Viewer, need_id: str, *, after: str = "", limit: int = 50
) -> Page[Released]:
    """Return the lists of a need that the viewer sees, the newest first.

    Raises ForbiddenError, UnknownIdError, and InputError for the cursor and the limit.
    """
    require(viewer, SEE_RELEASED)
    need_of(connection, viewer, need_id)
    query = _released(viewer).where(RELEASED.c.need_id == need_id)
    if after:
        query = query.where(RELEASED.c.release_id < (read_cursor(after, int)[0] or 0))
    ordered = query.order_by(RELEASED.c.release_id.desc()).limit(checked_limit(limit) + 1)
    found = connection.execute(ordered).mappings().all()
    rows, cursor = page_of(found, limit, lambda row: [row["release_id"]])
    return Page(tuple(_seen(row, viewer) for row in rows), cursor)


def release_of(connection: Connection, viewer: Viewer, release_id: int) -> Released:
    """Return a released list; raises UnknownIdError for one that isn't there or may not be seen."""
    require(viewer, SEE_RELEASED)
    query = _released(viewer).where(RELEASED.c.release_id == min(release_id, _MOST))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError(UNKNOWN_RELEASE)
    return _seen(row, viewer)


def revoke_release(connection: Connection, viewer: Viewer, release_id: int) -> Released:
    """Take a released list back from the company; raises ConflictError for one that was revoked."""
    require(viewer, RELEASE)
    released = release_of(connection, viewer, release_id)
    releasable_need(connection, viewer, released.need_id)
    if released.revoked_at:
        raise ConflictError("This list was revoked already.")
    chosen = RELEASED.c.release_id == released.release_id
    connection.execute(update(RELEASED).where(chosen).values(revoked_at=datetime.now(UTC)))
    named = str(released.release_id)
    audit.record(connection, viewer, "revoke", RELEASE_KIND, named, need_id=released.need_id)
    return release_of(connection, viewer, release_id)


def _released(viewer: Viewer) -> Any:
    """Return the query for the lists of all needs that the viewer sees."""
    conditions: list[ColumnElement[bool]] = [visible_needs(viewer)]
    conditions.append(StoredNeed.withdrawn_at.is_(None))
    if viewer.role == PORTAL:
        conditions.append(RELEASED.c.revoked_at.is_(None))
    joined = select(RELEASED).join(StoredNeed, StoredNeed.need_id == RELEASED.c.need_id)
    return joined.where(*conditions)


def _seen(row: Any, viewer: Viewer) -> Released:
    named = {name: row[name] for name in RELEASED.columns.keys()}  # noqa: SIM118
    named["released_at"] = aware(row["released_at"])
    named["revoked_at"] = row["revoked_at"] and aware(row["revoked_at"])
    named["released_by"] = "" if viewer.role == PORTAL else row["released_by"]
    return Released(**named)
