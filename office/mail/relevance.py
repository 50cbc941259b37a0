"""Whether a mail that waited still tells something: rights, addresses and wishes change meanwhile."""

from pathlib import Path

from sqlalchemy import Connection, select

from catalogue.database.models import OPEN, StoredNeed
from catalogue.database.service_models import ACCOUNT, ALERT, CANDIDATES, INVITATION, PASSWORD
from enmusubi.messages import Message
from office.access.rules import SAVE_SEARCH, SEE_NEEDS, SEE_REPORTS, may
from office.accounts.users import User
from office.needs.reading import visible_need_ids
from office.saved_searches import SEARCHES


def reason_to_withdraw(connection: Connection, user: User, kind: str, about: str) -> Message | None:
    """Return why a mail is not to be sent any more, None where it is."""
    if user.disabled_at:
        return Message("the account is disabled")
    if not user.email:
        return Message("the account has no e-mail address")
    if kind in user.muted_mail.split():
        return Message("the person does not want mails of this kind")
    if not _tells_still(connection, user, kind, about):
        return Message("what it tells does not hold any more")
    return None


def is_there(reports_dir: Path, kind: str, about: str) -> bool:
    """Return whether the page that a mail leads to is there: a report appears after its mails wait."""
    return kind != CANDIDATES or (reports_dir / about).is_dir()


def _tells_still(connection: Connection, user: User, kind: str, about: str) -> bool:
    viewer = user.viewer
    if kind == INVITATION:
        return may(viewer, SEE_NEEDS) and about in visible_need_ids(connection, viewer, [about])
    if kind == ALERT:
        news = select(SEARCHES.c.search_id).where(
            SEARCHES.c.user_id == user.user_id, SEARCHES.c.alert, SEARCHES.c.news != "[]"
        )
        return may(viewer, SAVE_SEARCH) and connection.execute(news).first() is not None
    if kind == CANDIDATES:
        managed = select(StoredNeed.need_id).where(
            StoredNeed.manager == user.user_id,
            StoredNeed.status == OPEN,
            StoredNeed.withdrawn_at.is_(None),
        )
        return may(viewer, SEE_REPORTS) and connection.execute(managed).first() is not None
    if kind == PASSWORD:  # not where another was set since, or the person set their own
        return user.must_change_password and user.password_mark == about
    if kind == ACCOUNT:
        return user.must_change_password
    return True
