"""The mails that wait, in the catalogue's database, and how each fared.

A mail is written in the transaction of what it tells, so that it is sent if and only if that happened.
A row holds whom it is for, its kind and an id: the letter is made when it is sent.
"""

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    and_,
    func,
    insert,
    select,
    update,
)

from catalogue.database.account_models import UserAccount
from catalogue.database.service_models import TEST, TO_RESEARCHERS, Mail
from catalogue.database.viewer import LOCAL_ID, Viewer
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from enmusubi.mail_settings import MailSettings
from enmusubi.messages import Message, as_plain, from_plain
from office.access import audit
from office.access.keyset_pages import Page, rows_by_id
from office.access.rules import ADMINISTER, require

MAIL = cast(Table, Mail.__table__)
USERS = cast(Table, UserAccount.__table__)
MAIL_KIND = "mail"  # of objects in the audit trail
WAITING, SENT, GIVEN_UP, UNCERTAIN = "waiting", "sent", "given_up", "uncertain"
STATES = (WAITING, GIVEN_UP, UNCERTAIN, SENT)
NO_MAIL = MailSettings()  # what sends none


@dataclass(frozen=True)
class QueuedMail:
    """A mail and how it fared; of an uncertain one the server was given all, and did not answer."""

    mail_id: int
    user_id: str
    kind: str
    created_at: datetime
    attempts: int
    next_at: datetime | None
    handed_at: datetime | None
    sent_at: datetime | None
    fault: Message | None

    @property
    def state(self) -> str:
        """waiting, sent, uncertain or given_up."""
        if self.next_at:
            return WAITING
        if self.sent_at:
            return SENT
        return UNCERTAIN if self.handed_at else GIVEN_UP


def enqueue(
    connection: Connection, settings: MailSettings, kind: str, user_id: str, about: str = ""
) -> bool:
    """Write a mail in the caller's transaction; returns whether one waits now.

    None is written where the settings name no server, for an account that is disabled, has no address
    or does not want the kind, and where one of the same kind about the same waits. A letter to a
    researcher is its sender's mail: it needs their account, not their address.
    """
    if not settings.host:
        return False
    theirs = select(USERS).where(USERS.c.user_id == user_id, USERS.c.disabled_at.is_(None))
    user = connection.execute(theirs).mappings().first()
    if user is None or kind in user["muted_mail"].split():
        return False
    if not user["email"] and kind not in TO_RESEARCHERS:
        return False
    waits = _same(kind, user_id, about).where(MAIL.c.next_at.is_not(None))
    if connection.execute(waits).first() is None:
        connection.execute(insert(MAIL).values(_new(kind, user_id, about)))
    return True


def enqueue_once(
    connection: Connection, settings: MailSettings, kind: str, user_id: str, about: str
) -> bool:
    """Write a mail unless there ever was one of that kind about the same; returns whether it did."""
    if connection.execute(_same(kind, user_id, about)).first():
        return False
    return enqueue(connection, settings, kind, user_id, about)


def enqueue_test(connection: Connection, settings: MailSettings, viewer: Viewer) -> None:
    """Write a mail to the administrator who asks for it.

    Raises ForbiddenError, and InputError where no server is named or their account has no address.
    """
    require(viewer, ADMINISTER)
    if not settings.host:
        raise InputError("No mail server is set: name one in mail.host (docs/mail.md).")
    if viewer.viewer_id == LOCAL_ID or not enqueue(connection, settings, TEST, viewer.viewer_id):
        raise InputError(
            "Your account has no e-mail address. Enter one on its page, then try again."
        )


def mails_page(
    connection: Connection, viewer: Viewer, state: str = "", *, after: str = "", limit: int = 50
) -> Page[QueuedMail]:
    """Return mails of a state or of all, the newest first; raises ForbiddenError."""
    require(viewer, ADMINISTER)
    query = select(MAIL)
    if state:
        query = query.where(_in_state(state))
    rows, cursor = rows_by_id(
        connection, query, MAIL.c.mail_id, after=after, limit=limit, newest_first=True
    )
    return Page(tuple(_queued(row) for row in rows), cursor)


def count_mails(connection: Connection) -> dict[str, int]:
    """Return how many mails there are of each state."""
    counts = (func.count().filter(_in_state(state)) for state in STATES)
    row = connection.execute(select(*counts).select_from(MAIL)).one()
    return {state: int(count) for state, count in zip(STATES, row, strict=True)}


def send_again(connection: Connection, viewer: Viewer, mail_id: int) -> None:
    """Let a mail that was given up, or is uncertain, be tried anew.

    Raises ForbiddenError, UnknownIdError, and ConflictError for one that waits or was sent.
    """
    require(viewer, ADMINISTER)
    row = connection.execute(select(MAIL).where(MAIL.c.mail_id == mail_id)).mappings().first()
    if row is None:
        raise UnknownIdError("There is no mail %(id)s.", id=mail_id)
    if _queued(row).state not in {GIVEN_UP, UNCERTAIN}:
        raise ConflictError("That mail waits, or was sent already.")
    anew = {"attempts": 0, "next_at": datetime.now(UTC), "handed_at": None, "fault": ""}
    connection.execute(update(MAIL).where(MAIL.c.mail_id == mail_id).values(**anew))
    audit.record(connection, viewer, "send mail again", MAIL_KIND, str(mail_id), kind=row["kind"])


def hold_mails(connection: Connection) -> None:
    """Let no mail of a restored backup be sent by itself."""
    told = Message("a backup was restored: the mail may have been sent since it was made")
    held = {"next_at": None, "fault": as_kept(told)}
    connection.execute(update(MAIL).where(MAIL.c.next_at.is_not(None)).values(**held))


def as_kept(fault: Message) -> str:
    """Return a fault as a mail's row keeps it."""
    return json.dumps(as_plain(fault), ensure_ascii=False)


def _same(kind: str, user_id: str, about: str) -> Select[Any]:
    """Return the query for the mails of a kind to a user about the same."""
    same = (MAIL.c.user_id == user_id, MAIL.c.kind == kind, MAIL.c.about == about)
    return select(MAIL.c.mail_id).where(*same)


def _new(kind: str, user_id: str, about: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    told = {"kind": kind, "user_id": user_id, "about": about, "created_at": now}
    return {**told, "attempts": 0, "next_at": now, "handed_at": None, "sent_at": None, "fault": ""}


def _in_state(state: str) -> ColumnElement[bool]:
    waits, sent, handed = (
        column.is_not(None) for column in (MAIL.c.next_at, MAIL.c.sent_at, MAIL.c.handed_at)
    )
    return {
        WAITING: waits,
        SENT: and_(~waits, sent),
        UNCERTAIN: and_(~waits, ~sent, handed),
        GIVEN_UP: and_(~waits, ~sent, ~handed),
    }[state]


def _queued(row: RowMapping) -> QueuedMail:
    kept = {part.name: row[part.name] for part in fields(QueuedMail)}
    fault = from_plain(json.loads(row["fault"])) if row["fault"] else None
    return QueuedMail(**{**kept, "fault": fault})
