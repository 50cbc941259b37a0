"""Who looks after a need, who could, and which needs nobody looks after."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, exists, not_, select

from catalogue.database.account_models import UserAccount
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from office.access.rules import MANAGER_ROLES, names_manager


@dataclass(frozen=True)
class Manager:
    """A user who can look after a need; `name` is the login where the account has none."""

    user_id: str
    name: str


def possible_managers(connection: Connection, viewer: Viewer) -> tuple[Manager, ...]:
    """Return whom the viewer may name as a need's manager, by name; themselves always, if they may name one.

    This computer's own user has no account, and is the only one while there are none.
    """
    if not names_manager(viewer):
        return ()
    query = select(UserAccount.user_id, UserAccount.name).where(_can_manage())
    found = {row.user_id: row.name or row.user_id for row in connection.execute(query)}
    found.setdefault(viewer.viewer_id, viewer.name or viewer.viewer_id)
    people = (Manager(user_id, name) for user_id, name in found.items())
    return tuple(sorted(people, key=lambda person: (person.name, person.user_id)))


def managers_by_login(connection: Connection) -> dict[str, str]:
    """Return the names of all who can manage needs, by login; the login where the account has no name."""
    query = select(UserAccount.user_id, UserAccount.name).where(_can_manage())
    rows = connection.execute(query.order_by(UserAccount.user_id))
    return {row.user_id: row.name or row.user_id for row in rows}


def can_manage(connection: Connection, user_id: str) -> bool:
    """Return whether a user has an account that works, with a role that looks after needs."""
    query = select(UserAccount.user_id).where(UserAccount.user_id == user_id, _can_manage())
    return connection.execute(query).first() is not None


def _can_manage() -> ColumnElement[bool]:
    return and_(UserAccount.role.in_(sorted(MANAGER_ROLES)), UserAccount.disabled_at.is_(None))


def unmanaged() -> ColumnElement[bool]:
    """Return the condition on `need` rows for those that nobody looks after.

    What an import says of a need's manager may be a name, or somebody whose account does not work: it
    stands on nobody's page.
    """
    theirs = select(UserAccount.user_id).where(UserAccount.user_id == StoredNeed.manager)
    return not_(exists(theirs.where(_can_manage())))
