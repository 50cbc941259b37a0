"""Transactions of somebody: PostgreSQL is told who asks, and row-level security holds it to that.

The rules in the queries decide; this is the wall behind them (the migration `v0005_row_security`).
On SQLite these are plain transactions.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from enmusubi.matcher.access.rules import SEE_NEEDS, SEE_RESEARCHERS, may
from enmusubi.matcher.access.viewer import Viewer
from enmusubi.matcher.catalogue.catalogue import Catalogue

SEPARATOR = "\x1f"  # between the companies of a portal


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
    settings = {
        "role": viewer.role,
        "viewer": viewer.viewer_id,
        "companies": SEPARATOR.join(sorted(viewer.companies)),
        "researcher": viewer.researcher_id,
        "needs": "yes" if may(viewer, SEE_NEEDS) else "no",
        "seeds": "yes" if may(viewer, SEE_RESEARCHERS) else "no",
    }
    for name, value in settings.items():
        connection.execute(
            text("SELECT set_config(:name, :value, true)"),
            {"name": f"enmusubi.{name}", "value": value},
        )
