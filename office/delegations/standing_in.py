"""For whom somebody stands in on a day: read at every sign of a session, so that it ends by itself.

What is handed on is what the absent person's own role has now; what they have from others is not handed on,
and nothing of an account that is held: a role that nobody confirmed is nobody's to stand in for.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import cast

from sqlalchemy import Connection, Table, select
from sqlalchemy.sql.elements import ColumnElement

from catalogue.database.account_models import UserAccount
from catalogue.database.delegation_models import OF_GATES, Delegation
from catalogue.database.viewer import OFFICE_ROLES, StandIn, Viewer
from enmusubi.settings import local_time

DELEGATIONS = cast(Table, Delegation.__table__)


def in_force(today: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `delegation` rows for those that count on a day."""
    return (
        DELEGATIONS.c.starts_on <= today,
        DELEGATIONS.c.ends_on >= today,
        DELEGATIONS.c.ended_at.is_(None),
    )


def stood_in_for(connection: Connection, user_id: str, today: date) -> tuple[StandIn, ...]:
    """Return for whom a user stands in on a day, by login; held ones and outsiders are left out."""
    query = (
        select(DELEGATIONS.c.from_user, DELEGATIONS.c.what, UserAccount.name, UserAccount.role)
        .join(UserAccount, UserAccount.user_id == DELEGATIONS.c.from_user)
        .where(
            DELEGATIONS.c.to_user == user_id,
            UserAccount.role.in_(OFFICE_ROLES),
            UserAccount.disabled_at.is_(None),
            UserAccount.held_at.is_(None),
            *in_force(today),
        )
        .order_by(DELEGATIONS.c.from_user, DELEGATIONS.c.delegation_id)
    )
    found: dict[str, StandIn] = {}
    for login, what, name, role in connection.execute(query):
        before = found[login].what if login in found else frozenset[str]()
        found[login] = StandIn(login, name or login, role, before | frozenset(what.split()))
    return tuple(found.values())


def decided_for(viewer: Viewer, roles: Iterable[str]) -> StandIn | None:
    """Return in whose stead a viewer decides what these roles do; None in their own right, or not at all."""
    deciding = set(roles)
    if viewer.role in deciding:
        return None
    return next(
        (one for one in viewer.stands_in if OF_GATES in one.what and one.role in deciding), None
    )


def absent(away: StandIn) -> Viewer:
    """Return who is away as a viewer: what they may see bounds what is decided in their place."""
    return Viewer(away.user_id, away.role)


def is_to_come(connection: Connection, about: str) -> bool:
    """Return whether a delegation that a mail is about counts, or will."""
    query = select(DELEGATIONS.c.ends_on).where(
        DELEGATIONS.c.delegation_id == int(about), DELEGATIONS.c.ended_at.is_(None)
    )
    ends_on = connection.execute(query).scalar()
    return ends_on is not None and ends_on >= local_time(datetime.now(UTC), "ja").date()


def stand_ins_of(connection: Connection, user_ids: Iterable[str], today: date) -> set[str]:
    """Return the logins of those who stand in for any of the users at gates on a day."""
    query = select(DELEGATIONS.c.to_user, DELEGATIONS.c.what).where(
        DELEGATIONS.c.from_user.in_(sorted(set(user_ids))), *in_force(today)
    )
    return {to for to, what in connection.execute(query) if OF_GATES in what.split()}
