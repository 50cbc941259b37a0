"""The routes of asking researchers: drafts of letters, sending them, what was answered."""

from functools import partial
from typing import Annotated, Literal

import anyio
from fastapi import Query, Request, Response
from sqlalchemy import Connection

from api.dependencies import CurrentViewer, Number, PageQuery, Services, link_next, problems
from api.middleware.rate_limits import SEARCHES
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from api.v1.schemas.inquiries import (
    AskedOut,
    InquiriesOut,
    InquiryDraftOut,
    InquiryDraftsIn,
    InquiryDraftsOut,
    InquiryIn,
    InquiryOut,
    NotedIn,
)
from catalogue.database.viewer import Viewer
from catalogue.judgements.judgements import Judgement
from office.access.access_log import note_naming, note_reading
from office.access.rules import INQUIRE, require
from office.access.scoped import reading_as, writing_as
from office.inquiries.asking import ask, check_may_ask, revoke_inquiry, take_note
from office.inquiries.kept import ANSWERS_PATH, inquiries_page, inquiry_of
from office.inquiries.preparing import PreparedLetter, prepare_letters, question_for, why_found
from office.matching import stored_need
from office.needs.judging import judge
from office.needs.reading import need_of
from office.ways_in import INQUIRY

INQUIRIES = "/v1/inquiries"
ONE = f"{INQUIRIES}/{{inquiry_id}}"


class InquiryQuery(PageQuery):
    """Which inquiries are listed."""

    need_id: str = ""
    which: Literal["all", "waiting", "answered", "expired", "revoked"] = "all"


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["inquiries"])
    _add_reading(router, services)
    _add_asking(router, services)
    _add_what_became(router, services)
    return router


def _add_reading(router: Router, services: Services) -> None:
    catalogue = services.catalogue

    @router.get(INQUIRIES, operation_id="listInquiries", responses=problems())
    def inquiries(
        viewer: CurrentViewer,
        request: Request,
        response: Response,
        wanted: Annotated[InquiryQuery, Query()],
    ) -> InquiriesOut:
        """List letters to researchers and their answers, of needs that you see. For the office."""
        with reading_as(catalogue, viewer) as connection:
            page = inquiries_page(
                connection,
                viewer,
                need_id=wanted.need_id,
                which=wanted.which,
                after=wanted.cursor,
                limit=wanted.limit,
            )
        note_naming(catalogue, viewer, {one.need_id for one in page.items}, "inquiry")
        link_next(request, response, page.after)
        shown = [InquiryOut.of(one) for one in page.items]
        return InquiriesOut(items=shown, next_cursor=page.after)

    @router.get(ONE, operation_id="readInquiry", responses=problems(404))
    def read(viewer: CurrentViewer, inquiry_id: Number) -> InquiryOut:
        """Return a letter and its answer."""
        with reading_as(catalogue, viewer) as connection:
            kept = inquiry_of(connection, viewer, inquiry_id)
        note_naming(catalogue, viewer, {kept.need_id}, "inquiry")
        return InquiryOut.of(kept)


def _add_asking(router: Router, services: Services) -> None:
    catalogue, settings = services.catalogue, services.settings

    @router.post(
        "/v1/inquiry-drafts",
        operation_id="draftInquiries",
        dependencies=SEARCHES,
        responses=problems(404, 413),
    )
    async def drafts(viewer: CurrentViewer, request: InquiryDraftsIn) -> InquiryDraftsOut:
        """Prepare a letter to each researcher, to be read and changed; nothing is kept or sent."""
        require(viewer, INQUIRE)
        need = await anyio.to_thread.run_sync(stored_need, catalogue, viewer, request.need_id)
        check_may_ask(viewer, need)
        matches = await services.matching.match_for(viewer, question_for(need.as_need()), INQUIRY)

        def prepared() -> list[PreparedLetter]:
            note_reading(catalogue, viewer, need, "inquiry")
            with reading_as(catalogue, viewer) as connection:
                return prepare_letters(
                    connection,
                    viewer,
                    need.need_id,
                    request.researcher_ids,
                    why_found(matches),
                    settings.inquiries,
                    request.wording(),
                )

        limit = settings.inquiries.per_person_month
        letters = await anyio.to_thread.run_sync(prepared)
        return InquiryDraftsOut(drafts=[InquiryDraftOut.of(one, limit) for one in letters])

    @router.post(
        INQUIRIES,
        operation_id="askResearcher",
        status_code=201,
        response_model=AskedOut,
        responses=problems(404, 409, 413),
    )
    def asked(viewer: CurrentViewer, request: InquiryIn, key: IdempotencyKey = None) -> Response:
        """Send a letter by mail, or keep one that is copied and get its link, this once."""
        require(viewer, INQUIRE)
        with writing_as(catalogue, viewer) as connection:
            make = partial(_made, services, connection, viewer, request)
            still = lambda connection, _: need_of(connection, viewer, request.need_id)  # noqa: E731
            return create_once(connection, viewer, key, ("inquiries", request), make, still=still)


def _made(
    services: Services, connection: Connection, viewer: Viewer, request: InquiryIn
) -> Creation:
    settings = services.settings
    sent = ask(
        connection,
        viewer,
        request.need_id,
        request.draft(),
        settings=settings.inquiries,
        mail=settings.mail,
    )
    kept = vars(InquiryOut.of(inquiry_of(connection, viewer, sent.inquiry_id)))
    link = f"{ANSWERS_PATH}/{sent.token}" if sent.token else ""
    where = {"Location": f"{INQUIRIES}/{sent.inquiry_id}"}
    return Creation(AskedOut(**kept, link=link), where, again=AskedOut(**kept))


def _add_what_became(router: Router, services: Services) -> None:
    catalogue = services.catalogue

    @router.post(f"{ONE}/revoke", operation_id="revokeInquiry", responses=problems(404, 409))
    def revoke(viewer: CurrentViewer, inquiry_id: Number) -> InquiryOut:
        """Take a letter back: its links open nothing any more, and no reminder is sent."""
        with writing_as(catalogue, viewer) as connection:
            return InquiryOut.of(revoke_inquiry(connection, viewer, inquiry_id))

    @router.post(f"{ONE}/noted", operation_id="noteAnswer", responses=problems(404, 409, 413))
    def noted(viewer: CurrentViewer, inquiry_id: Number, said: NotedIn) -> InquiryOut:
        """Say that an answer was read, so that it waits for nobody any more."""
        with writing_as(catalogue, viewer) as connection:
            kept = take_note(connection, viewer, inquiry_id)
            if said.judge and kept.answer == "not_my_field":
                whom = (kept.need_id, kept.researcher_id)
                judge(connection, viewer, Judgement(*whom, "not_suitable", "wrong_field"))
        return InquiryOut.of(kept)
