"""The page that a researcher's link opens: the letter, and its answer. Nobody signs in here.

Whoever has the link may read the letter and answer it once, and learns nothing else. A link that is unknown,
answered, over or taken back is answered alike. The link stands in no log: a request is logged by its route.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import anyio
from fastapi import Form, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import Services
from api.middleware.rate_limits import AttemptLimiter, network_of
from api.pages.inquiries import ANSWER_LABELS
from api.pages.rendering import render
from api.routing import LazyRouter
from api.signin.places import is_foreign
from enmusubi.errors import ForbiddenError, InputError, TooManyRequestsError, UnknownIdError
from enmusubi.messages import Message
from office.inquiries.answering import (
    MAX_CASES,
    MAX_REMARK_CHARS,
    MAX_WHO_CHARS,
    GivenAnswer,
    answer_inquiry,
    open_inquiry,
)
from office.inquiries.kept import ANSWERS_PATH

REQUESTS = 60  # of one address, in five minutes
_LIMITS = {"most_cases": MAX_CASES, "most_who": MAX_WHO_CHARS, "most_remark": MAX_REMARK_CHARS}


class AnswerForm(BaseModel):
    """What the page sends."""

    answer: str = Field("", max_length=20)
    not_before: str = Field("", max_length=20)
    cases: str = Field("", max_length=20)
    who_else: str = Field("", max_length=4_000)
    remark: str = Field("", max_length=8_000)


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    catalogue, limiter = services.catalogue, AttemptLimiter(REQUESTS)

    @router.get(f"{ANSWERS_PATH}/{{token}}")
    async def letter(request: Request, token: str) -> Response:
        _count(limiter, request)
        try:
            inquiry = await anyio.to_thread.run_sync(open_inquiry, catalogue, token)
        except UnknownIdError:
            return _gone(request)
        return _letter(request, inquiry.message, inquiry.language, vars(AnswerForm()))

    @router.post(f"{ANSWERS_PATH}/{{token}}")
    async def answered(
        request: Request, token: str, form: Annotated[AnswerForm, Form()]
    ) -> Response:
        if is_foreign(request, services.settings.sign_in.public_url):
            raise ForbiddenError(
                "Another site's page sent this. Open the page here and repeat it; behind a proxy, set "
                "sign_in.public_url."
            )
        _count(limiter, request)
        try:
            inquiry = await anyio.to_thread.run_sync(open_inquiry, catalogue, token)
            try:
                await anyio.to_thread.run_sync(answer_inquiry, catalogue, token, _given(form))
            except InputError as error:
                values = vars(form)
                return _letter(request, inquiry.message, inquiry.language, values, error.message)
        except UnknownIdError:
            return _gone(request)
        return render(request, None, "answer_done.html", is_kept=True)

    return router


def _letter(
    request: Request,
    message: str,
    language: str,
    values: Mapping[str, str],
    fault: Message | None = None,
) -> Response:
    shown: dict[str, Any] = {"message": message, "letter_language": language, "values": values}
    shown |= {"fault": fault, "answer_labels": ANSWER_LABELS, **_LIMITS}
    return render(request, None, "answer.html", 422 if fault else 200, **shown)


def _gone(request: Request) -> Response:
    return render(request, None, "answer_done.html", 404, is_kept=False)


def _count(limiter: AttemptLimiter, request: Request) -> None:
    try:
        limiter.count(network_of(request.client.host if request.client else ""))
    except TooManyRequestsError as error:
        raise TooManyRequestsError(
            "This page was asked for too often. Wait a few minutes and try again.",
            retry_after_s=error.retry_after_s,
        ) from None


def _given(form: AnswerForm) -> GivenAnswer:
    """Return the answer of a form; raises InputError."""
    try:
        later = date.fromisoformat(form.not_before) if form.not_before.strip() else None
        cases = int(form.cases) if form.cases.strip() else None
    except ValueError:
        raise InputError("Give a day such as 2027-03-31, and a number of cases.") from None
    return GivenAnswer(form.answer, later, cases, form.who_else, form.remark)
