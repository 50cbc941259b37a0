"""The store of jobs in the catalogue's database: asked for, under way, ended, forgotten.

A job's `result` holds one line of JSON for each need that is done; it grows with the progress, in one
transaction with it, so that a job goes on where it stopped.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, and_, func, insert, or_, select, update

from catalogue.database.service_models import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Job
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, InputError, TooManyRequestsError, UnknownIdError
from enmusubi.messages import STATE, word
from matcher.records import Filters
from office.access.keyset_pages import Page, read_cursor, rows_of_page

MATCHES = "matches"  # the kind of job that there is
ENDED = (DONE, FAILED, CANCELLED)
FORGOTTEN = "forgotten"  # fault of a job whose result was not kept any longer
RETRY_AFTER_S = 60
JOB = cast(Table, Job.__table__)
SHOWN_COLUMNS = [column for column in JOB.columns if column.name not in {"request", "result"}]


@dataclass(frozen=True)
class MatchOrder:
    """What a job is to do: match these needs, for who asked."""

    need_ids: tuple[str, ...]
    asked: Viewer
    top: int = 10
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True)
class JobState:
    """A job and how far it is, without its request and result; `fault` is a code."""

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
    def has_ended(self) -> bool:
        """Whether nothing more is done."""
        return self.state in ENDED

    @property
    def may_be_cancelled(self) -> bool:
        """Whether it goes on or waits, and no user asked to stop it."""
        return not self.has_ended and self.cancel_asked_at is None


def create_job(connection: Connection, order: MatchOrder, *, max_open: int) -> JobState:
    """Queue a job; raises TooManyRequestsError where the owner has as many open as the settings allow."""
    owner = order.asked.owner
    open_ones = JOB.c.owner == owner, JOB.c.state.in_((QUEUED, RUNNING))
    waiting = connection.execute(select(func.count()).where(*open_ones)).scalar_one()
    if waiting >= max_open:
        raise TooManyRequestsError(
            "You have %(count)s jobs under way, at most %(most)s are taken. Wait "
            "for one to end, or cancel one.",
            retry_after_s=RETRY_AFTER_S,
            count=waiting,
            most=max_open,
        )
    values: dict[str, Any] = {
        "job_id": f"job_{secrets.token_hex(8)}",
        "owner": owner,
        "kind": MATCHES,
        "state": QUEUED,
        "done": 0,
        "total": len(order.need_ids),
        "created_at": datetime.now(UTC),
    }
    unset = {"started_at": None, "finished_at": None, "cancel_asked_at": None, "fault": ""}
    request = {"request": _written(order), "result": None}
    connection.execute(insert(JOB).values(**values, **unset, **request))
    return JobState(**values, **unset)  # type: ignore[arg-type]


def job_of(connection: Connection, viewer: Viewer, job_id: str) -> JobState:
    """Return one of the viewer's jobs; raises UnknownIdError, for others' as well."""
    query = select(*SHOWN_COLUMNS).where(JOB.c.job_id == job_id, JOB.c.owner == viewer.owner)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError("You have no job of that id. The list of jobs shows the ids.")
    return job_state(row)


def jobs_page(
    connection: Connection, viewer: Viewer, *, after: str = "", limit: int = 50
) -> Page[JobState]:
    """Return the viewer's jobs, the newest first."""
    query = select(*SHOWN_COLUMNS).where(JOB.c.owner == viewer.owner)
    if after:
        query = query.where(_behind(after))
    ordered = query.order_by(JOB.c.created_at.desc(), JOB.c.job_id)
    rows, cursor = rows_of_page(
        connection, ordered, limit, lambda row: [_moment(row), row["job_id"]]
    )
    return Page(tuple(job_state(row) for row in rows), cursor)


def ask_to_cancel(connection: Connection, viewer: Viewer, job_id: str) -> JobState:
    """Let a job end before its next need; raises ConflictError for one that has ended."""
    job = job_of(connection, viewer, job_id)
    if job.has_ended:
        raise ConflictError(
            "The job has ended already: it is %(state)s.", state=word(STATE, job.state)
        )
    now = datetime.now(UTC)
    values: dict[str, Any] = {"cancel_asked_at": job.cancel_asked_at or now}
    if job.state == QUEUED:
        values |= {"state": CANCELLED, "finished_at": now}
    connection.execute(update(JOB).where(JOB.c.job_id == job_id).values(**values))
    return job_of(connection, viewer, job_id)


def result_of(connection: Connection, job_id: str) -> list[dict[str, Any]]:
    """Return what is done of a job: an item for each need, in the order that was asked."""
    written = connection.execute(select(JOB.c.result).where(JOB.c.job_id == job_id)).scalar_one()
    return [json.loads(line) for line in (written or "").splitlines()]


def order_of(connection: Connection, job_id: str) -> MatchOrder:
    """Return what a job is to do."""
    written = connection.execute(select(JOB.c.request).where(JOB.c.job_id == job_id)).scalar_one()
    return _read(written)


def next_job(connection: Connection) -> JobState | None:
    """Return the job to work at: one that was interrupted, else the one that waits longest."""
    first = JOB.c.state == QUEUED, JOB.c.created_at, JOB.c.job_id
    query = (
        select(*SHOWN_COLUMNS).where(JOB.c.state.in_((RUNNING, QUEUED))).order_by(*first).limit(1)
    )
    row = connection.execute(query).mappings().first()
    return job_state(row) if row else None


def note_progress(
    connection: Connection, job: JobState, items: Sequence[Mapping[str, Any]]
) -> None:
    """Append what was done since; the first time marks the job as running."""
    lines = "".join(json.dumps(item) + "\n" for item in items)
    values: dict[str, Any] = {
        "state": RUNNING,
        "started_at": func.coalesce(JOB.c.started_at, datetime.now(UTC)),
        "done": JOB.c.done + len(items),
        "result": func.coalesce(JOB.c.result, "").concat(lines),
    }
    connection.execute(update(JOB).where(JOB.c.job_id == job.job_id).values(**values))


def finish(connection: Connection, job: JobState, state: str, fault: str = "") -> None:
    """End a job as done, failed or cancelled; `fault` is a code."""
    values = {"state": state, "fault": fault, "finished_at": datetime.now(UTC)}
    connection.execute(update(JOB).where(JOB.c.job_id == job.job_id).values(**values))


def forget_results(connection: Connection, *, keep_days: int) -> int:
    """Drop the orders and results of jobs that ended so long ago; returns of how many."""
    before = datetime.now(UTC) - timedelta(days=keep_days)
    old = and_(JOB.c.state.in_(ENDED), JOB.c.finished_at < before, JOB.c.fault != FORGOTTEN)
    values = {"result": None, "request": "{}", "fault": FORGOTTEN}
    return connection.execute(update(JOB).where(old).values(**values)).rowcount


def _written(order: MatchOrder) -> str:
    # rights are those of when it is done: whom one stands in for is asked then
    asked = {**asdict(replace(order.asked, stands_in=())), "name": ""}
    sets = {name: sorted(asked[name]) for name in ("companies", "scopes")}
    return json.dumps({**asdict(order), "asked": {**asked, **sets}})


def _read(written: str) -> MatchOrder:
    content = json.loads(written)
    asked = content["asked"]
    sets = {name: frozenset(asked[name]) for name in ("companies", "scopes")}
    return MatchOrder(
        tuple(content["need_ids"]),
        Viewer(**{**asked, **sets, "stands_in": ()}),
        content["top"],
        Filters(**content["filters"]),
    )


def job_state(row: Any) -> JobState:
    """Return the job of a row of SHOWN_COLUMNS."""
    return JobState(**row)


def _moment(row: Any) -> str:
    created_at: datetime = row["created_at"]
    return created_at.isoformat()


def _behind(cursor: str) -> ColumnElement[bool]:
    moment, job_id = read_cursor(cursor, str, str)
    created = _parsed(moment)
    same = and_(JOB.c.created_at == created, JOB.c.job_id > (job_id or ""))
    return or_(JOB.c.created_at < created, same)


def _parsed(moment: str | None) -> datetime:
    try:
        return datetime.fromisoformat(moment or "")
    except ValueError:
        raise InputError("not one that a page gave.", of_field="cursor") from None
