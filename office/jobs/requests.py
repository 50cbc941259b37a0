"""Jobs as users ask for them, read and cancel them, and as an administrator sees all of them.

An administrator reads neither what was asked nor what came out: they may hold needs.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from catalogue.database.service_models import CANCELLED, JOB_STATES, QUEUED, RUNNING
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ConflictError, ForbiddenError, InputError, UnknownIdError
from enmusubi.messages import STATE, Message, word
from matcher.records import Filters
from office.access import audit
from office.access.access_log import note_naming, note_seeds
from office.access.rules import ADMINISTER, RUN_JOBS, require
from office.access.scoped import reading_as
from office.jobs.jobs import (
    JOB,
    SHOWN_COLUMNS,
    JobState,
    MatchOrder,
    ask_to_cancel,
    create_job,
    job_of,
    job_state,
    order_of,
    result_of,
)
from office.needs.reading import UNKNOWN_NEED, needs_page, visible_need_ids
from office.ways_in import JOB as JOB_WAY

JOB_KIND = "job"  # of objects in the audit trail
_PAGE = 200


def order_for(
    catalogue: Catalogue,
    viewer: Viewer,
    need_ids: Sequence[str] | None,
    *,
    most: int,
    top: int,
    filters: Filters,
) -> MatchOrder:
    """Return the order to match these needs, or all open ones that the viewer sees.

    Raises ForbiddenError, UnknownIdError for needs that the viewer does not see, and InputError for
    more than `most`.
    """
    require(viewer, RUN_JOBS)
    with reading_as(catalogue, viewer) as connection:
        found = _open_needs(connection, viewer) if need_ids is None else tuple(need_ids)
        unseen = set(found) - visible_need_ids(connection, viewer, found) if need_ids else ()
    if unseen:
        raise UnknownIdError(
            "%(count)s of the needs: %(reason)s",
            count=len(unseen),
            reason=Message(UNKNOWN_NEED),
        )
    ordered = tuple(dict.fromkeys(found))
    if len(ordered) > most:
        raise InputError(
            "%(count)s needs found, at most %(most)s are matched by a job.",
            count=f"{len(ordered):,}",
            most=f"{most:,}",
        )
    return MatchOrder(ordered, viewer, top, filters)


def queue_job(connection: Connection, order: MatchOrder, *, max_open: int) -> JobState:
    """Queue a job and note it; raises TooManyRequestsError as `create_job` does."""
    job = create_job(connection, order, max_open=max_open)
    audit.record(connection, order.asked, "run", JOB_KIND, job.job_id, needs=job.total)
    return job


def cancel_job(connection: Connection, viewer: Viewer, job_id: str) -> JobState:
    """Let one of the viewer's jobs end before its next need, and note it.

    Raises ForbiddenError, UnknownIdError, ConflictError.
    """
    require(viewer, RUN_JOBS)
    job = ask_to_cancel(connection, viewer, job_id)
    audit.record(connection, viewer, "cancel job", JOB_KIND, job_id)
    return job


def read_result(
    catalogue: Catalogue, viewer: Viewer, job_id: str
) -> tuple[JobState, list[dict[str, Any]]]:
    """Return an ended job of the viewer's and its items, of the needs that they see now.

    Needs and seeds in it that few may see are noted, at every reading. Raises ForbiddenError,
    UnknownIdError, ConflictError.
    """
    require(viewer, RUN_JOBS)
    with reading_as(catalogue, viewer) as connection:
        job = job_of(connection, viewer, job_id)
        if not job.has_ended:
            raise ConflictError(
                "The job is %(state)s: %(done)s of %(total)s are done.",
                state=word(STATE, job.state),
                done=job.done,
                total=job.total,
            )
        items = _seen_items(connection, viewer, job)
    note_naming(catalogue, viewer, {item["need_id"] for item in items}, JOB_WAY.code)
    note_seeds(catalogue, viewer, _seeds(items), JOB_WAY.code)
    return job, items


def _open_needs(connection: Connection, viewer: Viewer) -> tuple[str, ...]:
    found: list[str] = []
    after, more = "", True
    while more:
        page = needs_page(connection, viewer, after=after, limit=_PAGE)
        found += [need.need_id for need in page.items]
        after, more = page.after, bool(page.after)
    return tuple(found)


def _seen_items(connection: Connection, viewer: Viewer, job: JobState) -> list[dict[str, Any]]:
    """Return the items of needs that the viewer sees now; a role's lists are for that role alone."""
    items = result_of(connection, job.job_id)
    if items and order_of(connection, job.job_id).asked.role != viewer.role:
        raise ForbiddenError("Your role has changed since. Run the job again.")
    seen = visible_need_ids(connection, viewer, [item["need_id"] for item in items])
    return [item for item in items if item["need_id"] in seen or item["fault"]]


def _seeds(items: Sequence[dict[str, Any]]) -> set[str]:
    return {
        seed_id
        for item in items
        for match in item.get("matches", ())
        for seed_id in match["seed_ids"]
    }


def list_jobs(
    connection: Connection, viewer: Viewer, state: str = "", *, limit: int = 50, offset: int = 0
) -> list[JobState]:
    """Return all users' jobs, the newest first.

    Raises ForbiddenError, and InputError for an unknown state.
    """
    require(viewer, ADMINISTER)
    if state and state not in JOB_STATES:
        raise InputError(
            "No job has the state %(state)r: expected %(known)s.",
            state=state,
            known=", ".join(JOB_STATES),
        )
    query = select(*SHOWN_COLUMNS)
    if state:
        query = query.where(JOB.c.state == state)
    ordered = query.order_by(JOB.c.created_at.desc(), JOB.c.job_id).limit(limit).offset(offset)
    return [job_state(row) for row in connection.execute(ordered).mappings()]


def count_jobs(connection: Connection, viewer: Viewer) -> dict[str, int]:
    """Return how many jobs have each state."""
    require(viewer, ADMINISTER)
    query = select(JOB.c.state, func.count()).group_by(JOB.c.state)
    found = {row[0]: row[1] for row in connection.execute(query)}
    return {state: found.get(state, 0) for state in JOB_STATES}


def cancel_any_job(connection: Connection, viewer: Viewer, job_id: str) -> None:
    """Stop any user's job that waits, and ask one that runs to stop.

    Raises ForbiddenError, UnknownIdError, ConflictError.
    """
    require(viewer, ADMINISTER)
    query = select(JOB.c.state).where(JOB.c.job_id == job_id.replace("\x00", ""))
    state = connection.execute(query).scalar()
    if state is None:
        raise UnknownIdError("There is no job %(id)r.", id=job_id)
    if state not in {QUEUED, RUNNING}:
        raise ConflictError(
            "The job %(id)r is %(state)s already; nothing is left to stop.",
            id=job_id,
            state=word(STATE, state),
        )
    now = datetime.now(UTC)
    values: dict[str, Any] = {"cancel_asked_at": now}
    if state == QUEUED:
        values |= {"state": CANCELLED, "finished_at": now}
    connection.execute(update(JOB).where(JOB.c.job_id == job_id).values(**values))
    audit.record(connection, viewer, "cancel job", JOB_KIND, job_id)
