"""Imports: who began each, in the audit trail, and past ones as an administrator reads them.

The raw rows that were not taken are not read: they may hold needs.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from catalogue.database.viewer import Viewer
from catalogue.importers.importing import BegunImport
from catalogue.records.drafts import ADDED, MERGED, UNCHANGED, UPDATED, Rejection
from catalogue.records.import_runs import (
    REJECTION,
    REJECTION_COLUMNS,
    RUN,
    message_of,
    rejection_of,
)
from enmusubi.errors import UnknownIdError
from enmusubi.messages import Message
from office.access import audit
from office.access.keyset_pages import Page, rows_by_id
from office.access.rules import ADMINISTER, require

MOST_REASONS = 10


def noted_as(viewer: Viewer) -> Callable[[Connection, BegunImport], None]:
    """Return what enters an import into the audit trail as the viewer's, for `ImportChoices.on_begin`."""

    def note(connection: Connection, begun: BegunImport) -> None:
        audit.record(
            connection,
            viewer,
            "import",
            "import",
            str(begun.run_id),
            format=begun.format,
            files=begun.files,
            sync=begun.sync,
            resumed=begun.resumed,
        )

    return note


@dataclass(frozen=True)
class PastImport:
    """One import: what it read, what became of it, and how many things it did not take."""

    run_id: int
    format: str
    started_at: datetime
    finished_at: datetime | None
    read: int
    rejected: int
    changes: Mapping[str, int]  # added, updated, merged, unchanged: over all tables
    rejections: int

    @property
    def took(self) -> timedelta | None:
        """How long it took; None while it runs, or where it was stopped."""
        return self.finished_at - self.started_at if self.finished_at else None


@dataclass(frozen=True)
class Reason:
    """How often something was not taken for one reason."""

    field: str
    message: Message
    count: int

    @property
    def reason(self) -> str:
        """The message in English."""
        return str(self.message)


def list_imports(connection: Connection, viewer: Viewer) -> list[PastImport]:
    """Return the imports that are remembered, the newest first; raises ForbiddenError."""
    require(viewer, ADMINISTER)
    rows = connection.execute(_imports().order_by(RUN.c.run_id.desc())).mappings()
    return [_import_of(row) for row in rows]


def get_import(connection: Connection, viewer: Viewer, run_id: int) -> PastImport:
    """Return one import; raises ForbiddenError and UnknownIdError."""
    require(viewer, ADMINISTER)
    row = connection.execute(_imports().where(RUN.c.run_id == run_id)).mappings().first()
    if row is None:
        raise UnknownIdError(
            "No import has the number %(number)s: the newest ones are remembered.", number=run_id
        )
    return _import_of(row)


def not_taken_page(
    connection: Connection, viewer: Viewer, run_id: int, *, after: str = "", limit: int = 50
) -> Page[Rejection]:
    """Return what an import did not take, in the order in which it came."""
    require(viewer, ADMINISTER)
    query = select(REJECTION.c.rejection_id, *REJECTION_COLUMNS).where(REJECTION.c.run_id == run_id)
    number = REJECTION.c.rejection_id
    rows, cursor = rows_by_id(connection, query, number, after=after, limit=limit)
    return Page(tuple(map(rejection_of, rows)), cursor)


def commonest_reasons(connection: Connection, viewer: Viewer, run_id: int) -> list[Reason]:
    """Return why an import did not take things, the commonest reasons first."""
    require(viewer, ADMINISTER)
    count = func.count().label("count")
    named = [REJECTION.c[name] for name in ("field", "reason", "message")]
    query = (
        select(*named, count)
        .where(REJECTION.c.run_id == run_id)
        .group_by(*named)
        .order_by(count.desc(), REJECTION.c.field, REJECTION.c.reason)
    )
    found = connection.execute(query.limit(MOST_REASONS)).mappings()
    return [Reason(row["field"], message_of(row), row["count"]) for row in found]


def _imports() -> Any:
    rejections = (
        select(func.count())
        .select_from(REJECTION)
        .where(REJECTION.c.run_id == RUN.c.run_id)
        .scalar_subquery()
    )
    names = ("run_id", "format", "started_at", "finished_at", "counts")
    return select(*(RUN.c[n] for n in names), rejections.label("rejections"))


def _import_of(row: Any) -> PastImport:
    counts = json.loads(row["counts"])
    tables = counts.get("tables", {}).values()
    return PastImport(
        run_id=row["run_id"],
        format=row["format"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        read=counts.get("read", 0),
        rejected=counts.get("rejected", 0),
        changes={
            name: sum(table.get(name, 0) for table in tables)
            for name in (ADDED, UPDATED, MERGED, UNCHANGED)
        },
        rejections=row["rejections"],
    )
