"""Mails about checks of estimates: to finance that one waits, and to its author what became of it.

A mail says that something waits or is done and where, by the case's number: no text, sum or company.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from catalogue.database.account_models import UserAccount
from catalogue.database.service_models import (
    ESTIMATE_ASKED,
    ESTIMATE_CHECKED,
    ESTIMATE_RETURNED,
)
from catalogue.database.viewer import CHIEF, FINANCE, Viewer
from enmusubi.mail_settings import MailSettings
from enmusubi.settings import local_time
from office.cases.kept import CASES, KeptCase, seen
from office.delegations.standing_in import stand_ins_of
from office.mail.queue import enqueue

_UNNAMED = Viewer("", FINANCE)  # whoever has the role


def tell_checkers(
    connection: Connection, case: KeptCase, author: str, by: Viewer, mail: MailSettings
) -> int:
    """Tell finance, and who stands in there, that an estimate waits; returns how many mails wait.

    Of a case that finance does not see, the chief is told, as the home page does. Whoever wrote it or put
    it up is not.
    """
    theirs = seen(_UNNAMED).where(CASES.c.case_id == case.case_id).limit(1)
    role = FINANCE if connection.execute(theirs).first() else CHIEF
    query = select(UserAccount.user_id).where(
        UserAccount.role == role, UserAccount.disabled_at.is_(None)
    )
    checking = set(connection.execute(query).scalars())
    checking |= stand_ins_of(connection, checking, local_time(datetime.now(UTC), "ja").date())
    told = sorted(checking - {author, by.viewer_id})
    about = str(case.case_id)
    return sum(enqueue(connection, mail, ESTIMATE_ASKED, user, about) for user in told)


def tell_author(
    connection: Connection,
    case_id: int,
    people: set[str],
    by: Viewer,
    mail: MailSettings,
    *,
    accepted: bool,
) -> int:
    """Tell who wrote an estimate, and who put it up, that it was checked or sent back; returns how many."""
    kind = ESTIMATE_CHECKED if accepted else ESTIMATE_RETURNED
    told = sorted(people - {by.viewer_id, ""})
    return sum(enqueue(connection, mail, kind, user, str(case_id)) for user in told)
