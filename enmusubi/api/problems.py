"""Errors as problem details (RFC 9457): one shape for all of them, and never a need's text in it."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from enmusubi.matcher.errors import (
    EmptyNeedError,
    EnmusubiError,
    IndexUnusableError,
    InputError,
    ModelUnavailableError,
    StorageError,
    UnknownIdError,
    UnreadableFileError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
STATUS_OF_ERROR: dict[type[EnmusubiError], int] = {  # the first that fits counts
    EmptyNeedError: 400,
    UnreadableFileError: 400,
    InputError: 422,
    UnknownIdError: 404,
    IndexUnusableError: 503,
    ModelUnavailableError: 503,
    StorageError: 503,
    EnmusubiError: 500,
}


class TooBusyError(EnmusubiError):
    """More requests wait for the encoder than the settings allow."""


class Fault(BaseModel):
    """One field of the request that cannot be used."""

    field: str = Field(examples=["body.top"])
    reason: str = Field(examples=["Input should be less than or equal to 1000"])


class Problem(BaseModel):
    """What went wrong, in the shape of RFC 9457."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["The request has 1 field that cannot be used."])
    instance: str = Field("", examples=["/v1/matches"])
    faults: list[Fault] = Field(default_factory=list)


def problem_response(
    status: int, detail: str, instance: str = "", faults: list[Fault] | None = None
) -> JSONResponse:
    """Return the response for a status; 503 says when to try again."""
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=instance,
        faults=faults or [],
    )
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else None
    return JSONResponse(
        problem.model_dump(), status_code=status, media_type=MEDIA_TYPE, headers=headers
    )


def status_of(error: EnmusubiError) -> int:
    """Return the status that an error of the matcher is answered with."""
    if isinstance(error, TooBusyError):
        return 503
    return next(status for kind, status in STATUS_OF_ERROR.items() if isinstance(error, kind))


def install(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""

    async def of_matcher(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, EnmusubiError)  # noqa: S101
        return problem_response(status_of(error), str(error), request.url.path)

    async def of_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        faults = [Fault(field=_place(e["loc"]), reason=str(e["msg"])) for e in error.errors()]
        detail = f"The request has {len(faults)} field(s) that cannot be used."
        return problem_response(422, detail, request.url.path, faults)

    async def of_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        return problem_response(error.status_code, str(error.detail), request.url.path)

    async def of_anything(request: Request, error: Exception) -> JSONResponse:
        detail = "The server failed on this request. It was logged; the request itself was not."
        return problem_response(500, detail, request.url.path)

    app.add_exception_handler(EnmusubiError, of_matcher)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(Exception, of_anything)


def _place(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location)
