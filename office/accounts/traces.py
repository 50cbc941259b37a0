"""Where login names stand outside the accounts: who comes under such a name would get its owner's.

A need's manager, a judge or a guest may be named before they have an account, by an import or a command.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, Table, or_, select

from catalogue.database.schema import tables_in_order
from catalogue.database.viewer import PERSON

NAMES = frozenset(
    {"manager", "owner", "user_id", "author", "decided_for"}
)  # and whatever ends in _by
ITS_OWN = frozenset({"user_account", "user_session"})


def columns_of_logins(table: Table) -> Iterator[Column[Any]]:
    """Yield the columns of a table that hold a login, or `person:` and one."""
    for column in table.columns:
        is_text = column.type.python_type is str
        if is_text and (column.name in NAMES or column.name.endswith("_by")):
            yield column


def stands_somewhere(connection: Connection, login: str) -> bool:
    """Return whether a login name is named by anything: a need, a guest list, a judgement, a case …"""
    named = (login, f"{PERSON}:{login}")
    for table in tables_in_order():
        columns = () if table.name in ITS_OWN else tuple(columns_of_logins(table))
        if columns:
            query = select(columns[0]).where(or_(*(column.in_(named) for column in columns)))
            if connection.execute(query.limit(1)).first():
                return True
    return False
