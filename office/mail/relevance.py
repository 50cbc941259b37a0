"""Whether a mail that waited still tells something: rights, addresses and wishes change meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, or_, select

from catalogue.database.models import OPEN, StoredNeed
from catalogue.database.service_models import (
    ACCOUNT,
    ALERT,
    CANDIDATES,
    CLOCK,
    ESTIMATE_ASKED,
    GATE,
    INVITATION,
    MILESTONE,
    OF_CASES,
    OF_ESTIMATES,
    OF_MEMBERS,
    PASSWORD,
    STAND_IN,
    TO_RESEARCHERS,
)
from catalogue.database.viewer import Viewer
from enmusubi.messages import Message
from enmusubi.settings import local_time
from office.access.rules import SAVE_SEARCH, SEE_NEEDS, SEE_REPORTS, WORK_ON_CASES, may
from office.accounts.users import User
from office.cases.gates import gates_of
from office.cases.kept import CASES, seen
from office.cases.listing import to_decide
from office.delegations.standing_in import is_to_come, stood_in_for
from office.estimates.waiting import estimates_to_check
from office.mail.inquiry_mail import inquiry_to_send
from office.members.links import still_holds
from office.needs.reading import visible_need_ids
from office.outbound.dormant import has_news
from office.projects.waiting import has_overdue
from office.saved_searches import SEARCHES

ONE_DAY = timedelta(days=1)  # zones are ahead of UTC by less


def reason_to_withdraw(connection: Connection, user: User, kind: str, about: str) -> Message | None:
    """Return why a mail is not to be sent any more, None where it is."""
    if user.disabled_at:
        return Message("the account is disabled")
    if not user.email and kind not in TO_RESEARCHERS:
        return Message("the account has no e-mail address")
    if kind in user.muted_mail.split():
        return Message("the person does not want mails of this kind")
    if kind in TO_RESEARCHERS:
        holds = inquiry_to_send(connection, about) is not None
    else:
        holds = _tells_still(connection, user, kind, about)
    if not holds:
        return Message("what it tells does not hold any more")
    return None


def is_there(reports_dir: Path, kind: str, about: str) -> bool:
    """Return whether the page that a mail leads to is there: a report appears after its mails wait."""
    return kind != CANDIDATES or (reports_dir / about).is_dir()


def _tells_still(  # noqa: PLR0911 - one answer a kind
    connection: Connection, user: User, kind: str, about: str
) -> bool:
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
            StoredNeed.withdrawn_at.is_(None),
            or_(StoredNeed.status == OPEN, has_news()),
        )
        return may(viewer, SEE_REPORTS) and connection.execute(managed).first() is not None
    if kind in OF_MEMBERS:
        return still_holds(connection, about)
    if kind == STAND_IN:
        return is_to_come(connection, about)
    if kind in OF_CASES:
        return may(viewer, WORK_ON_CASES) and _case_waits(connection, viewer, kind, about)
    if kind in OF_ESTIMATES:
        return may(viewer, WORK_ON_CASES) and _estimate_tells(connection, user, kind, int(about))
    if kind == MILESTONE:
        return has_overdue(connection, viewer, datetime.now(UTC).date() + ONE_DAY)
    if kind in {PASSWORD, ACCOUNT}:  # not where another was set since, or the person set their own
        is_this = kind == ACCOUNT or user.password_mark == about
        return user.must_change_password and is_this
    return True


def _estimate_tells(connection: Connection, user: User, kind: str, case_id: int) -> bool:
    """Return whether the user sees the case still, and an estimate of it waits where that was told."""
    if kind == ESTIMATE_ASKED:
        today = local_time(datetime.now(UTC), "ja").date()
        viewer = replace(user.viewer, stands_in=stood_in_for(connection, user.user_id, today))
        return any(one.case_id == case_id for one in estimates_to_check(connection, viewer))
    mine = seen(user.viewer).where(CASES.c.case_id == case_id)
    return connection.execute(mine.limit(1)).first() is not None


def _case_waits(connection: Connection, viewer: Viewer, kind: str, about: str) -> bool:
    """Return whether a gate still waits for the viewer, or cases have a clock that runs."""
    query = seen(viewer)
    if kind == GATE:
        waits = to_decide(viewer, gates_of(connection, viewer))
        query = query.where(CASES.c.case_id == int(about), waits)
    else:
        query = query.where(CASES.c.due_on.is_not(None))
        if kind == CLOCK:
            query = query.where(CASES.c.manager == viewer.viewer_id)
    return connection.execute(query.limit(1)).first() is not None
