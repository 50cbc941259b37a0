"""The routes of asking a whole team: a letter to each member, read and changed, and sent one by one."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import Form, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import CurrentViewer, Number, Services
from api.middleware.rate_limits import SEARCHES
from api.pages.inquiries import ANSWER_LABELS, STATE_LABELS
from api.pages.rendering import need_path, render, see_other
from api.routing import LazyRouter
from api.signin.places import base_url
from catalogue.database.viewer import LOCAL_ID, Viewer
from catalogue.identity.links import rows_of
from enmusubi.errors import EnmusubiError, InputError
from enmusubi.messages import Message
from matcher.records import ResearcherCard
from office.access.access_log import note_reading
from office.access.rules import INQUIRE, may, require
from office.access.scoped import reading_as, writing_as
from office.inquiries.asking import InquiryDraft, SentInquiry, ask, check_may_ask
from office.inquiries.kept import ANSWERS_PATH, KeptInquiry, inquiries_of, inquiry_of
from office.inquiries.preparing import PreparedLetter, prepare_letters, question_for, why_found
from office.mail.inquiry_mail import with_link
from office.needs.reading import SeenNeed, need_of
from office.people import cards_of
from office.teams.saving import KeptTeam, team_of
from office.ways_in import INQUIRY

PAGE = "/needs/{need_id:path}/teams/{team_id}/inquiries"
LEAVE_OUT = "nobody"


class TeamLettersForm(BaseModel):
    """The letters of a team's members, in the order of `person`; `how` is as in the form of one letter."""

    person: list[str] = Field(default_factory=list, max_length=20)
    language: list[str] = Field(default_factory=list, max_length=20)
    message: list[str] = Field(default_factory=list, max_length=20)
    how: list[str] = Field(default_factory=list, max_length=20)
    company: str = Field("", max_length=10)
    once: str = Field("", max_length=100)


@dataclass(frozen=True)
class AskedMember:
    """What became of a member's letter: mailed, a text to be copied, or why it did not go out."""

    card: ResearcherCard
    text: str = field(default="", repr=False)
    language: str = "ja"
    fault: Message | None = None


def build_router(services: Services) -> LazyRouter:
    """Return the routes; they come before those of a need's page, whose ids may have slashes."""
    router = LazyRouter(include_in_schema=False)

    @router.get(PAGE, dependencies=SEARCHES)
    async def letters(
        request: Request, viewer: CurrentViewer, need_id: str, team_id: Number
    ) -> Response:
        require(viewer, INQUIRE)
        read = partial(_read, services, viewer, need_id, team_id)
        need, team = await anyio.to_thread.run_sync(read)
        matches = await services.matching.match_for(viewer, question_for(need.as_need()), INQUIRY)
        found = why_found(matches)

        def prepared() -> list[PreparedLetter]:
            note_reading(services.catalogue, viewer, need, "inquiry")
            with reading_as(services.catalogue, viewer) as connection:
                return prepare_letters(
                    connection, viewer, need_id, team.ids, found, services.settings.inquiries
                )

        shown = await anyio.to_thread.run_sync(prepared)
        return _page(services, request, viewer, need, team, letters=shown)

    @router.post(PAGE)
    def asked(
        request: Request,
        viewer: CurrentViewer,
        need_id: str,
        team_id: Number,
        form: Annotated[TeamLettersForm, Form()],
    ) -> Response:
        need, team = _read(services, viewer, need_id, team_id)
        sent = ("team letters", need_id, str(team_id), *form.person, *form.message, *form.how)
        send = partial(_send_all, services, request, viewer, need, team, form)
        results = services.form_deduplicator.run_once(viewer, form.once, sent, send)
        if results and not any(one.text or one.fault for one in results):
            return see_other(f"{need_path(need_id)}/teams/{team_id}", "inquiry-waits")
        return _page(services, request, viewer, need, team, results=results)

    return router


def answers_of(services: Services, viewer: Viewer, need: SeenNeed) -> dict[str, Any]:
    """Return what a team's page says of its members' inquiries: the newest of each, by researcher."""
    if not may(viewer, INQUIRE):
        return {"asked": {}, "asked_states": {}, "inquiry_labels": {}}
    with reading_as(services.catalogue, viewer) as connection:
        newest: dict[str, KeptInquiry] = {}
        kept = inquiries_of(connection, viewer, need.need_id)
        present = rows_of(connection, {one.researcher_id for one in kept})
        for one in kept:  # of people who were joined since, too
            newest.setdefault(present.get(one.researcher_id, one.researcher_id), one)
    now = datetime.now(UTC)
    states = {person: one.answer or one.state(now) for person, one in newest.items()}
    labels = {**STATE_LABELS, **ANSWER_LABELS}
    return {"asked": newest, "asked_states": states, "inquiry_labels": labels}


def _read(
    services: Services, viewer: Viewer, need_id: str, team_id: int
) -> tuple[SeenNeed, KeptTeam]:
    require(viewer, INQUIRE)
    with reading_as(services.catalogue, viewer) as connection:
        need = need_of(connection, viewer, need_id)
        check_may_ask(viewer, need)
        return need, team_of(connection, viewer, need_id, team_id)


def _page(
    services: Services,
    request: Request,
    viewer: Viewer,
    need: SeenNeed,
    team: KeptTeam,
    **shown: Any,
) -> Response:
    settings = services.settings
    return render(
        request,
        viewer,
        "team_inquiries.html",
        need=need,
        kept=team,
        cards={card.researcher_id: card for card in team.members},
        letters=shown.get("letters", ()),
        results=shown.get("results", ()),
        limit=settings.inquiries.per_person_month,
        valid_days=settings.inquiries.valid_days,
        mails=bool(settings.mail.host) and viewer.viewer_id != LOCAL_ID,
        leave_out=LEAVE_OUT,
    )


def _send_all(  # noqa: PLR0917 - what a form sends, and who sent it
    services: Services,
    request: Request,
    viewer: Viewer,
    need: SeenNeed,
    team: KeptTeam,
    form: TeamLettersForm,
) -> list[AskedMember]:
    """Ask each member by a transaction of its own: one who may not be asked holds nobody else back."""
    rows = (form.person, form.language, form.message, form.how)
    if len({len(row) for row in rows}) != 1 or not set(form.person) <= set(team.ids):
        raise InputError("The team was changed meanwhile. Open its letters again.")
    with services.catalogue.reading() as connection:
        cards = cards_of(connection, form.person)
    results = []
    for person, language, message, how in zip(*rows, strict=True):
        if how == LEAVE_OUT or person not in cards:
            continue
        draft = InquiryDraft(
            researcher_id=person,
            language="en" if language == "en" else "ja",
            message=message.replace("\r\n", "\n"),
            address=how.removeprefix("mail ") if how.startswith("mail ") else "",
            with_company=bool(form.company),
        )
        try:
            text = _send(services, request, viewer, need.need_id, draft)
            results.append(AskedMember(cards[person], text, draft.language))
        except EnmusubiError as error:
            results.append(AskedMember(cards[person], draft.message, draft.language, error.message))
    return results


def _send(
    services: Services, request: Request, viewer: Viewer, need_id: str, draft: InquiryDraft
) -> str:
    """Ask one person; returns the text to be copied, empty for one that is mailed."""
    settings = services.settings
    with writing_as(services.catalogue, viewer) as connection:
        sent: SentInquiry = ask(
            connection,
            viewer,
            need_id,
            draft,
            settings=settings.inquiries,
            mail=settings.mail,
        )
        if not sent.token:
            return ""
        kept = inquiry_of(connection, viewer, sent.inquiry_id)
    link = f"{base_url(request, settings.sign_in.public_url)}{ANSWERS_PATH}/{sent.token}"
    return with_link(kept.message, link, kept.expires_at, kept.language)
