"""What all chiefs are told of accounts that open everything: a new one, and one whose door was set anew.

Each is an entry of the audit trail, which their start page shows for a while, and a mail to each of them.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from catalogue.database.account_models import UserAccount
from catalogue.database.service_models import CHIEFS
from catalogue.database.viewer import CHIEF, Viewer
from enmusubi.mail_settings import MailSettings
from office.access import audit
from office.access.audit import ENTRY
from office.mail.queue import enqueue

NEW, PASSWORD_SET, FACTOR_RESET = "new", "password", "second factor"
TOLD = "tell chiefs"  # the action in the audit trail
SHOWN_FOR = timedelta(days=14)
SHOWN = 5


@dataclass(frozen=True)
class ToldOfChief:
    """What was done to which account, by whom and when; `what` is a code as above."""

    login: str
    what: str
    by: str
    at: datetime


def tell_chiefs(
    connection: Connection, mail: MailSettings, by: Viewer, login: str, what: str
) -> None:
    """Tell every chief what was done to an account, in the transaction that does it."""
    entry = audit.record(connection, by, TOLD, "user", login, what=what)
    chiefs = select(UserAccount.user_id).where(
        UserAccount.role == CHIEF, UserAccount.disabled_at.is_(None)
    )
    for chief in connection.execute(chiefs.order_by(UserAccount.user_id)).scalars().all():
        enqueue(connection, mail, CHIEFS, chief, str(entry))


def told_of_chiefs(
    connection: Connection, viewer: Viewer, now: datetime | None = None
) -> tuple[ToldOfChief, ...]:
    """Return what a chief's start page tells of accounts of chiefs, the newest first; others get nothing."""
    if viewer.role != CHIEF:
        return ()
    since = (now or datetime.now(UTC)) - SHOWN_FOR
    query = select(ENTRY).where(ENTRY.c.action == TOLD, ENTRY.c.at >= since)
    rows = connection.execute(query.order_by(ENTRY.c.entry_id.desc()).limit(SHOWN)).mappings()
    return tuple(
        ToldOfChief(row["object_id"], json.loads(row["detail"])["what"], row["actor"], row["at"])
        for row in rows
    )
