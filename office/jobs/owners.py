"""Whose rights a job has: its owner's as they are now, never more than when it was asked for."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from catalogue.database.account_models import ApiKey, UserAccount
from catalogue.database.viewer import LOCAL_VIEWER, PERSON, Viewer
from office.access.rules import RUN_JOBS, may
from office.accounts.keys import select_keys, viewer_of_row
from office.accounts.users import user_of


def owner_now(connection: Connection, asked: Viewer) -> Viewer | None:
    """Return who asked with the rights of this moment; None where the job is not allowed any more.

    Somebody with another role than then has to ask again: the list would be another one.
    """
    found = _person(connection, asked) if asked.kind == PERSON else _machine(connection, asked)
    if found is None or found.role != asked.role or not may(found, RUN_JOBS):
        return None
    return found


def _person(connection: Connection, asked: Viewer) -> Viewer | None:
    query = select(UserAccount.__table__)
    if asked == LOCAL_VIEWER:  # while there are no accounts, as at this computer's door
        return asked if connection.execute(query.limit(1)).first() is None else None
    row = connection.execute(query.where(UserAccount.user_id == asked.viewer_id)).first()
    return user_of(row).viewer if row is not None and row.disabled_at is None else None


def _machine(connection: Connection, asked: Viewer) -> Viewer | None:
    """Return the machine with the scopes of then that any good key of it still grants."""
    now = datetime.now(UTC)
    rows = connection.execute(select_keys().where(ApiKey.client_id == asked.viewer_id)).all()
    found = [viewer for row in rows if (viewer := viewer_of_row(connection, row, now))]
    if not found:
        return None
    granted = frozenset[str]().union(*(viewer.scopes for viewer in found))
    return replace(found[0], scopes=asked.scopes & granted)
