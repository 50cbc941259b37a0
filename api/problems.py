"""Errors as problem details (RFC 9457): one shape for all of them, and never a need's text in it."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from enmusubi.errors import (
    CatalogueUnusableError,
    ClusterUnusableError,
    ConflictError,
    EmptyNeedError,
    EnmusubiError,
    ForbiddenError,
    IndexUnusableError,
    InputError,
    ModelUnavailableError,
    NotSignedInError,
    ProviderUnavailableError,
    SealError,
    StaleVersionError,
    StorageError,
    TooBusyError,
    TooManyRequestsError,
    UnknownIdError,
    UnreadableFileError,
)
from enmusubi.messages import N_, Message, listed
from enmusubi.settings import Settings

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
THE_CACHE, THE_DATA_FOLDER = Message("the cache"), Message("the data folder")
ONE_FAULT = N_("The request has %(count)s field that cannot be used.")
SEVERAL_FAULTS = N_("The request has %(count)s fields that cannot be used.")
MAX_FAULTS = 100  # that an answer lists
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_FIELD_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")
_OURS = frozenset({"path", "header", "cookie"})  # of what is sent there, only what we name is read
STATUS_OF_ERROR: dict[type[EnmusubiError], int] = {  # the first that fits counts
    EmptyNeedError: 400,
    UnreadableFileError: 400,
    InputError: 422,
    UnknownIdError: 404,
    NotSignedInError: 401,
    ForbiddenError: 403,
    StaleVersionError: 412,
    ConflictError: 409,
    TooManyRequestsError: 429,
    ProviderUnavailableError: 503,
    IndexUnusableError: 503,
    ClusterUnusableError: 503,
    ModelUnavailableError: 503,
    CatalogueUnusableError: 503,
    SealError: 503,
    StorageError: 503,
    TooBusyError: 503,
    EnmusubiError: 500,
}


class FieldProblem(BaseModel):
    """One field of the request that cannot be used."""

    __qualname__ = "Fault"  # its name in the API's description
    model_config = ConfigDict(title="Fault")

    field: str = Field(examples=["body.top"])
    reason: str = Field(examples=["Input should be less than or equal to 1000"])


class Problem(BaseModel):
    """What went wrong, in the shape of RFC 9457."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["The request has 1 field that cannot be used."])
    instance: str = Field("", examples=["/v1/matches"])
    faults: list[FieldProblem] = Field(default_factory=list)


FieldProblems = Sequence[FieldProblem]


class ErrorAnswer(Protocol):
    """Returns the answer for an error of one request."""

    def __call__(
        self, scope: Scope, status: int, detail: Message, faults: FieldProblems = ...
    ) -> Response:
        """Return the answer; `detail` and `faults` are shown to who asked."""
        ...


def retry_headers(status: int, error: EnmusubiError | None = None) -> dict[str, str]:
    """Return the header that says when to try again, where the error or the status passes."""
    if isinstance(error, TooManyRequestsError | TooBusyError):
        return {"Retry-After": str(error.retry_after_s)}
    return {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}


def problem_response(
    status: int, detail: str, instance: str = "", faults: FieldProblems = (), title: str = ""
) -> JSONResponse:
    """Return the response for a status; 503 says when to try again.

    `title` is the status in words, in English where it is left out.
    """
    problem = Problem(
        title=title or HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=instance,
        faults=list(faults),
    )
    return JSONResponse(
        problem.model_dump(),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=retry_headers(status),
    )


def without_folders(detail: Message, settings: Settings) -> Message:
    """Return what an error says without naming where on the machine its folders are."""
    folders = {str(settings.cache_dir): THE_CACHE, str(settings.data_dir): THE_DATA_FOLDER}

    def named(value: object) -> object:
        for folder, name in folders.items():
            before, found, after = str(value).partition(folder)
            if found:
                return listed((named(before), name, named(after)), "")
        return value

    return detail.with_values(named)


def status_of(error: EnmusubiError) -> int:
    """Return the status that an error of the matcher is answered with."""
    return next(status for kind, status in STATUS_OF_ERROR.items() if isinstance(error, kind))


def install(app: FastAPI, answer: ErrorAnswer) -> None:
    """Answer every foreseen error of the application by `answer`."""

    async def of_matcher(request: Request, error: Exception) -> Response:
        assert isinstance(error, EnmusubiError)  # noqa: S101
        response = answer(request.scope, status_of(error), error.message)
        response.headers.update(retry_headers(response.status_code, error))
        return response

    async def of_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        sent = {"body": error.body, "query": request.query_params}
        found = error.errors()
        faults = [
            FieldProblem(field=_place(one["loc"], sent), reason=str(one["msg"]))
            for one in found[:MAX_FAULTS]
        ]
        detail = Message(ONE_FAULT if len(found) == 1 else SEVERAL_FAULTS, {"count": len(found)})
        return answer(request.scope, 422, detail, faults)

    async def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        response = answer(request.scope, error.status_code, Message(str(error.detail)))
        response.headers.update(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = ", ".join(allowed_methods(app, request.scope))
        return response

    app.add_exception_handler(EnmusubiError, of_matcher)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(HTTPException, of_http)


def _place(location: tuple[Any, ...], sent: Mapping[str, Any]) -> str:
    """Return a field's path; a name that is none may be a need's text, so that its place stands there.

    `sent` is what came in body and query: the third name in the body is `body.#3`.
    """
    named = [str(location[0])]
    around = sent.get(named[0])
    for part in location[1:]:
        is_known = named[0] in _OURS or _FIELD_NAME.fullmatch(str(part))
        named.append(str(part) if is_known else _number(part, around))
        around = around.get(part) if isinstance(around, Mapping) else _item(around, part)
    return ".".join(named)


def _number(name: Any, around: Any) -> str:
    names = list(around) if isinstance(around, Mapping) else []
    return f"#{names.index(name) + 1}" if name in names else "#"


def _item(around: Any, part: Any) -> Any:
    is_there = isinstance(around, list) and isinstance(part, int) and part < len(around)
    return around[part] if is_there else None


def allowed_methods(app: FastAPI, scope: Scope) -> list[str]:
    """Return the methods that a request's path can be asked with."""
    return [
        method
        for method in METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in app.routes)
    ]
