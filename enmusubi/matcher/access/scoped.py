"""Transactions of somebody: PostgreSQL is told who asks, and row-level security holds it to that.

The rules in the queries decide; this is the wall behind them (the migrations
`v0005_row_security` and `v0007_row_security_of_judgements`).
On SQLite these are plain transactions. What maintains the catalogue as a whole (imports, identities,
the night) must see all of it and uses the catalogue's own `reading` and `writing`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select, text

from enmusubi.matcher.access.rules import GUEST_ROLES, SEE_NEEDS, SEE_RESEARCHERS, may
from enmusubi.matcher.access.viewer import Viewer
from enmusubi.matcher.catalogue.catalogue import Catalogue
from enmusubi.matcher.catalogue.service_models import NeedGuest

SEPARATOR = "\x1f"  # between the ids of a list
NOBODY = "nobody"  # a role that sees nothing


@contextmanager
def reading_as(catalogue: Catalogue, viewer: Viewer) -> Iterator[Connection]:
    """Give a connection that reads one state of the catalogue, as far as the viewer may see it."""
    with catalogue.reading() as connection:
        tell(connection, viewer)
        yield connection


@contextmanager
def writing_as(catalogue: Catalogue, viewer: Viewer) -> Iterator[Connection]:
    """Give a connection that alone may write, and writes and reads only what the viewer may see."""
    with catalogue.writing() as connection:
        tell(connection, viewer)
        yield connection


def tell(connection: Connection, viewer: Viewer) -> None:
    """Tell PostgreSQL who asks until the transaction ends; SQLite is told nothing."""
    if connection.dialect.name != "postgresql":
        return
    invited: list[str] = []
    if viewer.role in GUEST_ROLES:
        query = select(NeedGuest.need_id).where(NeedGuest.user_id == viewer.viewer_id)
        invited = sorted(connection.execute(query).scalars())
    settings = {
        "viewer": viewer.viewer_id,
        "companies": SEPARATOR.join(sorted(viewer.companies)),
        "invited": SEPARATOR.join(invited),
        "researcher": viewer.researcher_id,
        "needs": "yes" if may(viewer, SEE_NEEDS) else "no",
        "seeds": "yes" if may(viewer, SEE_RESEARCHERS) else "no",
        "role": viewer.role or NOBODY,
    }
    listed = ", ".join(f"set_config('enmusubi.{name}', :{name}, true)" for name in settings)
    connection.execute(text(f"SELECT {listed}"), settings)


@contextmanager
def whole(connection: Connection) -> Iterator[None]:
    """Let a checked change see all rows for a while: a row is made of all that is said of it."""
    if connection.dialect.name != "postgresql":
        yield
        return
    told = text("SELECT coalesce(current_setting('enmusubi.role', true), '')")
    change = text("SELECT set_config('enmusubi.role', :role, true)")
    role = connection.execute(told).scalar_one()
    connection.execute(change, {"role": ""})
    yield  # where it fails, the transaction ends, and what it was told with it
    connection.execute(change, {"role": role})
