"""The routes of jobs: many needs are matched at once, and the asker comes back for the result."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.authentication import CurrentViewer
from api.parameters import AnId, PageQuery, link_next, problems
from api.services import Services
from api.v1.idempotency import Asked, IdempotencyKey, Made, created_once, given_before
from api.v1.paths import JOB
from api.v1.schemas.matches import FiltersIn, Top
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, ForbiddenError, InputError, UnknownIdError
from office.access import audit
from office.access.access_log import note_naming
from office.access.rules import RUN_JOBS, require
from office.access.scoped import reading_as, writing_as
from office.jobs.jobs import (
    JobState,
    MatchOrder,
    ask_to_cancel,
    create_job,
    job_of,
    jobs_page,
    order_of,
    result_of,
)
from office.needs.reading import UNKNOWN_NEED, needs_page, visible_need_ids

JOB_KIND = "job"  # of objects in the audit trail
JobId = Annotated[AnId, Path(description="A job's id.", examples=["job_0f4c2a7be9d61538"])]
_PAGE = 200
_MAX_IDS = 100_000  # refused by the settings' limit before; this bounds what is parsed


class MatchJobIn(BaseModel):
    """Which needs are to be matched, and how."""

    model_config = ConfigDict(extra="forbid")

    need_ids: list[AnId] | None = Field(
        None,
        min_length=1,
        max_length=_MAX_IDS,
        description="Needs by their ids; without them, all open needs that you may see.",
        examples=[["N-01", "N-02"]],
    )
    filters: FiltersIn = Field(default_factory=FiltersIn)
    top: Top = 10


class JobOut(BaseModel):
    """A job and how far it is."""

    job_id: str
    kind: str = Field(examples=["matches"])
    state: str = Field(description="queued, running, done, failed or cancelled.")
    done: int = Field(description="Needs that are done.")
    total: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_asked_at: datetime | None
    fault: str = Field(
        description="Why it ended early: `rights` (your role may not any more), `unexpected`; "
        "`forgotten`: its result was kept long enough. Empty: nothing is wrong."
    )

    @classmethod
    def of(cls, job: JobState) -> "JobOut":
        """Return the answer for a job."""
        return cls.model_validate(job, from_attributes=True)


class JobsOut(BaseModel):
    """Your jobs, the newest first."""

    items: list[JobOut]
    next_cursor: str = Field(description="`cursor` of the next page; empty on the last one.")


class JobMatchOut(BaseModel):
    """One researcher of a need's list; the routes of researchers and seeds tell more."""

    rank: int
    researcher_id: str
    score: float
    probability: float | None
    strength: str
    seed_ids: list[str] = Field(description="The seeds that carry the match, best first.")


class JobItemOut(BaseModel):
    """A need's list."""

    need_id: str
    fault: Literal["", "unknown", "unmatchable"] = Field(
        description="Why there is no list: no need that you may see; nothing in it to search with."
    )
    fits_nobody: bool = False
    index_version: str = ""
    matches: list[JobMatchOut] = Field(default_factory=list)


class JobResultOut(BaseModel):
    """What is done of a job, in the order of its needs."""

    job: JobOut
    items: list[JobItemOut]


def build_router(services: Services) -> APIRouter:
    """Return the routes of jobs."""
    router = APIRouter(tags=["jobs"])
    _add_creation(router, services)
    _add_reading(router, services)
    _add_result(router, services)
    return router


def _add_creation(router: APIRouter, services: Services) -> None:
    catalogue, max_open = services.catalogue, services.settings.jobs.max_open

    @router.post(
        "/v1/jobs/matches",
        operation_id="matchMany",
        status_code=202,
        response_model=JobOut,
        responses=problems(404, 413),
    )
    def match_many(
        viewer: CurrentViewer,
        wanted: Annotated[MatchJobIn, Body()],
        key: IdempotencyKey = None,
    ) -> Response:
        """Match many needs; the answer says where to ask how far it is."""
        require(viewer, RUN_JOBS)
        asked: Asked = ("/v1/jobs/matches", wanted)
        if before := given_before(catalogue, viewer, key, asked):
            return before
        order = _order(services, viewer, wanted)
        with writing_as(catalogue, viewer) as connection:
            make = lambda: _made(connection, order, max_open)  # noqa: E731
            return created_once(connection, viewer, key, asked, make)


def _order(services: Services, viewer: Viewer, wanted: MatchJobIn) -> MatchOrder:
    """Return what the job is to do; raises UnknownIdError and InputError for its needs."""
    need_ids, most = _need_ids(services, viewer, wanted.need_ids), services.settings.jobs.max_needs
    if len(need_ids) > most:
        raise InputError(
            "%(count)s needs found, at most %(most)s are matched by a job.",
            count=f"{len(need_ids):,}",
            most=f"{most:,}",
        )
    return MatchOrder(need_ids, viewer, wanted.top, wanted.filters.record())


def _made(connection: Connection, order: MatchOrder, max_open: int) -> Made:
    job = create_job(connection, order, max_open=max_open)
    audit.record(connection, order.asked, "run", JOB_KIND, job.job_id, needs=job.total)
    return Made(JobOut.of(job), {"Location": f"/v1/jobs/{job.job_id}"}, 202)


def _need_ids(services: Services, viewer: Viewer, asked: list[str] | None) -> tuple[str, ...]:
    """Return the needs' ids, each once; raises UnknownIdError for any that the viewer sees not."""
    with reading_as(services.catalogue, viewer) as connection:
        if asked is not None:
            unseen = set(asked) - visible_need_ids(connection, viewer, asked)
            if unseen:
                raise UnknownIdError(
                    "%(count)s of the needs: %(reason)s",
                    count=len(unseen),
                    reason=UNKNOWN_NEED,
                )
            return tuple(dict.fromkeys(asked))
        found: list[str] = []
        page = needs_page(connection, viewer, limit=_PAGE)
        found += [need.need_id for need in page.items]
        while page.after:
            page = needs_page(connection, viewer, after=page.after, limit=_PAGE)
            found += [need.need_id for need in page.items]
        return tuple(found)


def _add_reading(router: APIRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.get("/v1/jobs", operation_id="listJobs", responses=problems())
    def list_jobs(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[PageQuery, Query()],
    ) -> JobsOut:
        """List your jobs, the newest first."""
        require(viewer, RUN_JOBS)
        with reading_as(catalogue, viewer) as connection:
            page = jobs_page(connection, viewer, after=wanted.cursor, limit=wanted.limit)
        link_next(request, response, page.after)
        return JobsOut(items=[JobOut.of(job) for job in page.items], next_cursor=page.after)

    @router.get(JOB, operation_id="getJob", responses=problems(404))
    def get_job(viewer: CurrentViewer, job_id: JobId) -> JobOut:
        """Say how far a job of yours is."""
        require(viewer, RUN_JOBS)
        with reading_as(catalogue, viewer) as connection:
            return JobOut.of(job_of(connection, viewer, job_id))

    @router.post(
        f"{JOB}/cancel",
        operation_id="cancelJob",
        status_code=202,
        responses=problems(404, 409),
    )
    def cancel(viewer: CurrentViewer, job_id: JobId) -> JobOut:
        """Let a job of yours end before its next need; what is done of it stays."""
        require(viewer, RUN_JOBS)
        with writing_as(catalogue, viewer) as connection:
            job = ask_to_cancel(connection, viewer, job_id)
            audit.record(connection, viewer, "cancel job", JOB_KIND, job_id)
        return JobOut.of(job)


def _add_result(router: APIRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.get(f"{JOB}/result", operation_id="getJobResult", responses=problems(404, 409))
    def result(viewer: CurrentViewer, job_id: JobId) -> JobResultOut:
        """Return the lists of a job that has ended, of the needs that you may still see."""
        require(viewer, RUN_JOBS)
        with reading_as(catalogue, viewer) as connection:
            job = job_of(connection, viewer, job_id)
            if not job.has_ended:
                raise ConflictError(
                    "The job is %(state)s: %(done)s of %(total)s are done.",
                    state=job.state,
                    done=job.done,
                    total=job.total,
                )
            items = _seen_items(connection, viewer, job)
        note_naming(catalogue, viewer, {item["need_id"] for item in items}, "job")
        return JobResultOut(job=JobOut.of(job), items=[JobItemOut(**item) for item in items])


def _seen_items(connection: Connection, viewer: Viewer, job: JobState) -> list[dict[str, Any]]:
    """Return the items of needs that the viewer sees now; lists of another role are nobody's."""
    items = result_of(connection, job.job_id)
    if items and order_of(connection, job.job_id).asked.role != viewer.role:
        raise ForbiddenError("Your role has changed since. Run the job again.")
    seen = visible_need_ids(connection, viewer, [item["need_id"] for item in items])
    return [item for item in items if item["need_id"] in seen or item["fault"]]
