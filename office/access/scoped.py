"""Transactions of a viewer: PostgreSQL is told who asks, and row-level security holds it to that.

The rules in the queries decide; this is the wall behind them (the migrations whose names hold
`row_security`).
On SQLite these are plain transactions. What maintains the catalogue as a whole (imports, identities,
the night) must see all of it and uses the catalogue's own `reading` and `writing`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, or_, select, text

from catalogue.database.models import UNPUBLISHED, Authorship, Seed
from catalogue.database.service_models import NeedGuest
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from matcher.records import PUBLIC
from office.access.rules import (
    ADMINISTER,
    GUEST_ROLES,
    READ_MEMBERSHIPS,
    RUN_JOBS,
    SEE_NEEDS,
    SEE_RESEARCHERS,
    may,
)

SEPARATOR = "\x1f"  # between the ids of a list
NO_ROLE = "nobody"  # sees nothing; the policies know it by this name
_TOLD = {  # settings that say what the viewer may do
    "needs": SEE_NEEDS,
    "seeds": SEE_RESEARCHERS,
    "jobs": RUN_JOBS,
    "memberships": READ_MEMBERSHIPS,
    "administers": ADMINISTER,
}


@contextmanager
def reading_as(catalogue: Catalogue, viewer: Viewer) -> Iterator[Connection]:
    """Give a connection that reads one state of the catalogue, as far as the viewer may see it."""
    with catalogue.reading() as connection:
        set_row_security_context(connection, viewer)
        yield connection


@contextmanager
def writing_as(catalogue: Catalogue, viewer: Viewer) -> Iterator[Connection]:
    """Give a connection that alone may write, and writes and reads only what the viewer may see."""
    with catalogue.writing() as connection:
        set_row_security_context(connection, viewer)
        yield connection


def set_row_security_context(connection: Connection, viewer: Viewer) -> None:
    """Tell PostgreSQL who asks until the transaction ends; SQLite is told nothing."""
    if connection.dialect.name != "postgresql":
        return
    settings = {
        "viewer": viewer.viewer_id,
        "owner": viewer.owner,
        "companies": SEPARATOR.join(sorted(viewer.companies)),
        "invited": SEPARATOR.join(_invited(connection, viewer)),
        "researcher": viewer.researcher_id,
        "named": SEPARATOR.join(_named(connection, viewer)),
        **{name: "yes" if may(viewer, action) else "no" for name, action in _TOLD.items()},
        "role": viewer.role or NO_ROLE,
    }
    listed = ", ".join(f"set_config('enmusubi.{name}', :{name}, true)" for name in settings)
    connection.execute(text(f"SELECT {listed}"), settings)


def _invited(connection: Connection, viewer: Viewer) -> list[str]:
    """Return the needs to which the viewer was asked in."""
    if viewer.role not in GUEST_ROLES:
        return []
    query = select(NeedGuest.need_id).where(NeedGuest.user_id == viewer.viewer_id)
    return sorted(connection.execute(query).scalars())


def _named(connection: Connection, viewer: Viewer) -> list[str]:
    """Return the seeds that name the viewer, of those that not every user sees."""
    if not (viewer.researcher_id and may(viewer, SEE_RESEARCHERS)):
        return []
    hidden = or_(Seed.visibility != PUBLIC, Seed.patent_status == UNPUBLISHED)
    query = select(Seed.seed_id).join(Authorship, Authorship.seed_id == Seed.seed_id)
    theirs = query.where(Authorship.researcher_id == viewer.researcher_id, hidden)
    return sorted(connection.execute(theirs).scalars())


@contextmanager
def without_row_security(connection: Connection) -> Iterator[None]:
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
