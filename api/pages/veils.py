"""The pages of a need's veil: its marks with what each costs, the text to be shown, and the decision."""

from datetime import UTC, datetime
from typing import Annotated, Any

import anyio
from fastapi import Form, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import CurrentViewer, Services
from api.middleware.rate_limits import SEARCHES
from api.pages.rendering import need_path, render, see_other
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError, StaleVersionError
from enmusubi.messages import N_
from matcher.veiling.cues import TERM
from matcher.veiling.marking import replaced
from office.access.access_log import note_reading
from office.access.rules import VEIL, require
from office.access.scoped import reading_as, writing_as
from office.inquiries.kept import inquiries_of
from office.needs.reading import SeenNeed, need_of
from office.people import names_of
from office.veil.deciding import (
    DecidedMark,
    VeilDraft,
    check_may_veil,
    decide_veil,
    letters_that_tell,
    revoke_veil,
    veil_of,
)
from office.veil.finding import fields_of, price, propose_veil
from office.veil.secrets import leaked

MARK_LABELS = {
    "company": N_("Company's name"),
    "person": N_("Person's name"),
    "contact": N_("Address"),
    "product": N_("Name of a product or thing"),
    "place": N_("Place"),
    "number": N_("Quantity"),
    "term": N_("Rare term"),
}
Said = Annotated[list[str], Field(max_length=200)]


class MarksForm(BaseModel):
    """Marks as a page sends them: lists of equal length, and the places of those that are secret."""

    said: Said = []
    kind: Said = []
    identifies: Said = []
    instead: Said = []
    secret: Said = []
    more: str = Field("", max_length=5_000)
    company: str = Field("", max_length=2_000)
    version: str = Field("", max_length=200)

    def marks(self) -> list[DecidedMark]:
        """Return the marks; raises InputError where the lists differ in length."""
        if len({len(one) for one in (self.said, self.kind, self.identifies, self.instead)}) > 1:
            raise InputError("The form is not whole. Load the page again and repeat.")
        rows = zip(self.said, self.kind, self.identifies, self.instead, strict=True)
        return [
            DecidedMark(said, kind, str(at) in self.secret, instead.strip(), _number(worth))
            for at, (said, kind, worth, instead) in enumerate(rows)
        ] + [
            DecidedMark(line.strip(), TERM, is_secret=True, instead="…", identifies=100)
            for line in self.more.splitlines()
            if line.strip()
        ]


class VeilForm(MarksForm):
    """The marks with the texts as they may be shown."""

    title: str = Field("", max_length=5_000)
    text: str = Field("", max_length=1_000_000)
    constraints: str = Field("", max_length=1_000_000)
    horizon: str = Field("", max_length=5_000)

    def draft(self) -> VeilDraft:
        """Return the veil; raises InputError."""
        texts = {
            name: getattr(self, name).replace("\r\n", "\n")
            for name in ("title", "text", "constraints", "horizon", "company")
        }
        return VeilDraft(**texts, marks=self.marks(), version=self.version)


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_marks(router, services)
    _add_decision(router, services)
    return router


def _add_marks(router: LazyRouter, services: Services) -> None:
    @router.get("/needs/{need_id:path}/veil", dependencies=SEARCHES)
    async def marks(request: Request, viewer: CurrentViewer, need_id: str) -> Response:
        shared = await anyio.to_thread.run_sync(_shared, services, viewer, need_id)
        found = None
        if shared["need"].may_change:
            found = await propose_veil(services.matching, viewer, shared["need"])
        return render(request, viewer, "veil.html", **shared, found=found, draft=None)

    @router.post("/needs/{need_id:path}/veil/draft", dependencies=SEARCHES)
    async def draft(
        request: Request, viewer: CurrentViewer, need_id: str, form: Annotated[VeilForm, Form()]
    ) -> Response:
        shared = await anyio.to_thread.run_sync(_shared, services, viewer, need_id)
        need: SeenNeed = shared["need"]
        check_may_veil(viewer, need)
        decided = form.marks()
        instead = {mark.said: mark.instead or "…" for mark in decided if mark.is_secret}
        texts = {name: replaced(text, instead) for name, text in fields_of(need).items()}
        return await _draft_page(
            request,
            viewer,
            services,
            shared,
            form.model_copy(update={**texts, "more": ""}),
            decided,
        )

    @router.post("/needs/{need_id:path}/veil/price", dependencies=SEARCHES)
    async def priced(
        request: Request, viewer: CurrentViewer, need_id: str, form: Annotated[VeilForm, Form()]
    ) -> Response:
        shared = await anyio.to_thread.run_sync(_shared, services, viewer, need_id)
        check_may_veil(viewer, shared["need"])
        return await _draft_page(request, viewer, services, shared, form, form.marks())


def _add_decision(router: LazyRouter, services: Services) -> None:
    max_chars = services.settings.need.max_chars

    @router.post("/needs/{need_id:path}/veil")
    async def decide(
        request: Request, viewer: CurrentViewer, need_id: str, form: Annotated[VeilForm, Form()]
    ) -> Response:
        def keep() -> None:
            with writing_as(services.catalogue, viewer) as connection:
                decide_veil(connection, viewer, need_id, form.draft(), max_chars=max_chars)

        try:
            await anyio.to_thread.run_sync(keep)
        except (InputError, StaleVersionError) as error:  # what was typed stays
            shared = await anyio.to_thread.run_sync(_shared, services, viewer, need_id)
            check_may_veil(viewer, shared["need"])
            return await _draft_page(
                request, viewer, services, shared, form, form.marks(), fault=error.message
            )
        return see_other(f"{need_path(need_id)}/veil", "saved")

    @router.post("/needs/{need_id:path}/veil/revoke")
    def revoke(viewer: CurrentViewer, need_id: str) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            revoke_veil(connection, viewer, need_id)
        return see_other(f"{need_path(need_id)}/veil", "removed")


async def _draft_page(  # noqa: PLR0917 - what every page has, then what this one is of
    request: Request,
    viewer: Viewer,
    services: Services,
    shared: dict[str, Any],
    form: VeilForm,
    marks: list[DecidedMark],
    **more: Any,
) -> Response:
    """Return the page of the text before it is decided on: what it costs, and what it still says."""
    secrets = [mark.said for mark in marks if mark.is_secret]
    texts = [form.title, form.text, form.constraints, form.horizon, form.company]
    cost = await price(services.matching, viewer, shared["need"], form.title, form.text)
    page = {**shared, "draft": form, "marks": marks, "cost": cost, "found": None, **more}
    page["telling"] = leaked(texts, secrets)
    return render(request, viewer, "veil.html", 422 if more.get("fault") else 200, **page)


def _shared(services: Services, viewer: Viewer, need_id: str) -> dict[str, Any]:
    """Return what every state of the page shows, the reading noted."""
    require(viewer, VEIL)  # before the need is looked for: a role is told the same of every id
    with reading_as(services.catalogue, viewer) as connection:
        need = need_of(connection, viewer, need_id)
        standing = veil_of(connection, viewer, need)
        telling: tuple[int, ...] = ()
        if standing:
            letters = {
                one.inquiry_id: one.message
                for one in inquiries_of(connection, viewer, need_id)
                if one.state(datetime.now(UTC)) == "waiting"
            }
            telling = letters_that_tell(connection, standing.veil, letters)
        by = standing.veil.decided_by if standing else ""
        names = names_of(connection, {by} - {""})
    note_reading(services.catalogue, viewer, need, "veil")
    return {
        "need": need,
        "standing": standing,
        "letters": telling,
        "names": names,
        "mark_labels": MARK_LABELS,
        "fault": None,
        "telling": (),
    }


def _number(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 4 else 0
