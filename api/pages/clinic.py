"""The page of the clinic: questions to a vague need, its list as they are answered, and its purpose."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

import anyio
from fastapi import Form, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import CurrentViewer, Services
from api.middleware.rate_limits import SEARCHES
from api.pages.rendering import need_path, render, see_other
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from enmusubi.language import detect_language
from matcher.explaining.words import STRENGTHS, percentage
from office.access.access_log import note_reading
from office.access.rules import VEIL, require
from office.access.scoped import reading_as, writing_as
from office.clinic.choosing import (
    MAX_ANSWER_CHARS,
    MOST_QUESTIONS,
    Consultation,
    conditions_with,
    consult,
)
from office.clinic.purpose import (
    check_may_consult,
    keep_purpose,
    proposed_purpose,
    purpose_of,
)
from office.clinic.questions import ACTING, AREAS, BESIDE, QUESTIONS, SECRET
from office.needs.editing import change_need
from office.needs.reading import SeenNeed, need_of

_DIGITS = re.compile(r"[0-9]{1,15}")
Answer = Annotated[str, Field(max_length=MAX_ANSWER_CHARS)]


class ClinicForm(BaseModel):
    """What was answered, by click (`what`) or in words (`what_words`), and what else is kept."""

    what: Answer = ""
    whom: Answer = ""
    value: Answer = ""
    tried: Answer = ""
    success: Answer = ""
    secret: Answer = ""
    what_words: Answer = ""
    whom_words: Answer = ""
    horizon: Answer = ""
    budget_jpy: str = Field("", max_length=20)
    version: str = Field("", max_length=200)

    def given(self) -> dict[str, str]:
        """Return the answers by the question's id: words before clicks."""
        told = {
            one: (getattr(self, f"{one}_words", "") or getattr(self, one, "")).strip()
            for one in QUESTIONS
        }
        return {one: answer for one, answer in told.items() if answer}


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_questions(router, services)
    _add_keeping(router, services)
    return router


def _add_questions(router: LazyRouter, services: Services) -> None:
    @router.get("/needs/{need_id:path}/clinic", dependencies=SEARCHES)
    async def begin(request: Request, viewer: CurrentViewer, need_id: str) -> Response:
        return await _page(request, viewer, services, need_id, ClinicForm())

    @router.post("/needs/{need_id:path}/clinic", dependencies=SEARCHES)
    async def answered(
        request: Request, viewer: CurrentViewer, need_id: str, form: Annotated[ClinicForm, Form()]
    ) -> Response:
        return await _page(request, viewer, services, need_id, form)


def _add_keeping(router: LazyRouter, services: Services) -> None:
    max_chars = services.settings.need.max_chars

    @router.post("/needs/{need_id:path}/clinic/save", dependencies=SEARCHES)
    async def save(
        viewer: CurrentViewer, need_id: str, form: Annotated[ClinicForm, Form()]
    ) -> Response:
        need, _ = await anyio.to_thread.run_sync(_read, services, viewer, need_id)
        found = await consult(services.matching, viewer, need.as_need(), form.given())
        fields: dict[str, Any] = {"text": found.text}
        language = found.vagueness.language
        conditions = conditions_with(need.constraints, form.given(), language)
        if conditions != need.constraints:
            fields["constraints"] = conditions
        if form.secret in AREAS:
            fields["area"] = form.secret
        if form.horizon.strip():
            fields["horizon"] = form.horizon.strip()
        if form.budget_jpy.strip():
            fields["budget_jpy"] = _yen(form.budget_jpy)

        def keep() -> None:
            with writing_as(services.catalogue, viewer) as connection:
                change_need(
                    connection,
                    viewer,
                    need_id,
                    fields,
                    max_chars=max_chars,
                    expected_version=form.version or None,
                )

        await anyio.to_thread.run_sync(keep)
        return see_other(f"{need_path(need_id)}/clinic", "saved")

    @router.post("/needs/{need_id:path}/clinic/purpose")
    def purpose(
        viewer: CurrentViewer, need_id: str, said: Annotated[str, Form(max_length=2_000)] = ""
    ) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            keep_purpose(connection, viewer, need_id, said)
        return see_other(f"{need_path(need_id)}/clinic", "saved")


async def _page(
    request: Request, viewer: Viewer, services: Services, need_id: str, form: ClinicForm
) -> Response:
    need, kept = await anyio.to_thread.run_sync(_read, services, viewer, need_id)
    given = form.given()
    found = await consult(services.matching, viewer, need.as_need(), given)
    language = found.vagueness.language
    shown: dict[str, Any] = {
        "need": need,
        "form": form,
        "found": found,
        "given": given,
        "asked": found.questions[:MOST_QUESTIONS],
        "acting": {one: said for one, said in given.items() if one in ACTING},
        "beside": [QUESTIONS[one] for one in BESIDE],
        "spoken": {one: detect_language(said) for one, said in given.items()},
        "question_texts": {one: QUESTIONS[one].text for one in QUESTIONS},
        "moves": moves_of(found),
        "areas": AREAS,
        "secret": SECRET,
        "kept_purpose": kept,
        "purpose": kept or proposed_purpose(need.title, found.before, given, language),
        "percentage": percentage,
        "strength_words": STRENGTHS,
    }
    return render(request, viewer, "clinic.html", **shown)


def moves_of(found: Consultation) -> Mapping[str, int | None]:
    """Return by how many places each person of the list rose, None for who was not in it before."""
    before = {one.researcher.researcher_id: one.rank for one in found.before.matches}
    now = {one.researcher.researcher_id: one.rank for one in found.matches.matches}
    return {who: before[who] - rank if who in before else None for who, rank in now.items()}


def _read(services: Services, viewer: Viewer, need_id: str) -> tuple[SeenNeed, str]:
    require(viewer, VEIL)  # before the need is looked for: a role is told the same of every id
    with reading_as(services.catalogue, viewer) as connection:
        need = need_of(connection, viewer, need_id)
        check_may_consult(viewer, need)
        kept = purpose_of(connection, viewer, need_id)
    note_reading(services.catalogue, viewer, need, "clinic")
    return need, kept


def _yen(given: str) -> int:
    digits = given.replace(",", "").strip()
    if not _DIGITS.fullmatch(digits):
        raise InputError("not a number of yen.", of_field="budget_jpy")
    return int(digits)
