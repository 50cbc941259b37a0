"""The routes of jobs: many needs are matched at once, and the caller comes back for the result."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.dependencies import (
    JOB,
    AcceptLanguage,
    AnId,
    CurrentViewer,
    NextCursor,
    PageQuery,
    Services,
    allowed,
    language_for,
    link_next,
    problems,
)
from api.v1.idempotency import (
    Creation,
    IdempotencyKey,
    RequestContent,
    create_once,
    owned,
    stored_answer,
)
from api.v1.json_bodies import Router
from api.v1.schemas.matches import FiltersIn, Top
from matcher.explaining.standing import nobody_fits
from office.access.rules import RUN_JOBS, require
from office.access.scoped import reading_as, writing_as
from office.jobs.jobs import JobState, MatchOrder, job_of, jobs_page
from office.jobs.requests import cancel_job, order_for, queue_job, read_result

JobId = Annotated[AnId, Path(description="A job's id.", examples=["job_0f4c2a7be9d61538"])]
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
    next_cursor: NextCursor


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
    notice: str = Field(
        "",
        description="What is to be said above the list where nobody fits, in the language that "
        "Accept-Language asks for; it does not name the need, of which a job keeps no text.",
    )

    @classmethod
    def of(cls, item: Mapping[str, Any], language: str) -> "JobItemOut":
        """Return the answer for an item of a job's result."""
        out = cls(**item)
        if out.fits_nobody and out.matches:
            out.notice = nobody_fits("", language)
        return out


class JobResultOut(BaseModel):
    """What is done of a job, in the order of its needs."""

    job: JobOut
    items: list[JobItemOut]


def build_router(services: Services) -> Router:
    """Return the routes of jobs."""
    router = Router(tags=["jobs"])
    _add_creation(router, services)
    _add_reading(router, services)
    return router


def _add_creation(router: Router, services: Services) -> None:
    catalogue, limits = services.catalogue, services.settings.jobs

    @router.post(
        "/v1/jobs/matches",
        operation_id="matchMany",
        status_code=202,
        response_model=JobOut,
        dependencies=allowed(RUN_JOBS),
        responses=problems(404, 413),
    )
    def match_many(
        viewer: CurrentViewer,
        wanted: Annotated[MatchJobIn, Body()],
        key: IdempotencyKey = None,
    ) -> Response:
        """Match many needs; the answer says where to ask how far it is."""
        content: RequestContent = ("/v1/jobs/matches", wanted)
        if before := stored_answer(catalogue, viewer, key, content, still=owned):
            return before
        order = order_for(
            catalogue,
            viewer,
            wanted.need_ids,
            most=limits.max_needs,
            top=wanted.top,
            filters=wanted.filters.record(),
        )
        with writing_as(catalogue, viewer) as connection:
            make = lambda: _made(connection, order, limits.max_open)  # noqa: E731
            return create_once(connection, viewer, key, content, make, still=owned)


def _made(connection: Connection, order: MatchOrder, max_open: int) -> Creation:
    job = queue_job(connection, order, max_open=max_open)
    return Creation(JobOut.of(job), {"Location": f"/v1/jobs/{job.job_id}"}, 202)


def _add_reading(router: Router, services: Services) -> None:
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
        with writing_as(catalogue, viewer) as connection:
            return JobOut.of(cancel_job(connection, viewer, job_id))

    @router.get(f"{JOB}/result", operation_id="getJobResult", responses=problems(404, 409))
    def result(viewer: CurrentViewer, job_id: JobId, language: AcceptLanguage = "") -> JobResultOut:
        """Return the lists of a job that has ended, of the needs that you may still see."""
        job, items = read_result(catalogue, viewer, job_id)
        said = language_for(language)
        return JobResultOut(job=JobOut.of(job), items=[JobItemOut.of(one, said) for one in items])
