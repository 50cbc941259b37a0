"""The last administrator who can sign in stays one: an office without any could let nobody in."""

from sqlalchemy import Connection, func, select

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import ADMINISTRATOR
from enmusubi.errors import ConflictError


def has_other_administrator(connection: Connection, user_id: str) -> bool:
    """Return whether another user is an administrator who can sign in."""
    others = select(func.count()).where(
        UserAccount.role == ADMINISTRATOR,
        UserAccount.disabled_at.is_(None),
        UserAccount.user_id != user_id,
    )
    return connection.execute(others).scalar_one() > 0


def keep_an_administrator(connection: Connection, user_id: str) -> None:
    """Raise ConflictError if this is the last administrator who can sign in."""
    if not has_other_administrator(connection, user_id):
        raise ConflictError(
            "%(login)r is the last administrator. Make another one first: `enmusubi "
            "user add LOGIN --role administrator`.",
            login=user_id,
        )
