"""Released lists: match lists frozen for a need's company, shown to users who see the need, revoked.

Portals are shown the lists that stand; the office sees revoked ones as well. Every release and
revocation goes into the audit trail and to the portals' webhooks.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, insert, or_, select, update

from catalogue.database.models import StoredNeed
from catalogue.database.opaque_numbers import opaque_number
from catalogue.database.service_models import ReleasedList
from catalogue.database.viewer import PORTAL, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ConflictError, InputError, ReleaseStoppedError, UnknownIdError
from enmusubi.messages import N_, listed
from office.access import audit
from office.access.keyset_pages import Page, read_cursor, rows_of_page
from office.access.rules import RELEASE, SEE_RELEASED, require, visible_needs
from office.access.scoped import reading_as, without_row_security, writing_as
from office.needs.given_lists import FrozenList, releasable_need
from office.needs.reading import need_of
from office.screening.clearances import ask_for_clearance
from office.screening.findings import Finding
from office.veil.circle import document_as_shown
from office.webhooks.events import LIST_RELEASED, LIST_REVOKED
from office.webhooks.webhooks import enqueue_event

RELEASED = cast(Table, ReleasedList.__table__)
RELEASE_KIND = "release"  # the kind of the audit trail's object
UNKNOWN_RELEASE = N_("No released list has that id, or none that you may see.")
_MOST = 2**63 - 1


@dataclass(frozen=True)
class Released:
    """A released list; `content` is the frozen document. Portals aren't told who released it."""

    release_id: int
    need_id: str
    released_by: str
    released_at: datetime
    revoked_at: datetime | None
    content: str = field(repr=False)


def release_list(
    connection: Connection, viewer: Viewer, frozen: FrozenList, *, now: datetime | None = None
) -> Released:
    """Release a list to the need's company and tell its webhooks; raises as `releasable_need` does.

    Raises ReleaseStoppedError where screening stops it: `ask_before_release` comes first.
    """
    releasable_need(connection, viewer, frozen.need_id)
    if frozen.stops:
        raise stopped_by(frozen.stops)
    at = now or datetime.now(UTC)
    said = {"need_id": frozen.need_id, "released_by": viewer.viewer_id, "released_at": at}
    release_id = _new_id(connection)
    row = {**said, "release_id": release_id, "content": frozen.content}
    connection.execute(insert(RELEASED).values(**row))
    about: dict[str, Any] = {"need_id": frozen.need_id, "people": frozen.people}
    if frozen.concerns:
        about["concerns"] = list(frozen.concerns)
    audit.record(connection, viewer, "release", RELEASE_KIND, str(release_id), **about)
    released = Released(
        release_id, frozen.need_id, viewer.viewer_id, at, None, content=frozen.content
    )
    enqueue_event(connection, LIST_RELEASED, frozen.need_id, _told(released))
    return released


def _new_id(connection: Connection) -> int:
    """Return a number that no list has and that tells nothing: a count would tell of others' lists."""
    while True:
        found = opaque_number()
        taken = select(RELEASED.c.release_id).where(RELEASED.c.release_id == found)
        with without_row_security(connection):
            if connection.execute(taken).first() is None:
                return found


def ask_before_release(catalogue: Catalogue, viewer: Viewer, frozen: FrozenList) -> None:
    """Put what stops a list before those who clear it, and raise ReleaseStoppedError; else do nothing."""
    if not frozen.stops:
        return
    with writing_as(catalogue, viewer) as connection:
        releasable_need(connection, viewer, frozen.need_id)
        ask_for_clearance(connection, viewer, frozen.need_id, frozen.stops)
    raise stopped_by(frozen.stops)


def stopped_by(findings: Sequence[Finding]) -> ReleaseStoppedError:
    """Return the error that says what stops a release, each reason once."""
    reasons = list(dict.fromkeys(str(finding.reason) for finding in findings))
    said = {str(finding.reason): finding.reason for finding in findings}
    return ReleaseStoppedError(
        "Screening stops this release: %(reasons)s Those who clear it were asked; see the queue.",
        reasons=listed([said[reason] for reason in reasons], " "),
    )


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
        query = query.where(_older(after))
    newest = query.order_by(RELEASED.c.released_at.desc(), RELEASED.c.release_id.desc())
    rows, cursor = rows_of_page(connection, newest, limit, _place)
    return Page(tuple(_seen(connection, row, viewer) for row in rows), cursor)


def release_of(connection: Connection, viewer: Viewer, release_id: int) -> Released:
    """Return a released list; raises UnknownIdError for one that isn't there or may not be seen."""
    require(viewer, SEE_RELEASED)
    query = _released(viewer).where(RELEASED.c.release_id == min(release_id, _MOST))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError(UNKNOWN_RELEASE)
    return _seen(connection, row, viewer)


def revoke_release(connection: Connection, viewer: Viewer, release_id: int) -> Released:
    """Take a released list back from the company and tell its webhooks.

    Raises ConflictError for one that was revoked.
    """
    require(viewer, RELEASE)
    released = release_of(connection, viewer, release_id)
    releasable_need(connection, viewer, released.need_id)
    if released.revoked_at:
        raise ConflictError("This list was revoked already.")
    chosen = RELEASED.c.release_id == released.release_id
    connection.execute(update(RELEASED).where(chosen).values(revoked_at=datetime.now(UTC)))
    named = str(released.release_id)
    audit.record(connection, viewer, "revoke", RELEASE_KIND, named, need_id=released.need_id)
    revoked = release_of(connection, viewer, release_id)
    enqueue_event(connection, LIST_REVOKED, revoked.need_id, _told(revoked))
    return revoked


def read_release(catalogue: Catalogue, viewer: Viewer, release_id: int) -> Released:
    """Return a released list that is about to be shown, and note that; raises as `release_of` does."""
    with reading_as(catalogue, viewer) as connection:
        released = release_of(connection, viewer, release_id)
    audit.note(catalogue, viewer, "read", RELEASE_KIND, str(released.release_id))
    return released


def released_people(released: Released) -> list[str]:
    """Return the ids of the researchers of a released list, the best first."""
    return people_of_document(released.content)


def people_of_document(content: str) -> list[str]:
    """Return the ids of the researchers of a frozen document, the best first."""
    return [match["researcher"]["researcher_id"] for match in json.loads(content)["matches"]]


def _told(released: Released) -> dict[str, str | int]:
    link = f"/v1/releases/{released.release_id}"
    return {"release_id": released.release_id, "link": link}


def _place(row: Any) -> list[Any]:
    return [row["released_at"].isoformat(), str(row["release_id"])]


def _older(cursor: str) -> ColumnElement[bool]:
    """Return the condition for the lists behind a cursor; raises InputError."""
    at, number = read_cursor(cursor, str, str)
    try:
        since, its_id = datetime.fromisoformat(at).astimezone(UTC), min(int(number), _MOST)
    except (TypeError, ValueError, OverflowError):
        raise InputError("not a cursor that a page gave.", of_field="cursor") from None
    here = RELEASED.c.released_at == since
    return or_(RELEASED.c.released_at < since, here & (RELEASED.c.release_id < its_id))


def _released(viewer: Viewer) -> Any:
    """Return the query for the lists of all needs that the viewer sees."""
    conditions: list[ColumnElement[bool]] = [visible_needs(viewer)]
    conditions.append(StoredNeed.withdrawn_at.is_(None))
    if viewer.role == PORTAL:
        conditions.append(RELEASED.c.revoked_at.is_(None))
    joined = select(RELEASED).join(StoredNeed, StoredNeed.need_id == RELEASED.c.need_id)
    return joined.where(*conditions)


def _seen(connection: Connection, row: Any, viewer: Viewer) -> Released:
    named = {name: row[name] for name in RELEASED.columns.keys()}  # noqa: SIM118
    named["released_at"] = row["released_at"]
    named["revoked_at"] = row["revoked_at"]
    named["released_by"] = "" if viewer.role == PORTAL else row["released_by"]
    shown = document_as_shown(connection, viewer, row["need_id"], row["content"])
    return Released(**{**named, "content": shown})
