"""Everybody's jobs as an administrator sees them: who asked, how far, and a way to stop them.

What was asked and what came out are not read: they may hold needs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, func, select, update

from catalogue.database.service_models import CANCELLED, JOB_STATES, QUEUED, RUNNING, Job
from catalogue.database.viewer import Viewer
from catalogue.records.source_records import aware
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from office.access import audit
from office.access.rules import ADMINISTER, require

JOB = cast(Table, Job.__table__)
_SHOWN = (
    "job_id", "owner", "kind", "state", "done", "total",
    "created_at", "started_at", "finished_at", "cancel_asked_at", "fault",
)  # fmt: skip


@dataclass(frozen=True)
class JobLine:
    """One job, without its request and result."""

    job_id: str
    owner: str
    kind: str
    state: str
    done: int
    total: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_asked_at: datetime | None
    fault: str

    @property
    def may_be_cancelled(self) -> bool:
        """Whether it has not come to an end, and nobody asked to stop it."""
        return self.state in {QUEUED, RUNNING} and self.cancel_asked_at is None


def list_jobs(
    connection: Connection, viewer: Viewer, state: str = "", *, limit: int = 50, offset: int = 0
) -> list[JobLine]:
    """Return jobs, the newest first; raises ForbiddenError and, for an unknown state, InputError."""
    require(viewer, ADMINISTER)
    if state and state not in JOB_STATES:
        raise InputError(
            "No job has the state %(state)r: expected %(known)s.",
            state=state,
            known=", ".join(JOB_STATES),
        )
    query = select(*(JOB.c[name] for name in _SHOWN))
    if state:
        query = query.where(JOB.c.state == state)
    ordered = query.order_by(JOB.c.created_at.desc(), JOB.c.job_id).limit(limit).offset(offset)
    return [_line(row) for row in connection.execute(ordered).mappings()]


def count_jobs(connection: Connection, viewer: Viewer) -> dict[str, int]:
    """Return how many jobs have each state."""
    require(viewer, ADMINISTER)
    query = select(JOB.c.state, func.count()).group_by(JOB.c.state)
    found = {row[0]: row[1] for row in connection.execute(query)}
    return {state: found.get(state, 0) for state in JOB_STATES}


def ask_to_cancel(connection: Connection, viewer: Viewer, job_id: str) -> None:
    """Stop a job that waits, and ask one that runs to stop; raises UnknownIdError, ConflictError."""
    require(viewer, ADMINISTER)
    query = select(JOB.c.state).where(JOB.c.job_id == job_id.replace("\x00", ""))
    state = connection.execute(query).scalar()
    if state is None:
        raise UnknownIdError("There is no job %(id)r.", id=job_id)
    if state not in {QUEUED, RUNNING}:
        raise ConflictError(
            "The job %(id)r is %(state)s already; nothing is left to stop.",
            id=job_id,
            state=state,
        )
    now = datetime.now(UTC)
    values: dict[str, Any] = {"cancel_asked_at": now}
    if state == QUEUED:
        values |= {"state": CANCELLED, "finished_at": now}
    connection.execute(update(JOB).where(JOB.c.job_id == job_id).values(**values))
    audit.record(connection, viewer, "cancel job", "job", job_id)


def _line(row: Any) -> JobLine:
    times = {n: aware(v) for n, v in row.items() if isinstance(v, datetime)}
    return JobLine(**{**row, **times})
