"""The runner of jobs: one job at a time, each need with its owner's rights, behind all requests.

Progress is saved every few seconds; a runner that is killed in between does those seconds again.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from catalogue.database.account_models import ApiKey, UserAccount
from catalogue.database.service_models import CANCELLED, DONE, FAILED
from catalogue.database.viewer import LOCAL_VIEWER, PERSON, Viewer
from enmusubi.errors import AlreadyRunningError, EnmusubiError, InputError, UnknownIdError
from enmusubi.locks import exclusive_lock
from matcher.records import MatchList
from office.access.rules import RUN_JOBS, may
from office.accounts.keys import select_keys, viewer_of_row
from office.accounts.users import user_of
from office.jobs.jobs import (
    JobState,
    MatchOrder,
    finish,
    forget_results,
    job_of,
    next_job,
    note_progress,
    order_of,
)
from office.matching import Question, ServedMatching, stored_need

SAVE_EVERY_S = 2.0
FORGET_EVERY_S = 3600.0
LOCK_NAME = "jobs.lock"
RIGHTS, UNEXPECTED = "rights", "unexpected"  # faults of jobs
UNKNOWN, UNMATCHABLE = "unknown", "unmatchable"  # faults of needs
OnJob = Callable[[str], None]
_log = logging.getLogger(__name__)


@dataclass
class _Ended(Exception):  # noqa: N818 - how a job ends, not an error
    """The job ends before its last need."""

    state: str
    fault: str = ""


class JobRunner:
    """Does what is queued; `on_job` is told the state in which each job ends."""

    def __init__(
        self, matching: ServedMatching, on_job: OnJob, *, save_every_s: float = SAVE_EVERY_S
    ) -> None:
        self._matching = matching
        self._catalogue = matching.catalogue
        self._on_job = on_job
        self._save_every_s = save_every_s
        self._forget_at = 0.0

    def work(self, stopping: threading.Event) -> bool:
        """Work at the next job; returns whether there may be another one at once."""
        self._forget()
        if self._next() is None:
            return False
        try:
            with exclusive_lock(self._lock, activity="serve"):
                job = self._next()  # another process may have done it meanwhile
                if job is not None:
                    self._do(job, stopping)
        except AlreadyRunningError:  # another process of this folder works at them
            return False
        return not stopping.is_set()

    @property
    def _lock(self) -> Path:
        return self._matching.settings.data_dir / LOCK_NAME

    def _next(self) -> JobState | None:
        with self._catalogue.reading() as connection:
            return next_job(connection)

    def _do(self, job: JobState, stopping: threading.Event) -> None:
        _log.info("job %s goes on at %s of %s", job.job_id, job.done, job.total)
        try:
            if not self._match_all(job, stopping):
                return
            state, fault = DONE, ""
        except _Ended as ended:
            state, fault = ended.state, ended.fault
        except (EnmusubiError, CancelledError):  # no index, no database, the end of the service
            raise
        except Exception as error:
            _log.error("job %s failed: unexpected %s", job.job_id, type(error).__name__)
            state, fault = FAILED, UNEXPECTED
        with self._catalogue.writing() as connection:
            finish(connection, job, state, fault)
        self._on_job(state)
        _log.info("job %s is %s", job.job_id, state)

    def _match_all(self, job: JobState, stopping: threading.Event) -> bool:
        """Match what is left of a job and return whether that is all of it."""
        with self._catalogue.reading() as connection:
            order = order_of(connection, job.job_id)
        with self._saving(job) as items:
            for need_id in order.need_ids[job.done :]:
                if stopping.is_set():
                    return False
                items.append(self._match(self._owner(job, order), order, need_id))
        return True

    @contextmanager
    def _saving(self, job: JobState) -> Iterator["_Saved"]:
        saved = _Saved(lambda items: self._save(job, items), self._save_every_s)
        try:
            saved.save()  # marks the job as running
            yield saved
        finally:
            saved.save()

    def _save(self, job: JobState, items: list[dict[str, Any]]) -> None:
        with self._catalogue.writing() as connection:
            note_progress(connection, job, items)

    def _owner(self, job: JobState, order: MatchOrder) -> Viewer:
        """Return who the job belongs to as of now; ends a job that is not wanted or allowed."""
        with self._catalogue.reading() as connection:
            if job_of(connection, order.asked, job.job_id).cancel_asked_at:
                raise _Ended(CANCELLED)
            owner = owner_now(connection, order.asked)
        if owner is None:
            raise _Ended(FAILED, RIGHTS)
        return owner

    def _match(self, viewer: Viewer, order: MatchOrder, need_id: str) -> dict[str, Any]:
        try:
            need = stored_need(self._catalogue, viewer, need_id).as_need()
            matches = self._matching.match_behind(viewer, Question(need, order.top, order.filters))
        except UnknownIdError:
            return {"need_id": need_id, "fault": UNKNOWN}
        except InputError:
            return {"need_id": need_id, "fault": UNMATCHABLE}
        return _item(matches)

    def _forget(self) -> None:
        if time.monotonic() < self._forget_at:
            return
        self._forget_at = time.monotonic() + FORGET_EVERY_S
        with self._catalogue.writing() as connection:
            keep_days = self._matching.settings.jobs.keep_days
            forgotten = forget_results(connection, keep_days=keep_days)
        if forgotten:
            _log.info("the results of %s jobs were dropped", forgotten)


def owner_now(connection: Connection, asked: Viewer) -> Viewer | None:
    """Return who asked with the rights of this moment; None where the job is not allowed any more.

    A user whose role changed since has to ask again: the list would be another one.
    """
    found = _person(connection, asked) if asked.kind == PERSON else _machine(connection, asked)
    if found is None or found.role != asked.role or not may(found, RUN_JOBS):
        return None
    return found


def _person(connection: Connection, asked: Viewer) -> Viewer | None:
    query = select(UserAccount.__table__)
    if asked == LOCAL_VIEWER:  # while there are no accounts
        return asked if connection.execute(query.limit(1)).first() is None else None
    row = connection.execute(query.where(UserAccount.user_id == asked.viewer_id)).first()
    return user_of(row).viewer if row is not None and row.disabled_at is None else None


def _machine(connection: Connection, asked: Viewer) -> Viewer | None:
    """Return the machine with the scopes of then that any good key of it still grants."""
    now = datetime.now(UTC)
    rows = connection.execute(select_keys().where(ApiKey.client_id == asked.viewer_id)).all()
    found = [viewer for row in rows if (viewer := viewer_of_row(connection, row, now))]
    if not found:
        return None
    granted = frozenset[str]().union(*(viewer.scopes for viewer in found))
    return replace(found[0], scopes=asked.scopes & granted)


class _Saved:
    """What is done and not saved yet; saves itself every so often."""

    def __init__(self, write: Callable[[list[dict[str, Any]]], None], every_s: float) -> None:
        self._write = write
        self._every_s = every_s
        self._items: list[dict[str, Any]] = []
        self._saved_at = time.monotonic()

    def append(self, item: dict[str, Any]) -> None:
        """Take what was done now."""
        self._items.append(item)
        if time.monotonic() - self._saved_at >= self._every_s:
            self.save()

    def save(self) -> None:
        """Write what is done."""
        items, self._items = self._items, []
        self._write(items)
        self._saved_at = time.monotonic()


def _item(matches: MatchList) -> dict[str, Any]:
    """Return a need's line of the result: who fits, how well, by which seeds; no texts."""
    listed = [
        {
            "rank": match.rank,
            "researcher_id": match.researcher.researcher_id,
            "score": match.score,
            "probability": match.probability,
            "strength": match.strength,
            "seed_ids": [evidence.seed_id for evidence in match.evidence],
        }
        for match in matches.matches
    ]
    return {
        "need_id": matches.need_id,
        "fault": "",
        "fits_nobody": matches.fits_nobody,
        "index_version": matches.index_version,
        "matches": listed,
    }
