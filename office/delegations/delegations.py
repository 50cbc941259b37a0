"""Delegations: made for days to come, listed, ended. Each step goes into the audit trail.

One hands on the decisions of one's own role (`gates`) and the look at what waits (`queue`), nothing that one
has from others, and never to anybody outside the office. Sight is not handed on: what the stand-in may not
see stays hidden from them.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.delegation_models import DELEGATED
from catalogue.database.service_models import STAND_IN
from catalogue.database.viewer import CHIEF, OFFICE_ROLES, Viewer
from enmusubi.errors import ConflictError, ForbiddenError, InputError, UnknownIdError
from enmusubi.mail_settings import MailSettings
from enmusubi.messages import N_
from office.access import audit
from office.access.keyset_pages import Page, rows_by_id
from office.access.rules import DELEGATE, require
from office.accounts.users import User, find_user, user_of
from office.delegations.standing_in import DELEGATIONS
from office.mail.queue import NO_MAIL, enqueue

DELEGATION_KIND = "delegation"  # the kind of the audit trail's object
LONGEST = timedelta(days=366)
NOW, COMING, OVER = "now", "coming", "over"
UNKNOWN_DELEGATION = N_("No delegation has that number, or none that you may see.")
_MOST = 2**63 - 1


@dataclass(frozen=True)
class DelegationDraft:
    """Who stands in for whom, from day to day, both included; `what` is some of gates and queue."""

    from_user: str
    to_user: str
    starts_on: date
    ends_on: date
    what: tuple[str, ...] = DELEGATED


@dataclass(frozen=True)
class KeptDelegation:
    """A delegation as it is kept."""

    delegation_id: int
    from_user: str
    to_user: str
    starts_on: date
    ends_on: date
    what: tuple[str, ...]
    made_by: str
    made_at: datetime
    ended_by: str
    ended_at: datetime | None

    def state(self, today: date) -> str:
        """Return now, coming, or over."""
        if self.ended_at or self.ends_on < today:
            return OVER
        return COMING if self.starts_on > today else NOW


def colleagues(connection: Connection, viewer: Viewer) -> tuple[User, ...]:
    """Return who of the office may stand in, by login; raises ForbiddenError."""
    require(viewer, DELEGATE)
    query = select(UserAccount.__table__).where(
        UserAccount.role.in_(OFFICE_ROLES),
        UserAccount.disabled_at.is_(None),
        UserAccount.held_at.is_(None),
    )
    return tuple(user_of(row) for row in connection.execute(query.order_by(UserAccount.user_id)))


def make_delegation(
    connection: Connection,
    viewer: Viewer,
    draft: DelegationDraft,
    today: date,
    *,
    mail: MailSettings = NO_MAIL,
) -> KeptDelegation:
    """Let somebody stand in, and tell them by mail.

    People do it for themselves, the chief for anybody of the office. Raises ForbiddenError, InputError, and
    ConflictError where the absent person's days have a stand-in for the same already.
    """
    require(viewer, DELEGATE)
    if draft.from_user != viewer.viewer_id and viewer.role != CHIEF:
        raise ForbiddenError("Only the chief lets somebody stand in for another.")
    _checked_user(connection, draft.from_user, "from_user")
    _checked_user(connection, draft.to_user, "to_user")
    if draft.from_user == draft.to_user:
        raise InputError("not the one who is away.", of_field="to_user")
    if draft.ends_on < draft.starts_on or draft.ends_on < today:
        raise InputError("a day from the first one on, not before today.", of_field="ends_on")
    if draft.ends_on - draft.starts_on > LONGEST:
        raise InputError("a year at most: hand the work over instead.", of_field="ends_on")
    what = tuple(name for name in DELEGATED if name in set(draft.what))
    if not what or set(draft.what) - set(DELEGATED):
        raise InputError("expected %(choices)s.", of_field="what", choices=", ".join(DELEGATED))
    _check_free(connection, draft, what)
    row: dict[str, Any] = {
        "from_user": draft.from_user, "to_user": draft.to_user, "starts_on": draft.starts_on,
        "ends_on": draft.ends_on, "what": " ".join(what), "made_by": viewer.viewer_id,
        "made_at": datetime.now(UTC), "ended_by": "",
    }  # fmt: skip
    key = connection.execute(insert(DELEGATIONS).values(**row)).inserted_primary_key
    delegation_id = int(key[0]) if key else 0
    told = {
        "from_user": draft.from_user, "to_user": draft.to_user, "what": list(what),
        "starts_on": draft.starts_on.isoformat(), "ends_on": draft.ends_on.isoformat(),
    }  # fmt: skip
    audit.record(connection, viewer, "delegate", DELEGATION_KIND, str(delegation_id), **told)
    enqueue(connection, mail, STAND_IN, draft.to_user, str(delegation_id))
    return delegation_of(connection, viewer, delegation_id)


def end_delegation(connection: Connection, viewer: Viewer, delegation_id: int) -> KeptDelegation:
    """End a delegation from now on: who is away, who stands in, and the chief.

    Raises ForbiddenError, UnknownIdError, and ConflictError for one that was ended.
    """
    kept = delegation_of(connection, viewer, delegation_id)
    if kept.ended_at:
        raise ConflictError("That was ended already.")
    chosen = DELEGATIONS.c.delegation_id == delegation_id
    values = {"ended_by": viewer.viewer_id, "ended_at": datetime.now(UTC)}
    connection.execute(update(DELEGATIONS).where(chosen).values(**values))
    told = {"from_user": kept.from_user, "to_user": kept.to_user}
    audit.record(connection, viewer, "end delegation", DELEGATION_KIND, str(delegation_id), **told)
    return delegation_of(connection, viewer, delegation_id)


def delegation_of(connection: Connection, viewer: Viewer, delegation_id: int) -> KeptDelegation:
    """Return one that concerns the viewer, the chief any; raises ForbiddenError and UnknownIdError."""
    require(viewer, DELEGATE)
    chosen = DELEGATIONS.c.delegation_id == min(delegation_id, _MOST)
    query = select(DELEGATIONS).where(chosen, _seen(viewer))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError(UNKNOWN_DELEGATION)
    return _kept(row)


def delegations_page(
    connection: Connection, viewer: Viewer, *, after: str = "", limit: int = 50
) -> Page[KeptDelegation]:
    """Return those that concern the viewer, the chief all, the newest first; raises ForbiddenError."""
    require(viewer, DELEGATE)
    query = select(DELEGATIONS).where(_seen(viewer))
    rows, cursor = rows_by_id(
        connection, query, DELEGATIONS.c.delegation_id, after=after, limit=limit, newest_first=True
    )
    return Page(tuple(_kept(row) for row in rows), cursor)


def _seen(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.role == CHIEF:
        return DELEGATIONS.c.delegation_id > 0
    mine = viewer.viewer_id
    return or_(DELEGATIONS.c.from_user == mine, DELEGATIONS.c.to_user == mine)


def _checked_user(connection: Connection, user_id: str, field_name: str) -> None:
    row = find_user(connection, user_id)
    if row is None or row.role not in OFFICE_ROLES or row.disabled_at or row.held_at:
        raise InputError("not the login of a user of the office.", of_field=field_name)


def _check_free(connection: Connection, draft: DelegationDraft, what: tuple[str, ...]) -> None:
    query = select(DELEGATIONS.c.what).where(
        DELEGATIONS.c.from_user == draft.from_user,
        DELEGATIONS.c.starts_on <= draft.ends_on,
        DELEGATIONS.c.ends_on >= draft.starts_on,
        DELEGATIONS.c.ended_at.is_(None),
    )
    if any(set(given.split()) & set(what) for given in connection.execute(query).scalars()):
        raise ConflictError(
            "Somebody stands in for the same on some of these days. End that first."
        )


def _kept(row: Any) -> KeptDelegation:
    values = {name: row[name] for name in KeptDelegation.__dataclass_fields__}
    return KeptDelegation(**{**values, "what": tuple(values["what"].split())})
