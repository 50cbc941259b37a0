"""Guests of needs: who was asked in to a closed one, by its manager."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, delete, insert, select

from catalogue.database.account_models import UserAccount
from catalogue.database.service_models import INVITATION, NeedGuest
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, ForbiddenError, InputError
from enmusubi.mail_settings import MailSettings
from office.access import audit
from office.access.rules import GUEST_ROLES, INVITE, require
from office.mail.queue import NO_MAIL, enqueue
from office.needs.reading import SeenNeed, need_of

GUEST = cast(Table, NeedGuest.__table__)
NEED = "need"  # the kind of the audit trail's object


@dataclass(frozen=True)
class Guest:
    """A user who was asked in to a need, by whom, and when."""

    user_id: str
    name: str
    role: str
    invited_by: str
    invited_at: datetime


@dataclass(frozen=True)
class Invitable:
    """A user who can be asked in."""

    user_id: str
    name: str
    role: str


def guest_list(connection: Connection, viewer: Viewer, need_id: str) -> tuple[Guest, ...]:
    """Return who was asked in to a need that the viewer sees, by user id."""
    require(viewer, INVITE)
    need_of(connection, viewer, need_id)
    columns = UserAccount.user_id, UserAccount.name, UserAccount.role
    query = (
        select(*columns, NeedGuest.invited_by, NeedGuest.invited_at)
        .join(NeedGuest, NeedGuest.user_id == UserAccount.user_id)
        .where(NeedGuest.need_id == need_id)
        .order_by(UserAccount.user_id)
    )
    return tuple(
        Guest(user_id, name, role, by, at)
        for user_id, name, role, by, at in connection.execute(query)
    )


def invitable(connection: Connection, viewer: Viewer) -> tuple[Invitable, ...]:
    """Return the IP and legal managers who may sign in, by user id."""
    require(viewer, INVITE)
    query = select(UserAccount.user_id, UserAccount.name, UserAccount.role).where(
        UserAccount.role.in_(sorted(GUEST_ROLES)), UserAccount.disabled_at.is_(None)
    )
    found = connection.execute(query.order_by(UserAccount.user_id))
    return tuple(Invitable(*row) for row in found)


def invite(
    connection: Connection,
    viewer: Viewer,
    need_id: str,
    user_id: str,
    *,
    mail: MailSettings = NO_MAIL,
) -> SeenNeed:
    """Ask a user in, write that into the audit trail and a mail to them; returns the need with its guests.

    Raises ForbiddenError unless the viewer may change the need, InputError for a user who cannot
    be asked in, ConflictError for a guest.
    """
    need = _changeable(connection, viewer, need_id)
    if user_id not in {person.user_id for person in invitable(connection, viewer)}:
        raise InputError(
            "not an IP or legal manager with an account that works. The administrator gives roles.",
            of_field="user_id",
        )
    if user_id in need.guests:
        raise ConflictError("%(user)s was asked in to this need already.", user=user_id)
    values = {"need_id": need_id, "user_id": user_id, "invited_by": viewer.viewer_id}
    connection.execute(insert(GUEST).values(**values, invited_at=datetime.now(UTC)))
    audit.record(connection, viewer, "invite", NEED, need_id, user_id=user_id)
    enqueue(connection, mail, INVITATION, user_id, need_id)
    return need_of(connection, viewer, need_id)


def uninvite(connection: Connection, viewer: Viewer, need_id: str, user_id: str) -> SeenNeed:
    """Take an invitation back, and write that into the audit trail; returns the need.

    Raises ForbiddenError unless the viewer may change the need, ConflictError for no guest.
    """
    need = _changeable(connection, viewer, need_id)
    if user_id not in need.guests:
        raise ConflictError("no user of that id was asked in to this need.", of_field="user_id")
    theirs = (GUEST.c.need_id == need_id, GUEST.c.user_id == user_id)
    connection.execute(delete(GUEST).where(*theirs))
    audit.record(connection, viewer, "uninvite", NEED, need_id, user_id=user_id)
    return need_of(connection, viewer, need_id)


def _changeable(connection: Connection, viewer: Viewer, need_id: str) -> SeenNeed:
    require(viewer, INVITE)
    need = need_of(connection, viewer, need_id)
    if not need.may_change:
        raise ForbiddenError("Only the need's manager and the chief ask others in to it.")
    return need
