"""The routes of asking researchers: the draft of a letter, sending or copying it, what became of it."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import Form, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.dependencies import CurrentViewer, Number, Services
from api.middleware.rate_limits import SEARCHES
from api.pages.rendering import need_path, render, see_other
from api.routing import LazyRouter
from api.signin.places import base_url
from catalogue.database.viewer import LOCAL_ID, Viewer
from catalogue.judgements.judgements import Judgement
from enmusubi.errors import InputError
from enmusubi.messages import N_
from matcher.records import Evidence
from office.access.access_log import note_reading
from office.access.rules import INQUIRE, require
from office.access.scoped import reading_as, writing_as
from office.inquiries.asking import (
    InquiryDraft,
    SentInquiry,
    addresses_of,
    ask,
    check_may_ask,
    revoke_inquiry,
    take_note,
)
from office.inquiries.drafting import (
    DraftParts,
    default_wish,
    language_for,
    letter_of,
    may_be_told,
)
from office.inquiries.kept import (
    ANSWERS_PATH,
    asked_lately,
    inquiries_of,
    inquiry_of,
)
from office.inquiries.preparing import last_day, question_for, usual_day, why_found
from office.mail.inquiry_mail import with_link
from office.needs.judging import judge
from office.needs.reading import SeenNeed, need_of
from office.people import cards_of, names_of
from office.researchers import SeenResearcher, researcher_of
from office.screening.rule_book import rule_book
from office.screening.screening import screen
from office.veil.deciding import StandingVeil, veil_before_nda
from office.ways_in import INQUIRY

ANSWER_LABELS = {
    "interested": N_("Interested"),
    "not_now": N_("Not now"),
    "not_my_field": N_("Not my field"),
    "no_capacity": N_("No capacity"),
}
STATE_LABELS = {
    "waiting": N_("Waits for an answer"),
    "answered": N_("Answered"),
    "expired": N_("Expired without an answer"),
    "revoked": N_("Taken back"),
}


class InquiryForm(BaseModel):
    """What the page of a draft sends: the parts of a letter, or the letter, and how it goes out."""

    researcher: str = Field("", max_length=300)
    language: str = Field("", max_length=10)
    work: str = Field("", max_length=1_000)
    sentence: str = Field("", max_length=2_000)
    told: str = Field("", max_length=2_000)
    company: str = Field("", max_length=10)
    wish: str = Field("", max_length=2_000)
    answer_by: str = Field("", max_length=20)
    message: str = Field("", max_length=10_000)
    how: str = Field("", max_length=300)
    once: str = Field("", max_length=100)


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_drafts(router, services)
    _add_asking(router, services)
    _add_what_became(router, services)
    return router


def _add_drafts(router: LazyRouter, services: Services) -> None:
    @router.get("/needs/{need_id:path}/inquiries/new", dependencies=SEARCHES)
    async def begin(
        request: Request,
        viewer: CurrentViewer,
        need_id: str,
        researcher: Annotated[str, Query(max_length=300)] = "",
    ) -> Response:
        load = partial(_page, services, viewer, need_id, researcher)
        page = await anyio.to_thread.run_sync(load)
        person: SeenResearcher = page["person"]
        found = await _evidence(services, viewer, page["need"], person.card.researcher_id)
        language = language_for(person.card)
        values = {
            "language": language,
            "work": found.title if found else "",
            "sentence": found.sentence if found and found.sentence_field == "text" else "",
            "told": may_be_told(page["need"], page["veil"]),
            "company": "",
            "wish": default_wish(language),
            "answer_by": usual_day(services.settings.inquiries).isoformat(),
        }
        return render(request, viewer, "inquiry.html", **page, values=values, message="")

    @router.post("/needs/{need_id:path}/inquiries/draft")
    def draft(
        request: Request, viewer: CurrentViewer, need_id: str, form: Annotated[InquiryForm, Form()]
    ) -> Response:
        page = _page(services, viewer, need_id, form.researcher)
        person = page["person"]
        parts = DraftParts(
            language="en" if form.language == "en" else "ja",
            name=person.card.name("en" if form.language == "en" else "ja"),
            sender=viewer.name,
            work=form.work.strip(),
            sentence=form.sentence.strip(),
            told=form.told.strip(),
            company=_company(page) if form.company else "",
            wish=form.wish.strip() or default_wish(form.language),
            answer_by=_day(services, form.answer_by),
        )
        values = {**vars(form), "language": parts.language}
        return render(
            request, viewer, "inquiry.html", **page, values=values, message=letter_of(parts)
        )


def _add_asking(router: LazyRouter, services: Services) -> None:
    @router.post("/needs/{need_id:path}/inquiries")
    def asked(
        request: Request,
        viewer: CurrentViewer,
        need_id: str,
        form: Annotated[InquiryForm, Form()],
    ) -> Response:
        is_mailed = form.how.startswith("mail ")
        kept = InquiryDraft(
            researcher_id=form.researcher,
            language="en" if form.language == "en" else "ja",
            message=form.message.replace("\r\n", "\n"),
            address=form.how.removeprefix("mail ") if is_mailed else "",
            with_company=bool(form.company),
        )
        settings = services.settings

        def add() -> SentInquiry:
            with writing_as(services.catalogue, viewer) as connection:
                return ask(
                    connection,
                    viewer,
                    need_id,
                    kept,
                    settings=settings.inquiries,
                    mail=settings.mail,
                )

        sent = (need_id, *vars(form).values())
        done = services.form_deduplicator.run_once(viewer, form.once, sent, add)
        if is_mailed:
            return see_other(need_path(need_id), "inquiry-waits")
        with reading_as(services.catalogue, viewer) as connection:
            inquiry = inquiry_of(connection, viewer, done.inquiry_id)
        address = base_url(request, settings.sign_in.public_url)
        link = f"{address}{ANSWERS_PATH}/{done.token}"
        text = with_link(inquiry.message, link, inquiry.expires_at, inquiry.language)
        return render(request, viewer, "inquiry_copy.html", inquiry=inquiry, text=text)


def _add_what_became(router: LazyRouter, services: Services) -> None:
    @router.post("/inquiries/{inquiry_id}/revoke")
    def revoke(viewer: CurrentViewer, inquiry_id: Number) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            kept = revoke_inquiry(connection, viewer, inquiry_id)
        return see_other(need_path(kept.need_id), "inquiry-revoked")

    @router.post("/inquiries/{inquiry_id}/noted")
    def noted(
        viewer: CurrentViewer,
        inquiry_id: Number,
        judged: Annotated[str, Form(alias="judge", max_length=3)] = "",
    ) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            kept = take_note(connection, viewer, inquiry_id)
            if judged and kept.answer == "not_my_field":
                whom = (kept.need_id, kept.researcher_id)
                judge(connection, viewer, Judgement(*whom, "not_suitable", "wrong_field"))
        return see_other(need_path(kept.need_id), "done")


def inquiries_on(
    connection: Connection, viewer: Viewer, need: SeenNeed, services: Services
) -> dict[str, Any]:
    """Return what a need's page shows of its inquiries."""
    inquiries = inquiries_of(connection, viewer, need.need_id)
    now = datetime.now(UTC)
    return {
        "inquiries": inquiries,
        "inquiry_states": {one.inquiry_id: one.state(now) for one in inquiries},
        "inquiry_cards": cards_of(connection, {one.researcher_id for one in inquiries}),
        "inquiry_names": names_of(connection, {one.asked_by for one in inquiries}),
        "inquiry_labels": {**STATE_LABELS, **ANSWER_LABELS},
        "inquiry_limit": services.settings.inquiries.per_person_month,
    }


def _page(services: Services, viewer: Viewer, need_id: str, researcher_id: str) -> dict[str, Any]:
    """Return what the page of a draft shows besides the letter; raises as `check_may_ask` does."""
    require(viewer, INQUIRE)
    settings = services.settings
    with reading_as(services.catalogue, viewer) as connection:
        need = need_of(connection, viewer, need_id)
        check_may_ask(viewer, need)
        person = researcher_of(connection, viewer, researcher_id)
        its_id = person.card.researcher_id
        book = rule_book(settings.screening)
        page = {
            "need": need,
            "person": person,
            "addresses": addresses_of(connection, viewer, its_id),
            "count": asked_lately(connection, its_id, datetime.now(UTC)),
            "findings": screen(connection, viewer, need, [its_id], book).get(its_id, ()),
            "veil": veil_before_nda(connection, viewer, need, its_id),
        }
    note_reading(services.catalogue, viewer, need, "inquiry")
    return {
        **page,
        "limit": settings.inquiries.per_person_month,
        "valid_days": settings.inquiries.valid_days,
        "mails": bool(settings.mail.host) and viewer.viewer_id != LOCAL_ID,
        "last_day": last_day(services.settings.inquiries).isoformat(),
    }


def _company(page: dict[str, Any]) -> str:
    """Return the company as a letter may name it: by what stands for its name while a veil holds."""
    veil: StandingVeil | None = page["veil"]
    return veil.veil.company if veil else str(page["need"].company)


async def _evidence(
    services: Services, viewer: Viewer, need: SeenNeed, researcher_id: str
) -> Evidence | None:
    """Return the public work that says best why a person was found, None for one who was not."""
    matches = await services.matching.match_for(viewer, question_for(need.as_need()), INQUIRY)
    return why_found(matches).get(researcher_id)


def _day(services: Services, given: str) -> date:
    """Return the day by which an answer is wanted; raises InputError unless the link holds then."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise InputError("not a day such as 2027-03-31.", of_field="answer_by") from None
    if not date.today() <= day <= last_day(services.settings.inquiries):
        last = last_day(services.settings.inquiries).isoformat()
        raise InputError("give a day from today to %(last)s.", of_field="answer_by", last=last)
    return day
